"""The live count: a process counts a session once for all of its sockets that watch it."""

import asyncio
import logging
from contextlib import suppress

from attendance.selectors.counts import count_now
from attendance.telling import group_of
from e_learning.core.realtime import Push, encoded, push_here
from e_learning.core.sockets import in_thread

logger = logging.getLogger(__name__)
#: Between two counts of a session.
PAUSE_SECONDS = 0.25
#: After so long it is counted unasked: a hint may be lost, and nobody tells of who enrols.
UNASKED_SECONDS = 10.0


class Counting:
    """Counts one session again and again while somebody here watches it, and sends what is new.

    One count at a time, so the frame sent last is the count taken last; and a change asks for a count that begins
    after it, so the last change is in the last frame. Where the database does not answer, the next count is the one
    that nobody asks for. Lives in one loop, that of the hub.
    """

    def __init__(self, session_id: int) -> None:
        self.session_id = session_id
        self.loop = asyncio.get_running_loop()
        self._watchers = 0
        self._sent = ""
        self._is_asked = asyncio.Event()
        self._task = asyncio.ensure_future(self._keep_counting())

    def ask(self) -> None:
        """Have it counted anew: now, or after the pause."""
        self._is_asked.set()

    def begin(self) -> None:
        """Somebody came, and has heard no count yet."""
        self._watchers += 1
        self._sent = ""
        self.ask()

    def end(self) -> None:
        """Somebody left. With the last one the counting ends."""
        self._watchers -= 1
        if not self._watchers:
            self._task.cancel()
            if _countings.get(self.session_id) is self:
                del _countings[self.session_id]

    async def _keep_counting(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(UNASKED_SECONDS):
                    await self._is_asked.wait()
            self._is_asked.clear()
            await self._count()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _count(self) -> None:
        try:
            text = encoded(await in_thread(count_now, self.session_id))
        except Exception:  # the database's client raises what it likes
            logger.warning("session %s could not be counted", self.session_id, exc_info=True)
            return
        if text != self._sent:
            self._sent = text
            push_here(Push(group_of(self.session_id), text))


_countings: dict[int, Counting] = {}


def counting_of(session_id: int) -> Counting:
    """Return what counts the session in the running loop; a new one where nobody watches it yet."""
    found = _countings.get(session_id)
    if found is None or found.loop is not asyncio.get_running_loop():
        found = _countings[session_id] = Counting(session_id)
    return found
