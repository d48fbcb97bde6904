"""How a frame gets onto a connection: the plain way of ASGI, which every server knows.

The servers that ``manage.py serve`` starts offer a shorter one in ``scope["wire"]`` (core/socket_servers.py).
"""

import struct
from collections.abc import Awaitable, Callable
from typing import Any

_FINAL_TEXT = 0x81
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Frame:
    """One text frame for any number of sockets, brought into the form of the wire once for all of them."""

    __slots__ = ("_framed", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._framed: bytes | None = None

    @property
    def framed(self) -> bytes:
        """The unmasked, uncompressed text frame of RFC 6455 §5.2, as a server sends it."""
        if self._framed is None:
            payload = self.text.encode()
            size = len(payload)
            if size < 126:
                head = struct.pack("!BB", _FINAL_TEXT, size)
            elif size < 2**16:
                head = struct.pack("!BBH", _FINAL_TEXT, 126, size)
            else:
                head = struct.pack("!BBQ", _FINAL_TEXT, 127, size)
            self._framed = head + payload
        return self._framed


class Wire:
    """The way to one client, by any ASGI server. Each frame is a task's work, because ``send`` has to be awaited."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def write(self, frame: Frame) -> bool:
        """Write at once, if the client takes what was written before; False where the frame has to wait."""
        return False

    async def send(self, frame: Frame) -> None:
        """Write as soon as the client takes it."""
        await self._send({"type": "websocket.send", "text": frame.text})

    def hang_up(self, code: int) -> bool:
        """Close at once, also where the client takes nothing; False where ``close`` has to be awaited."""
        return False

    async def close(self, code: int) -> None:
        await self._send({"type": "websocket.close", "code": code})

    def abort(self) -> None:
        """Drop the connection with all that waits in it, where the server can."""
