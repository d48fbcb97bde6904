"""All messages that come in by the sockets of this process, written in few lanes.

A lane has at most one call of ``post_messages`` under way; what comes in meanwhile goes into the next one. Alone, a
message waits for nothing; under load commits and round trips are shared. A room belongs to one lane, so messages of one
sender in one room keep their order.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from channels.db import DatabaseSyncToAsync
from django.db import InterfaceError, OperationalError

from community.chat.services import Draft, Outcome, post_messages
from e_learning.core.api.errors import Unavailable

logger = logging.getLogger(__name__)

LANES = 4
#: Messages that go into one call at most, and that may wait in one lane; beyond it they are refused at once.
MOST_AT_ONCE = 100
MOST_WAITING = 2000

#: Takes what became of one message, in the event loop.
Answer = Callable[[Outcome], None]
InThread = Callable[[Sequence[Draft]], Awaitable[list[Outcome]]]


@dataclass(frozen=True, slots=True)
class Waiting:
    draft: Draft
    answer: Answer


class Lane:
    """A queue and at most one task that writes from it. Belongs to one event loop."""

    def __init__(self, post: InThread) -> None:
        self._post = post
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None

    def put(self, draft: Draft, answer: Answer) -> None:
        """Take a message; ``answer`` hears what became of it. Refuses at once where too much is waiting."""
        if len(self._waiting) >= MOST_WAITING:
            answer(Unavailable())
            return
        self._waiting.append(Waiting(draft, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                outcomes = await self._outcomes([waiting.draft for waiting in batch])
                for waiting, outcome in zip(batch, outcomes, strict=True):
                    _tell(waiting, outcome)
        finally:
            self._task = None

    async def _outcomes(self, drafts: list[Draft]) -> list[Outcome]:
        try:
            return await self._post(drafts)
        except Exception:  # whatever it is, each of the senders has to hear something
            logger.exception("%d chat messages could not be written together", len(drafts))
        return await self._one_by_one(drafts)

    async def _one_by_one(self, drafts: list[Draft]) -> list[Outcome]:
        """Try each message of a batch that failed: one of them may be what the database did not take.

        Not those without a ``client_id``: the batch may have been stored after all, and they could not be recognised.
        Where the database itself is away, the first to find out speaks for the others.
        """
        outcomes: list[Outcome] = [Unavailable() for _ in drafts]
        for place, draft in enumerate(drafts):
            if draft.client_id is None:
                continue
            try:
                outcomes[place] = (await self._post([draft]))[0]
            except (OperationalError, InterfaceError) as error:
                logger.error("the database takes no chat messages: %r", error)
                break
            except Exception:  # as in _outcomes
                logger.exception("a chat message could not be written")
        return outcomes


def _tell(waiting: Waiting, outcome: Outcome) -> None:
    try:
        waiting.answer(outcome)
    except Exception:  # one socket's fault is not the others'
        logger.exception("a sender could not be told what became of a message")


class Writer:
    """The lanes of one process."""

    def __init__(self, post: InThread, lanes: int = LANES) -> None:
        self._lanes = [Lane(post) for _ in range(lanes)]

    def put(self, draft: Draft, answer: Answer) -> None:
        self._lanes[draft.room_id % len(self._lanes)].put(draft, answer)


_threads = ThreadPoolExecutor(LANES, thread_name_prefix="chat-writer")


async def _post_in_thread(drafts: Sequence[Draft]) -> list[Outcome]:
    """In threads of their own: messages don't queue behind those who come in and catch up."""
    outcomes: list[Outcome] = await DatabaseSyncToAsync(post_messages, thread_sensitive=False, executor=_threads)(
        drafts
    )
    return outcomes


_writers: "WeakKeyDictionary[asyncio.AbstractEventLoop, Writer]" = WeakKeyDictionary()


def writer() -> Writer:
    """Return the writer of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _writers:
        _writers[loop] = Writer(_post_in_thread)
    return _writers[loop]
