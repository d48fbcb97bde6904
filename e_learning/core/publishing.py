"""Sending events to other processes, from a loop or from plain threads, also while Redis is away.

A plain ``async_to_sync(group_send)`` in a thread makes a loop and a connection each time, and holds up its caller.
Here callers never wait: events go into a bounded queue, and what can't be sent is dropped with one line in the log.
"""

import asyncio
import atexit
import logging
import os
import threading
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)
_MOST_WAITING = 10_000
_SEND_SECONDS = 5
_LAST_SECONDS = 2


class Publisher:
    """Sends events one after the other; what waits for one group meanwhile goes out together, in the order in which it
    came. Made and run in one loop.
    """

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._waiting: dict[str, dict[str, Any]] = {}
        self._held = 0  # pushes that wait or are on their way
        self._has_work, self._is_done = asyncio.Event(), asyncio.Event()
        self._is_done.set()
        self._dropped = 0

    def put(self, group: str, event: dict[str, Any]) -> None:
        """Take an event (``pushes`` is a list, all else the same for every event of this process)."""
        if self._held >= _MOST_WAITING:
            self._drop(len(event["pushes"]), "too many wait")
            return
        self._held += len(event["pushes"])
        if group in self._waiting:
            self._waiting[group]["pushes"] += event["pushes"]
        else:
            self._waiting[group] = event
        self._has_work.set()
        self._is_done.clear()

    async def run(self) -> None:
        while True:
            await self._has_work.wait()
            group = next(iter(self._waiting))
            event = self._waiting.pop(group)
            try:
                async with asyncio.timeout(_SEND_SECONDS):
                    await self._layer.group_send(group, event)
            except Exception as error:  # noqa: BLE001 - whatever the layer's client raises
                # What waits behind it is dropped too: it would be old news by the time Redis is back.
                self._waiting.clear()
                self._drop(self._held, repr(error))
                self._held = 0
            else:
                self._held -= len(event["pushes"])
                self._sent()
            if not self._waiting:
                self._has_work.clear()
                self._is_done.set()

    async def finished(self) -> None:
        await self._is_done.wait()

    def _drop(self, count: int, why: str) -> None:
        if not self._dropped:
            logger.warning("the channel layer is away; other processes miss what is pushed: %s", why)
        self._dropped += count

    def _sent(self) -> None:
        if self._dropped:
            logger.warning("the channel layer is back; %s frames were dropped", self._dropped)
            self._dropped = 0


class PublishingThread:
    """A publisher for a process that has no loop of its own: a web worker, a task worker, a command."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._publisher = Publisher(get_channel_layer())
        threading.Thread(target=self._run, name="publishing", daemon=True).start()
        # A command may end right after its last push: it waits a moment for what is on its way.
        atexit.register(self.finish)

    def put_from_anywhere(self, group: str, event: dict[str, Any]) -> None:
        self._loop.call_soon_threadsafe(self._publisher.put, group, event)

    def finish(self) -> None:
        """Wait until what was put is sent or dropped, at most ``_LAST_SECONDS``."""
        waiting = asyncio.run_coroutine_threadsafe(self._publisher.finished(), self._loop)
        try:
            waiting.result(timeout=_LAST_SECONDS)
        except TimeoutError:
            waiting.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._publisher.run())


_thread: PublishingThread | None = None
_starting = threading.Lock()


def publisher_of_this_process() -> PublishingThread:
    global _thread  # noqa: PLW0603 - one a process, made when first needed
    with _starting:
        if _thread is None:
            _thread = PublishingThread()
    return _thread


def _start_over_in_a_fork() -> None:
    global _thread, _starting
    _thread, _starting = None, threading.Lock()


os.register_at_fork(after_in_child=_start_over_in_a_fork)
