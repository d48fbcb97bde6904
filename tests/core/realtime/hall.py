"""A hall to shout in: the socket that the tests beside it talk to, among the platform's own."""

from typing import Any

import msgspec
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

from accounts.signin.sockets import SignedInSockets
from attendance.routing import websocket_urlpatterns as attendance_sockets
from courses.routing import websocket_urlpatterns
from e_learning.core.api.errors import NotThere
from e_learning.core.realtime import Push, encoded, push_now
from e_learning.core.sockets import BrowserOrigins, Id, NoSuchRoom, RoomSocket


class Shout(msgspec.Struct, tag_field="type", tag="shout"):
    """Say something to everybody, so many times, ``size`` characters long."""

    text: str
    client_id: str | None = None
    size: int = 0
    times: int = 1


class LookAt(msgspec.Struct, tag_field="type", tag="look_at"):
    """Look at a thing: there is every thing but 404."""

    thing_id: Id
    client_id: str | None = None


class Hall(RoomSocket):
    frames = Shout | LookAt

    async def enter(self) -> str:
        return "hall"

    async def on_frame(self, frame: Shout | LookAt) -> None:
        if isinstance(frame, LookAt):
            if frame.thing_id == 404:
                raise NotThere
            return self.answer({"type": "seen", "thing_id": frame.thing_id})
        text = encoded({"type": "said", "text": frame.text, "filling": "x" * frame.size, "by": self.user_id})
        return push_now(*[Push("hall", text)] * frame.times)


def application_with(http_application: Any) -> Any:
    """Return the platform's application with the hall at ``/ws/hall/``, for any origin."""
    routes = [
        path("ws/hall/", Hall.as_asgi()),
        *websocket_urlpatterns,
        *attendance_sockets,
        re_path(r"", NoSuchRoom.as_asgi()),
    ]
    sockets = BrowserOrigins(SignedInSockets(URLRouter(routes)), [])
    return ProtocolTypeRouter({"http": http_application, "websocket": sockets})
