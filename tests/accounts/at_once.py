"""Many callers in the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

from tests.crowd import connect_patiently

Answer = TypeVar("Answer")


def at_once(times: int, call: Callable[[], Answer]) -> list[Answer]:
    """Run ``call`` in so many threads that start together, each with a database connection of its own."""
    ready = threading.Barrier(times)

    def run() -> Answer:
        connect_patiently()
        ready.wait(timeout=60)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]
