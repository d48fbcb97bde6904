"""A real client of real sockets, for tests of every room.

    with running_platform() as platform:                        # tests/flows/platform.py, or tests/core/processes.py
        token = sign_in(platform.address, "bilal@demo.example")
        async with connect(platform.address, "/ws/community/chat/1/", token) as socket:
            await socket.send({"type": "chat_message", "message": "Hello", "client_id": str(uuid4())})
            acknowledged = await socket.expect("chat_message")  # frames of other types in between are kept in .others
            assert await socket.closed_with() == 4403           # the code that the server closes with

``connect(…, token=None, ticket=…, headers=…, subprotocols=…)`` for other ways of signing in.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_connection
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

WAIT_SECONDS = 20.0


class Socket:
    """One open socket. ``others`` are the frames that came while another type was waited for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.others: list[dict[str, Any]] = []

    async def send(self, frame: dict[str, Any] | str | bytes) -> None:
        """Send a frame; text and bytes go as they are, right or wrong."""
        await self.connection.send(json.dumps(frame) if isinstance(frame, dict) else frame)

    async def next(self, *, within: float = WAIT_SECONDS) -> dict[str, Any]:
        """Return the next frame of any type."""
        async with asyncio.timeout(within):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        return frame

    async def expect(self, kind: str, *, within: float = WAIT_SECONDS) -> dict[str, Any]:
        """Return the next frame of type ``kind``."""
        async with asyncio.timeout(within):
            while (frame := await self.next(within=within))["type"] != kind:
                self.others.append(frame)
        return frame

    async def hears_nothing(self, *, seconds: float = 0.5) -> bool:
        """Say whether no frame at all comes for so long."""
        try:
            self.others.append(await self.next(within=seconds))
        except TimeoutError:
            return True
        return False

    async def closed_with(self, *, within: float = WAIT_SECONDS) -> int | None:
        """Wait until the server has closed, and return its code; frames before that are kept in ``others``."""
        try:
            async with asyncio.timeout(within):
                while True:
                    self.others.append(await self.next(within=within))
        except ConnectionClosed:
            return self.connection.close_code


@asynccontextmanager
async def connect(
    address: str,
    path: str,
    token: str | None = None,
    *,
    ticket: str | None = None,
    subprotocols: list[str] | None = None,
    headers: dict[str, str] | None = None,
    **options: Any,
) -> AsyncIterator[Socket]:
    """Open ``path`` at ``address`` (``http://host:port``, or ``host:port``) as the app does, by a Bearer header."""
    where = f"ws://{address.removeprefix('http://')}{path}" + (f"?ticket={ticket}" if ticket else "")
    sent = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    offered = [Subprotocol(name) for name in subprotocols] if subprotocols else None
    # No answer to our pings ends a test sooner than a dead server would.
    given: dict[str, Any] = {"compression": None, "max_size": 2**22, "proxy": None, **options}
    async with open_connection(where, additional_headers=sent, subprotocols=offered, **given) as connection:
        yield Socket(connection)


def sign_in(address: str, email: str, password: str = "learn-with-asha") -> str:
    """Return an access token of a person of the demo school."""
    answer = httpx.post(f"{address}/api/accounts/login/", json={"email": email, "password": password}, timeout=20)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token
