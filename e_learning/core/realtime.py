"""Pushing to open sockets: what any thread of any process sends, and the one hub that hands it out in each.

A process with sockets has a hub: one subscription for each group whatever the number of its sockets, and one loop that
writes to them. What is pushed in such a process reaches its own sockets at once, with no Redis between; other processes
hear of it through the channel layer, at most once. Whoever missed a frame finds it by its stream's number (``sync``).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Protocol
from uuid import uuid4

import msgspec
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.db import transaction

from e_learning.core.publishing import Publisher, publisher_of_this_process
from e_learning.core.socket_watch import Watch, Watched
from e_learning.core.socket_wires import Frame

logger = logging.getLogger(__name__)
_JOIN_SECONDS = 3
_RETRY_SECONDS = 1
_json = msgspec.json.Encoder()
#: What this process pushes, its own sockets have had: also where the hub that pushed it has ended since, and what it
#: left to be published comes back late to the next one.
_ORIGIN = uuid4().hex


@dataclass(frozen=True, slots=True)
class Push:
    """One frame for the sockets of a group.

    ``text`` is the frame as JSON, encoded once by the sender. ``seq`` is its number where the stream has numbers.
    Sockets whose user has blocked ``author_id`` get ``instead``, and nothing where that is empty. With a ``user_id``
    only this user's sockets in the group get it, and those that hear everybody; with ``but_user_id`` all others'.
    """

    group: str
    text: str
    seq: int = 0
    author_id: int = 0
    instead: str = ""
    user_id: int = 0
    but_user_id: int = 0


_fields_of = attrgetter(*[field.name for field in fields(Push)])  # ``astuple`` copies each, at ten times the price


def encoded(frame: Any) -> str:
    """Return ``frame`` (a msgspec struct, or what JSON knows) as the text that sockets send."""
    return _json.encode(frame).decode()


def push_on_commit(*pushes: Push) -> None:
    """Send frames once the transaction in hand has committed, or at once where none is open.

    From any thread, any process and from coroutines too, where no transaction can be open. What is sent by one call to
    one group arrives together and in this order. Never raises: a frame that is lost is found again by its number.
    """
    if _in_a_coroutine():
        push_now(*pushes)
    else:
        transaction.on_commit(lambda: push_now(*pushes))


def push_now(*pushes: Push) -> None:
    """Send frames without asking for a transaction: for what nothing was written about (who types, who is here)."""
    try:
        _send(pushes)
    except Exception:  # the writer's work is committed; its frame is a hint
        logger.exception("could not push to %s", sorted({push.group for push in pushes}))


def push_here(*pushes: Push) -> None:
    """Send frames to sockets of this process alone, from the loop of its hub: for what others know already."""
    if _hub is not None:
        for group, together in _by_group(pushes).items():
            _hub.give(group, together)


def _in_a_coroutine() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _send(pushes: Sequence[Push]) -> None:
    hub = _hub
    if hub is not None and hub.take_from_anywhere(pushes):
        return
    if layer_between_processes() is not None:
        publisher = publisher_of_this_process()
        for group, together in _by_group(pushes).items():
            publisher.put_from_anywhere(group, _event("", group, together))


def layer_between_processes() -> Any | None:
    """Return the channel layer that reaches other processes, None where there are none: memory reaches nobody else."""
    layer = get_channel_layer()
    return None if isinstance(layer, InMemoryChannelLayer) else layer


def _by_group(pushes: Sequence[Push]) -> dict[str, list[Push]]:
    groups: dict[str, list[Push]] = {}
    for push in pushes:
        groups.setdefault(push.group, []).append(push)
    return groups


def _event(origin: str, group: str, pushes: Sequence[Push]) -> dict[str, Any]:
    return {"type": "pushes", "origin": origin, "group": group, "pushes": [_fields_of(push) for push in pushes]}


_observers: dict[str, Callable[[Push], None]] = {}


def observe(kind: str, observer: Callable[[Push], None]) -> None:
    """Let ``observer`` take notice of each push that goes to sockets of this process in groups called ``<kind>.…``.

    It is called in the hub's loop, before the frame is written, and must be quick. One observer a kind.
    """
    _observers[kind] = observer


class Hearer(Watched, Protocol):
    """A socket as the hub sees it."""

    hidden_authors: set[int]
    hears_everybody: bool

    @property
    def user_id(self) -> int: ...

    def push(self, frame: Frame) -> None: ...


class Hub:
    """The sockets of this process by group. Lives in one loop, from the first socket to the last.

    Only ``take_from_anywhere`` may be called from another thread.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._rooms: dict[str, set[Hearer]] = {}
        self._held: list[tuple[str, Sequence[Push]]] = []
        self.watch = Watch(self._give_held)
        layer = layer_between_processes()
        self._line = None if layer is None else _Line(layer, self._rooms, self._heard)

    def __len__(self) -> int:
        return sum(len(room) for room in self._rooms.values())

    # --- who is here ----------------------------------------------------------------------------
    async def join(self, group: str, socket: Hearer) -> None:
        """Let ``socket`` hear ``group``. Returns once what other processes push is heard too, or Redis is given up."""
        self._rooms.setdefault(group, set()).add(socket)
        self.watch.add(socket)
        if self._line is not None:
            await self._line.follow(group)

    def leave(self, group: str, socket: Hearer) -> None:
        """Let it hear no more, from this moment on. A second time does nothing."""
        self.watch.remove(socket)
        room = self._rooms.get(group, set())
        room.discard(socket)
        if not room and self._rooms.pop(group, None) is not None:
            if self._line is not None:
                self._line.forget()
            if not self._rooms:
                self._end()

    def _end(self) -> None:
        """With the last socket the hub ends, and leaves nothing behind in its loop."""
        global _hub  # noqa: PLW0603 - the one hub of this process
        if _hub is self:
            _hub = None
        self.watch.end()
        if self._line is not None:
            self._line.end()

    # --- handing out ----------------------------------------------------------------------------
    def take_from_anywhere(self, pushes: Sequence[Push]) -> bool:
        """Take what a thread of this process pushes; False where the hub's loop has ended."""
        try:
            if asyncio.get_running_loop() is self.loop:
                self._take(pushes)
                return True
        except RuntimeError:
            pass  # a thread without a loop
        try:
            self.loop.call_soon_threadsafe(self._take, pushes)
        except RuntimeError:  # the loop was closed
            return False
        return True

    def _take(self, pushes: Sequence[Push]) -> None:
        for group, together in _by_group(pushes).items():
            self.give(group, together)
            if self._line is not None:
                self._line.publisher.put(group, _event(_ORIGIN, group, together))

    def _heard(self, event: dict[str, Any]) -> None:
        if event["origin"] != _ORIGIN:
            self.give(event["group"], [Push(*fields) for fields in event["pushes"]])

    def give(self, group: str, pushes: Sequence[Push]) -> None:
        """Write to the group's sockets here, now, or as soon as it is known who of them may still hear it."""
        if group not in self._rooms:
            return
        if (observer := _observers.get(group.partition(".")[0])) is not None:
            for push in pushes:
                observer(push)
        if self._held or not self.watch.is_fresh():
            self._held.append((group, pushes))
            self.watch.hurry()
            return
        for push in pushes:
            self._write(push, tuple(self._rooms.get(group, ())))

    def _give_held(self) -> None:
        held, self._held = self._held, []
        for group, pushes in held:
            for push in pushes:
                self._write(push, tuple(self._rooms.get(group, ())))

    @staticmethod
    def _write(push: Push, sockets: Sequence[Hearer]) -> None:
        frame = Frame(push.text)
        instead = Frame(push.instead) if push.instead else None
        author_id, user_id = push.author_id, push.user_id
        if push.but_user_id:
            sockets = [socket for socket in sockets if socket.user_id != push.but_user_id]
        for socket in sockets:
            if user_id and socket.user_id != user_id and not socket.hears_everybody:
                continue
            if author_id in socket.hidden_authors:
                if instead is not None:
                    socket.push(instead)
            else:
                socket.push(frame)


class _Line:
    """A hub's line to other processes: what it is subscribed to follows the rooms it has."""

    def __init__(self, layer: Any, rooms: dict[str, set[Hearer]], heard: Any) -> None:
        self._layer, self._rooms, self._heard = layer, rooms, heard
        self._followed: set[str] = set()
        self._changed = asyncio.Event()
        self._settled = asyncio.Condition()
        self._channel = ""
        self._is_away = self._is_ending = False
        self.publisher = Publisher(layer)
        self._tasks = [asyncio.ensure_future(self._keep_following()), asyncio.ensure_future(self.publisher.run())]

    async def follow(self, group: str) -> None:
        self._changed.set()
        try:
            async with asyncio.timeout(_JOIN_SECONDS), self._settled:
                await self._settled.wait_for(lambda: group in self._followed or self._is_away)
        except TimeoutError:
            logger.warning("the channel layer takes its time; %s hears this process only for now", group)

    def forget(self) -> None:
        self._changed.set()

    def end(self) -> None:
        """Follow nothing more. A task sees to it, and to what is yet to be published; then nothing is left."""
        self._is_ending = True
        self._changed.set()

    async def _finish(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_JOIN_SECONDS):
                await self.publisher.finished()
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    async def _keep_following(self) -> None:
        """One task joins and leaves, so that a join and a leave that overlap can't undo each other."""
        while not self._is_ending:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._settle()
                self._is_away = False
            except Exception as error:  # noqa: BLE001 - whatever the layer's client raises
                if not self._is_away:
                    logger.warning("the channel layer is away; other processes are not heard: %r", error)
                self._is_away = True
                asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._changed.set)
            async with self._settled:
                self._settled.notify_all()
        await self._finish()

    async def _settle(self) -> None:
        if not self._channel and self._rooms:
            self._channel = await self._layer.new_channel()
            self._tasks.append(asyncio.ensure_future(self._listen()))
        for group in self._rooms.keys() - self._followed:
            await self._layer.group_add(group, self._channel)
            self._followed.add(group)
        for group in self._followed - self._rooms.keys():
            await self._layer.group_discard(group, self._channel)
            self._followed.discard(group)
        if self._followed != self._rooms.keys():
            self._changed.set()

    async def _listen(self) -> None:
        while True:
            event = await self._layer.receive(self._channel)
            try:
                self._heard(event)
            except Exception:  # one event that can't be read must not end the line
                logger.exception("an event of the channel layer could not be handed out")


_hub: Hub | None = None


def hub() -> Hub:
    """Return the hub of this process, in the running loop; a new one where there is none yet."""
    global _hub  # noqa: PLW0603 - the one hub of this process
    loop = asyncio.get_running_loop()
    if _hub is None or _hub.loop is not loop:
        _hub = Hub(loop)
    return _hub
