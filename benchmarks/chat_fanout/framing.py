"""WebSocket framing (RFC 6455), as little as a load client and a bare server need: whole frames, one a message."""

import struct
from base64 import b64encode
from hashlib import sha1

CLOSE, PING, PONG = 0x88, 0x89, 0x8A
TEXT = 0x81
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#: A client's frames are masked. A key of zeros is as good as any to whom we measure: it is undone all the same.
_MASK = bytes(4)


def frame(payload: bytes, *, opcode: int = TEXT, masked: bool = False) -> bytes:
    """Return one whole frame, as a server writes it, or ``masked`` as a client does."""
    bit, key = (0x80, _MASK) if masked else (0, b"")
    size = len(payload)
    if size < 126:
        return bytes((opcode, bit | size)) + key + payload
    if size < 65536:
        return struct.pack("!BBH", opcode, bit | 126, size) + key + payload
    return struct.pack("!BBQ", opcode, bit | 127, size) + key + payload


def bounds(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the payload of the unmasked frame at ``at`` begins and ends; None while some of it is missing."""
    have = len(data) - at
    if have < 2:
        return None
    size, begin = data[at + 1], at + 2
    if size == 126:
        if have < 4:
            return None
        size, begin = data[at + 2] << 8 | data[at + 3], at + 4
    elif size == 127:
        if have < 10:
            return None
        size, begin = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
    end = begin + size
    return (begin, end) if end <= len(data) else None


def handshake(port: int, path: str, headers: dict[str, str]) -> bytes:
    """Return the request that opens a socket at ``path``."""
    asked = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(bytes(16)).decode(),
        **headers,
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items()), "", ""]
    return "\r\n".join(lines).encode()


def accepted(key: bytes) -> bytes:
    """Return what a server answers to ``key`` as ``Sec-WebSocket-Accept``."""
    return b64encode(sha1(key + _MAGIC, usedforsecurity=False).digest())
