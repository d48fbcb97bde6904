"""Answers written in threads of their own: a model takes its time, and nobody else is to wait for it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore
from typing import Any, cast

from django.db import connections
from django.utils.translation import gettext_lazy as _

from chatbot.conversations.frames import Said
from e_learning.core.api.errors import Unavailable

#: In one process. Each has a connection of the database while it lasts.
MOST_AT_ONCE = 32
#: Without news for so long a reader is told that the answer is still being written, which also finds out who left.
HEARTBEAT_SECONDS = 10.0

#: What a reader hears: the answer's parts, then the error that ended it, or None where it is whole.
Heard = Said | Exception | None
_places = BoundedSemaphore(MOST_AT_ONCE)
_threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="tutor")


class TutorBusy(Unavailable):
    """503: as many answers as this process takes on are being written."""

    code = "tutor_busy"
    message = _("Many are asking the tutor right now. Ask again in a moment.")


def run_apart(begin: Callable[[], Iterator[Said]], hear: Callable[[Heard], bool]) -> None:
    """Begin an answer here, so that its refusals are raised here, and have the rest of it written in a thread.

    ``hear`` is called there with each part; where it says False, the answer is closed. Refuses: 503 ``tutor_busy``,
    and as ``begin``.
    """
    if not _places.acquire(blocking=False):
        raise TutorBusy
    try:
        _threads.submit(copy_context().run, _write, begin(), hear)
    except BaseException:
        _places.release()
        raise


def _write(answer: Iterator[Said], hear: Callable[[Heard], bool]) -> None:
    try:
        with closing(cast(Any, answer)):
            for part in answer:
                if not hear(part):
                    return
        hear(None)
    except Exception as error:  # noqa: BLE001 - whoever reads tells of it, and logs what nobody foresaw
        hear(error)
    finally:
        connections.close_all()
        _places.release()


class Reader:
    """One reader of an answer that is written apart; ``hear`` is its ear. In a thread or in a loop, not in both."""

    def __init__(self) -> None:
        self._heard: SimpleQueue[Heard] = SimpleQueue()
        self._wake: Callable[[], None] = lambda: None
        self._has_left = False

    def hear(self, part: Heard) -> bool:
        self._heard.put(part)
        self._wake()
        return not self._has_left

    def parts(self) -> Iterator[Said | Exception | None]:
        """Yield what is heard, to its end, and None for each time of silence. Closed early, the answer is closed."""
        try:
            while True:
                try:
                    part = self._heard.get(timeout=HEARTBEAT_SECONDS)
                except Empty:
                    yield None
                    continue
                if part is None:
                    return
                yield part
                if isinstance(part, Exception):
                    return
        finally:
            self._has_left = True

    async def parts_in_loop(self) -> AsyncIterator[Said | Exception | None]:
        """The same in a loop, where nothing may wait in a thread for it."""
        loop, came = asyncio.get_running_loop(), asyncio.Event()
        self._wake = lambda: _call_in(loop, came.set)
        try:
            while True:
                came.clear()
                while not self._heard.empty():
                    if (part := self._heard.get_nowait()) is None:
                        return
                    yield part
                    if isinstance(part, Exception):
                        return
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        await came.wait()
                except TimeoutError:
                    yield None
        finally:
            self._has_left = True


def _call_in(loop: asyncio.AbstractEventLoop, function: Callable[[], object]) -> None:
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:  # the loop has ended: nobody reads any more
        return
