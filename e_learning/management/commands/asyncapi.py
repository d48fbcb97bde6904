"""``manage.py asyncapi``: every socket of the platform as an AsyncAPI 3.0 document, made from the frames themselves."""

import json
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any, get_args

import msgspec
from django.conf import settings
from django.core.management import BaseCommand, CommandError

from attendance import frames as attendance
from chatbot.conversations import frames as tutor
from community.chat import frames as chat
from community.notifications import frames as notifications
from courses.learning import frames as progress
from e_learning.core.sockets import ErrorFrame

#: Why the server closes, as docs/realtime.md explains it.
CLOSE_CODES = {
    1009: "A frame over 16 KB.",
    1011: "Something failed on our side: come back later.",
    1012: "The server restarts: come back after a moment taken at random.",
    4401: "No token, a bad or expired one, or its session has ended.",
    4403: "Not a member, or not any more.",
    4404: "There is no such room, or none to know of.",
    4408: "Too slow to read: come back and sync.",
    4429: "Too many messages, or too many frames.",
}


#: What happens between two people arrives at each of their devices.
DIRECT = chat.ChatMessage | chat.MessageEdited | chat.MessageDeleted | chat.Receipt


@dataclass(frozen=True, slots=True)
class Socket:
    """One kind of socket: where it is, and what goes either way."""

    address: str
    title: str
    takes: Any
    sends: Any
    #: What frames carry and can't name by themselves.
    parts: tuple[Any, ...] = ()


SOCKETS = {
    "chat": Socket(
        "/ws/community/chat/{community_id}/",
        "The chat of one community",
        chat.ClientFrame,
        chat.ServerFrame | ErrorFrame,
        (chat.MessageShown, chat.DeletedMessage),
    ),
    "notifications": Socket(
        "/ws/notifications/",
        "What concerns one person: notifications, and messages between two people",
        notifications.NotificationClientFrame,
        notifications.NotificationServerFrame | DIRECT | ErrorFrame,
    ),
    "progress": Socket(
        "/ws/progress/{course_id}/",
        "Progress in a course: a learner's own devices, and who teaches it",
        progress.UpdateProgress,
        progress.UserProgress | ErrorFrame,
    ),
    "attendance": Socket(
        "/ws/attendance/{session_id}/",
        "How many are in a class, for who teaches it",
        attendance.Ping,
        attendance.AttendanceServerFrame | ErrorFrame,
    ),
    "tutor": Socket(
        "/ws/chatbot/{conversation_id}/",
        "One conversation with the tutor: a learner's own devices",
        tutor.Question,
        tutor.Said | ErrorFrame,
        (tutor.TutorCitation,),
    ),
}


class Command(BaseCommand):
    help = "Print the AsyncAPI document of all sockets. docs/asyncapi.json is its output; a test keeps them in step."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(document(), indent=1, ensure_ascii=False))


def document() -> dict[str, Any]:
    """Return the document. The platform is the application described: it receives what clients send."""
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for name, socket in SOCKETS.items():
        for action, union in (("receive", socket.takes), ("send", socket.sends)):
            frames = get_args(union) or (union,)
            schemas |= msgspec.json.schema_components(
                (*frames, *socket.parts), ref_template="#/components/schemas/{name}"
            )[1]
            messages |= {_message_name(name, action, frame): _message(frame) for frame in frames}
            operations[f"{name}.{action}"] = _operation(name, action, frames)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{settings.SPECTACULAR_SETTINGS['TITLE']}: sockets",
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "description": "Frames are JSON texts. What is promised, and how a client recovers: docs/realtime.md.",
        },
        "servers": {"platform": {"host": "localhost:8000", "protocol": "wss", "security": _SECURITY}},
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, socket) for name, socket in SOCKETS.items()},
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas, "securitySchemes": _SECURITY_SCHEMES},
    }


def _add(schemas: dict[str, Any], types: tuple[Any, ...]) -> None:
    for name, schema in msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")[1].items():
        if schemas.setdefault(name, schema) != schema:
            raise CommandError(f"Two different frames are called {name}.")


_SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "ticket": {
        "type": "httpApiKey",
        "in": "query",
        "name": "ticket",
        "description": "One use, 30 s, from POST /api/accounts/ws-ticket/: for clients that can't send headers.",
    },
}
_SECURITY = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SECURITY_SCHEMES]


def _channel(name: str, socket: Socket) -> dict[str, Any]:
    parameters = [part[1:-1] for part in socket.address.split("/") if part.startswith("{")]
    both = (("receive", socket.takes), ("send", socket.sends))
    names = [_message_name(name, action, frame) for action, union in both for frame in get_args(union) or (union,)]
    return {
        "address": socket.address,
        "title": socket.title,
        "description": "Accepted first and then closed, so that the client sees why (x-close-codes).",
        "parameters": {parameter: {"description": "An id."} for parameter in parameters},
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in names},
        "x-close-codes": {str(code): why for code, why in CLOSE_CODES.items()},
    }


def _operation(name: str, action: str, frames: tuple[Any, ...]) -> dict[str, Any]:
    there = f"#/channels/{name}/messages"
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"{there}/{_message_name(name, action, frame)}"} for frame in frames],
    }


def _message_name(name: str, action: str, frame: Any) -> str:
    return f"{name}.{'from' if action == 'receive' else 'to'}_client.{frame.__struct_config__.tag}"


def _message(frame: Any) -> dict[str, Any]:
    said = (frame.__doc__ or "").strip()
    described = {"summary": cleandoc(said)} if said and not said.startswith(f"{frame.__name__}(") else {}
    return {
        "name": frame.__struct_config__.tag,
        **described,
        "payload": {"$ref": f"#/components/schemas/{frame.__name__}"},
    }
