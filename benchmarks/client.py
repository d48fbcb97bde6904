"""The load generator where there is no wrk: keep-alive connections that replay prepared requests.

    python -m benchmarks.client PORT FILE SECONDS CONNECTIONS

It reads the same file and ends with the same line of JSON as ``replay.lua``. It looks at nothing
of an answer but its status and length, which is all that a load generator needs to go on.
"""

import asyncio
import itertools
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import uvloop

from benchmarks.traffic import read_requests

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """One connection that has always exactly one request under way."""

    def __init__(self, waiting: Iterator[bytes], until: float) -> None:
        self.waiting = waiting
        self.until = until
        self.received = b""
        self.latencies: list[float] = []
        self.failed = 0
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class, which is none of asyncio's
        self._send()

    def _send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(next(self.waiting))

    def data_received(self, data: bytes) -> None:
        self.received += data
        head = self.received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self.received, 0, head)
        if len(self.received) < head + 4 + (int(length[1]) if length else 0):
            return
        now = time.perf_counter()
        self.latencies.append(now - self.sent_at)
        self.failed += self.received[9:10] > b"3"
        self.received = b""
        if now < self.until:
            self._send()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self.until:
            self.failed += 1
        self.ended.set_result(None)


async def replay(port: int, requests: list[bytes], seconds: float, connections: int) -> dict[str, float]:
    started = time.perf_counter()
    waiting = itertools.cycle(requests)
    made = [
        await asyncio.get_running_loop().create_connection(
            lambda: Connection(waiting, started + seconds), "127.0.0.1", port
        )
        for _number in range(connections)
    ]
    await asyncio.gather(*(connection.ended for _transport, connection in made))
    latencies = sorted(latency for _transport, connection in made for latency in connection.latencies)
    return {
        "answered": len(latencies),
        "seconds": time.perf_counter() - started,
        "failed": sum(connection.failed for _transport, connection in made),
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    port, file, seconds, connections = sys.argv[1:]
    print(json.dumps(uvloop.run(replay(int(port), read_requests(Path(file)), float(seconds), int(connections)))))
