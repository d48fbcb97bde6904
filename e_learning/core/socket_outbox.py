"""What waits for one client: bounded, so that a client that does not read costs little, and not for long."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from e_learning.core.socket_wires import Frame, Wire

logger = logging.getLogger(__name__)
MOST_FRAMES = 1000
MOST_BYTES = 1024 * 1024
#: A client that takes nothing for so long is too slow.
STALL_SECONDS = 20
#: How long a client gets to read why it was closed, before its connection is dropped.
GRACE_SECONDS = 5


class Outbox:
    """Frames for one client, in order: written at once while it reads, else queued for one task to write.

    ``too_slow`` is called once, when the queue is full or nothing of it was taken for ``STALL_SECONDS``.
    """

    def __init__(self, wire: Wire, too_slow: Callable[[], None]) -> None:
        self._wire, self._too_slow = wire, too_slow
        self._queue: deque[Frame] = deque()
        self._bytes = 0
        self._is_open = False
        self._closing = 0
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """From now on frames may leave; those put before go first."""
        self._is_open = True
        if self._queue:
            self._start()

    def put(self, frame: Frame) -> None:
        if self._closing or (self._is_open and not self._queue and self._wire.write(frame)):
            return
        self._queue.append(frame)
        self._bytes += len(frame.text)
        if len(self._queue) > MOST_FRAMES or self._bytes > MOST_BYTES:
            self._too_slow()
        elif self._is_open:
            self._start()

    def close(self, code: int, *, drop: bool = False) -> None:
        """Close the connection with ``code``, once. ``drop``: without what is queued, which nobody takes."""
        if self._closing:
            return
        self._closing = code
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._wire.abort)
        if drop:
            self.forget()
        if self._wire.hang_up(code):
            self.forget()
        else:
            self._start()

    def forget(self) -> None:
        """Drop what is queued: the connection is gone, or is going."""
        self._queue.clear()
        self._bytes = 0
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        try:
            while self._queue:
                async with asyncio.timeout(STALL_SECONDS):
                    await self._wire.send(self._queue[0])
                self._bytes -= len(self._queue.popleft().text)
            if self._closing:
                await self._wire.close(self._closing)
        except TimeoutError:
            self._too_slow()
        except Exception:  # the server says in its own way that the connection is gone
            logger.debug("a socket went away while it was written to", exc_info=True)
