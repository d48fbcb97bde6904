"""ws/chatbot/: a learner asks, and each of their devices hears the answer."""

from typing import Any

import pytest

from accounts.models import CustomUser
from chatbot.models import Conversation
from tests.chatbot.conversations.conftest import QUESTION
from tests.core.realtime.rooms import socket_to
from tests.factories.people import token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(60)]


@pytest.fixture
def tokens(bilal: CustomUser, chitra: CustomUser, asha: CustomUser) -> dict[str, str]:
    return {"bilal": token_for(bilal), "chitra": token_for(chitra), "asha": token_for(asha)}


async def until_done(socket: Any) -> list[dict[str, Any]]:
    frames = [await socket.receive_json_from(timeout=10)]
    while frames[-1]["type"] not in ("done", "error"):
        frames.append(await socket.receive_json_from(timeout=10))
    return frames


async def test_all_devices_hear_the_answer(conversation: Conversation, tokens: dict[str, str]) -> None:
    sockets = [socket_to(f"/ws/chatbot/{conversation.pk}/", tokens["bilal"]) for _ in range(2)]
    for socket in sockets:
        assert (await socket.connect())[0]
    await sockets[0].send_json_to({"type": "question", "content": QUESTION})

    heard = [await until_done(socket) for socket in sockets]
    assert heard[0] == heard[1]
    *deltas, cited, done = heard[0]
    assert {frame["type"] for frame in deltas} == {"delta"}
    assert "".join(frame["content"] for frame in deltas) == done["content"]
    assert (cited["type"], done["type"], done["state"]) == ("citation", "done", "complete")

    await sockets[0].send_json_to({"type": "question", "content": "   "})
    assert (await sockets[0].receive_json_from())["code"] == "invalid_question"
    for socket in sockets:
        await socket.disconnect()


@pytest.mark.parametrize("name", ["chitra", "asha"])
async def test_it_is_nobody_elses(conversation: Conversation, tokens: dict[str, str], name: str) -> None:
    socket = socket_to(f"/ws/chatbot/{conversation.pk}/", tokens[name])
    assert (await socket.connect())[0]
    assert await socket.receive_output() == {"type": "websocket.close", "code": 4404}
