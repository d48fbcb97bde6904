"""Stand-ins of the core's tests: what a cache looks like that is away, and threads that start together."""

import random
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any, NoReturn, TypeVar

from django.core.cache.backends.base import BaseCache
from django.db import connections

Result = TypeVar("Result")


class CacheThatIsAway(BaseCache):
    """Every question fails, as it does where the cache's server is down."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _fail(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ConnectionError("the cache is away")

    add = get = set = incr = get_many = delete_many = delete = clear = touch = _fail


AWAY = {"default": {"BACKEND": "tests.core.stand_ins.CacheThatIsAway"}}


def free_port() -> int:
    """Return a port of loopback that nobody has, and that none is given who connects from here (those are higher).

    So a server can be killed and started again on it, while clients come and go.
    """
    while True:
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return int(listener.getsockname()[1])


def all_at_once(count: int, call: Callable[[], Result]) -> list[Result | Exception]:
    """Return what ``call`` gave or raised in each of ``count`` threads that start together."""
    gate = Barrier(count)

    def run() -> Result | Exception:
        gate.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - what it raised is the answer
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]
