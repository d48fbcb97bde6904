"""Many callers at once, round after round: threads that keep their database connections."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Barrier
from typing import Any

from django.db import OperationalError, connection, connections

from e_learning.core.api.errors import ApiError

AllAtOnce = Callable[..., list[Any]]
#: A race without its guard has so many rounds to go wrong in, and is over as soon as it does: most go wrong in the
#: first three, but on a busy machine threads that set off together may run one after the other for a while.
MOST_ROUNDS = 200


def after_a_while(execute: Callable[..., Any], *statement: Any) -> Any:
    """Every statement takes its time to the database, so that others get in between."""
    time.sleep(random.uniform(0, 0.002))
    return execute(*statement)


def connect_patiently() -> None:
    """Connect this thread to the database, and wait where the server has no place left: other tests have crowds too."""
    until = time.monotonic() + 45
    while True:
        try:
            connection.ensure_connection()
            return
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


@contextmanager
def crowd(size: int) -> Iterator[AllAtOnce]:
    """Give a function that runs up to ``size`` functions in threads that set off together.

    It returns what each returned, or the refusal it met; any other error is raised. The threads, and a
    connection each, last until the end: a round costs what its work costs.
    """
    with ThreadPoolExecutor(size) as pool:

        def all_at_once(*works: Callable[[], Any]) -> list[Any]:
            barrier = Barrier(len(works))

            def run(work: Callable[[], Any]) -> Any:
                connect_patiently()
                barrier.wait(timeout=60)
                try:
                    with connection.execute_wrapper(after_a_while):
                        return work()
                except ApiError as refusal:
                    return refusal

            running = [pool.submit(run, work) for work in works]
            wait(running)  # the others too, where one fails: what follows must find nobody at work
            return [each.result() for each in running]

        try:
            yield all_at_once
        finally:
            all_at_once(*[connections.close_all] * size)


def all_at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run ``works`` in a crowd of their own: for a test that needs it once or a few times."""
    with crowd(len(works)) as run:
        return run(*works)
