"""Whether those who sit at open sockets may still hear and speak: asked for all of them together.

About once a second one thread asks whether their sessions live, and each kind of socket whether its own still belong
where they are: one or two statements whatever their number. Frames in and out wait for an answer that is not older
than ``FRESH_SECONDS``; so whoever is out is closed within two seconds, and hears nothing of what comes after.

Where the database does not answer, nobody is closed for it, and after one second of waiting frames go on by the last
answer. That is good for ``TRUSTED_SECONDS``: then all are closed with 1012, to come back to a process that can tell.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, Self

from channels.db import DatabaseSyncToAsync

from e_learning.core.api.tokens import AccessClaims

logger = logging.getLogger(__name__)
ASK_EVERY_SECONDS = 0.8
FRESH_SECONDS = 1.0
#: Frames wait for an answer that is late for so long.
PATIENCE_SECONDS = 1.0
TRUSTED_SECONDS = 15.0
_SIGNED_OUT = 4401
_COME_BACK = 1012

#: Asked which of these sessions still live. The app that knows sessions adds its answer at start-up; until then none
#: does.
who_knows_sessions: list[Callable[[Collection[int]], set[int]]] = []

#: A thread of its own: an answer must not queue behind the work of the sockets it is about.
_thread = ThreadPoolExecutor(1, thread_name_prefix="socket-watch")


class Watched(Protocol):
    """What the watch has to know of a socket."""

    claims: AccessClaims

    @classmethod
    def still_allowed(cls, sockets: Sequence[Self]) -> Mapping[Self, int]: ...

    def close(self, code: int) -> None: ...


class Watch:
    """Watches the sockets of one hub. ``on_answer`` is called whenever frames that were held back may go out."""

    def __init__(self, on_answer: Callable[[], None]) -> None:
        self._on_answer = on_answer
        self._sockets: set[Any] = set()
        self._loop = asyncio.get_running_loop()
        self._answered_for = self._loop.time()
        self._is_late = False
        self._answer = asyncio.Event()
        self._hurry = asyncio.Event()
        self._task = asyncio.ensure_future(self._keep_asking())

    def add(self, socket: Watched) -> None:
        """Watch a socket that was let in just now."""
        self._sockets.add(socket)

    def remove(self, socket: Watched) -> None:
        self._sockets.discard(socket)

    def end(self) -> None:
        self._task.cancel()
        self._answer.set()

    def is_fresh(self) -> bool:
        """Say whether frames may pass now: the last answer is young, or they have waited for the next long enough."""
        return self._is_late or self._loop.time() - self._answered_for <= FRESH_SECONDS

    def hurry(self) -> None:
        self._hurry.set()

    async def fresh(self) -> None:
        """Wait until frames may pass."""
        while not self.is_fresh():
            self.hurry()
            self._answer.clear()
            await self._answer.wait()

    # --- asking ---------------------------------------------------------------------------------
    async def _keep_asking(self) -> None:
        while True:
            began = self._loop.time()
            asked = asyncio.ensure_future(_ask_in_thread(tuple(self._sockets)))
            await self._wait_for(asked)
            try:
                self._apply(asked.result(), began)
            except Exception as error:  # noqa: BLE001 - the database's client raises what it likes
                self._go_on_without(error)
            self._hurry.clear()
            try:
                async with asyncio.timeout(max(0.0, began + ASK_EVERY_SECONDS - self._loop.time())):
                    await self._hurry.wait()
            except TimeoutError:
                pass

    async def _wait_for(self, asked: "asyncio.Future[dict[Any, int]]") -> None:
        """Wait for the answer as long as it takes; frames wait only so long with it."""
        while not asked.done():
            await asyncio.wait([asked], timeout=PATIENCE_SECONDS)
            if not asked.done():
                self._go_on_without(TimeoutError("no answer"))

    def _apply(self, out: Mapping[Any, int], began: float) -> None:
        if self._is_late:
            logger.warning("the watch over sockets has its answers again")
        self._is_late, self._answered_for = False, began
        for socket, code in out.items():
            socket.close(code)
        self._let_pass()

    def _go_on_without(self, error: Exception) -> None:
        if not self._is_late:
            logger.warning("the watch over sockets gets no answer; the last one holds for now: %r", error)
        self._is_late = True
        if self._sockets and self._loop.time() - self._answered_for > TRUSTED_SECONDS:
            logger.error("the watch over sockets has had no answer for too long; closing %s", len(self._sockets))
            for socket in tuple(self._sockets):
                socket.close(_COME_BACK)
        self._let_pass()

    def _let_pass(self) -> None:
        self._answer.set()
        self._on_answer()


async def _ask_in_thread(sockets: Sequence[Any]) -> dict[Any, int]:
    out: dict[Any, int] = await DatabaseSyncToAsync(who_is_out, thread_sensitive=False, executor=_thread)(sockets)
    return out


def who_is_out(sockets: Sequence[Any]) -> dict[Any, int]:
    """Return those of ``sockets`` that have to be closed, and with which code. A statement, and those of each kind."""
    now = time.time()
    live = _live_sessions({socket.claims.session_id for socket in sockets})
    out = {
        socket: _SIGNED_OUT
        for socket in sockets
        if socket.claims.session_id not in live or socket.claims.expires_at <= now
    }
    kinds: dict[type[Any], list[Any]] = defaultdict(list)
    for socket in sockets:
        if socket not in out:
            kinds[type(socket)].append(socket)
    for kind, together in kinds.items():
        out |= kind.still_allowed(together)
    return out


def _live_sessions(session_ids: set[int]) -> set[int]:
    return {found for knows in who_knows_sessions for found in knows(session_ids)} if session_ids else set()
