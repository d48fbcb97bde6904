"""The bare server that shows what the load client can take: it speaks like the product, stores nothing, asks nothing.

    python -m benchmarks.chat_fanout.floor PORT

Each message is encoded once and its frame written to every socket of the room.
"""

import asyncio
import json
import re
import sys
from collections import defaultdict
from typing import cast

import uvloop

from benchmarks.chat_fanout.framing import CLOSE, TEXT, accepted, frame

_KEY = re.compile(rb"sec-websocket-key: *(\S+)", re.IGNORECASE)
_ROOM = re.compile(rb"/ws/community/chat/(\d+)/")
_READY = frame(json.dumps({"type": "presence", "online": []}).encode())
_last_numbers: dict[int, int] = defaultdict(int)
rooms: dict[int, set["Member"]] = defaultdict(set)


class Member(asyncio.Protocol):
    """One socket. Before its handshake ``room_id`` is 0."""

    room_id = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.room_id:
            self._read_frames()
        elif b"\r\n\r\n" in self.received:
            self._open()

    def _open(self) -> None:
        head, _end, self.received = self.received.partition(b"\r\n\r\n")
        key, room = _KEY.search(head), _ROOM.search(head)
        if key is None or room is None:
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            self.transport.close()
            return
        upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.transport.write(upgrade + b"Sec-WebSocket-Accept: " + accepted(key[1]) + b"\r\n\r\n" + _READY)
        self.room_id = int(room[1])
        rooms[self.room_id].add(self)
        self._read_frames()

    def _read_frames(self) -> None:
        # Only what the load client writes: whole text frames under 64 KB, masked with zeros.
        while len(self.received) >= 8:
            size, begin = self.received[1] & 0x7F, 6
            if size == 126:
                size, begin = int.from_bytes(self.received[2:4], "big"), 8
            if len(self.received) < begin + size:
                return
            opcode, payload = self.received[0], self.received[begin : begin + size]
            self.received = self.received[begin + size :]
            if opcode == CLOSE:
                self.transport.close()
            elif opcode == TEXT:
                self._tell(json.loads(payload))

    def _tell(self, asked: dict[str, str]) -> None:
        _last_numbers[self.room_id] += 1
        shown: dict[str, object] = {
            "type": "chat_message",
            "message_id": 1,
            "seq": _last_numbers[self.room_id],
            "client_id": asked["client_id"],
            "community_id": self.room_id,
            "message": asked["message"],
            "message_type": "text",
            "sender_id": 1,
            "sender_name": "Somebody",
            "status": "sent",
        }
        self._deliver(shown)

    def _deliver(self, shown: dict[str, object]) -> None:
        framed = frame(json.dumps(shown).encode())
        for member in rooms[self.room_id]:
            member.transport.write(framed)

    def connection_lost(self, error: Exception | None) -> None:
        rooms[self.room_id].discard(self)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Member, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
