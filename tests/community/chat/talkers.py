"""People with sockets in one community, without a server: the whole application answers in the test's own loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from channels.testing import WebsocketCommunicator

from accounts.models import CustomUser
from community.models import ChatRoom, CommunityGroup
from tests.core.realtime.rooms import PATIENCE_SECONDS, socket_to


class Talker:
    """One socket, as its client sees it."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket

    async def send(self, frame: dict[str, Any] | str) -> None:
        if isinstance(frame, str):
            await self.socket.send_to(text_data=frame)
        else:
            await self.socket.send_json_to(frame)

    async def say(self, text: str, **fields: Any) -> str:
        """Send a message; returns its ``client_id``."""
        client_id = str(uuid4())
        await self.send({"type": "chat_message", "message": text, "client_id": client_id} | fields)
        return client_id

    async def expect(self, kind: str, *, within: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """Return the next frame of this type; others before it are dropped."""
        async with asyncio.timeout(within):
            while (frame := await self.socket.receive_json_from(timeout=within))["type"] != kind:
                pass
        return dict(frame)

    async def hears_of(self, kind: str) -> bool:
        """Say whether a frame of this type came before the answer to a ping."""
        await self.send({"type": "ping"})
        kinds = []
        while (frame := await self.socket.receive_json_from())["type"] != "pong":
            kinds.append(frame["type"])
        return kind in kinds

    async def closed_with(self, *, within: float = PATIENCE_SECONDS) -> int:
        async with asyncio.timeout(within):
            while (event := await self.socket.receive_output(timeout=within))["type"] != "websocket.close":
                pass
        return int(event["code"])


@dataclass
class Scene:
    """Asha's community with Bilal in it, its room, and tokens for everybody."""

    community: CommunityGroup
    room: ChatRoom
    people: dict[str, CustomUser]
    tokens: dict[str, str]

    @property
    def path(self) -> str:
        return f"/ws/community/chat/{self.community.pk}/"

    def knock(self, name: str) -> Talker:
        return Talker(socket_to(self.path, self.tokens[name]))

    @asynccontextmanager
    async def inside(self, *names: str) -> AsyncIterator[list[Talker]]:
        """Open a socket for each name, one after the other; what they heard by coming in is read already."""
        talkers = [self.knock(name) for name in names]
        for talker in talkers:
            assert (await talker.socket.connect())[0]
            await talker.expect("presence")
        for talker in talkers:
            await talker.hears_of("user_joined")
        try:
            yield talkers
        finally:
            for talker in talkers:
                await talker.socket.disconnect()
