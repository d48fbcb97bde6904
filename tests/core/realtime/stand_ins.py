"""Stand-ins at the edges of the hub: a socket that writes down what it is told, and a Redis of one's own."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import redis
from django.conf import settings

from e_learning.core.api.tokens import AccessClaims
from e_learning.core.socket_wires import Frame
from tests.core.stand_ins import free_port


class Ear:
    """What the hub and its watch see of a socket. ``out`` are those whose place was taken from them."""

    out: ClassVar[dict[int, int]] = {}
    hears_everybody = False

    def __init__(self, user_id: int = 5, *, session_id: int = 1, expires_at: float = 2**40) -> None:
        self.claims = AccessClaims(user_id, session_id, int(expires_at))
        self.hidden_authors: set[int] = set()
        self.heard: list[str] = []
        self.closed_with = 0

    @property
    def user_id(self) -> int:
        return self.claims.user_id

    def push(self, frame: Frame) -> None:
        self.heard.append(frame.text)

    def close(self, code: int) -> None:
        self.closed_with = code

    @classmethod
    def still_allowed(cls, sockets: Sequence[Self]) -> Mapping[Self, int]:
        return {socket: cls.out[socket.user_id] for socket in sockets if socket.user_id in cls.out}


class OwnRedis:
    """A Redis on a port of its own, which a test may kill and start again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                self.ask().ping()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("no redis")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def ask(self) -> Any:
        return redis.Redis(port=self.port)

    def subscribers(self, group: str) -> int:
        """Return how many subscriptions there are to a group of the channel layer."""
        return int(self.ask().pubsub_numsub(f"{settings.REDIS_PREFIX}__group__{group}")[0][1])


@contextmanager
def own_redis() -> Iterator[OwnRedis]:
    server = OwnRedis()
    server.start()
    try:
        yield server
    finally:
        server.kill()
