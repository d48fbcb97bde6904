"""The load client: hundreds of sockets in one process, which reads every frame and believes none.

    python -m benchmarks.chat_fanout.client < plan.json

A ``Plan`` says whom to connect as and how to send. Lines of JSON come back: ``"measuring"`` when the window opens,
``"measured"`` when it closes, then what was ``Counted``. What keeps it quick: of a message that hundreds receive the
first copy is parsed, and the others have to equal it byte for byte. What keeps it honest: every message has to reach
every socket of its room once, under numbers without gaps, or the run ends with ``WrongAnswer`` and counts nothing.
"""

import asyncio
import itertools
import math
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import msgspec
import uvloop

from benchmarks.chat_fanout.dialects import DIALECTS, NOISE, READY, Dialect, Heard, Said, Seat, WrongAnswer
from benchmarks.chat_fanout.framing import CLOSE, PING, PONG, TEXT, bounds, frame, handshake

CONNECT_SECONDS, DRAIN_SECONDS, CONNECTING_AT_ONCE = 60, 20, 20
TEXT_SENT = "Which letter is this? The thumb lies over the fingers ({number})."


class Plan(msgspec.Struct, frozen=True):
    """One run. A room has ``window`` messages under way, each until everybody has it; or ``rate`` are sent a second."""

    dialect: str
    port: int
    seats: list[Seat]
    seconds: float
    warm_up_seconds: float
    window: int = 0
    rate: float = 0


class Counted(msgspec.Struct, frozen=True):
    """What was seen in the window: deliveries, the part of its core that the client took and, where messages were sent
    at a rate, milliseconds from sending to delivery.
    """

    deliveries: int
    seconds: float
    client_share: float
    connect_seconds: float
    p50_ms: float | None
    p99_ms: float | None


@dataclass(slots=True)
class UnderWay:
    """A message that was sent and that ``missing`` sockets have yet to hear."""

    room: "Room"
    text: str
    sent_at: float
    missing: int


@dataclass(slots=True, eq=False)
class Room:
    """The sockets of one room, and the numbers that its messages came under. Its members take turns at sending."""

    sockets: list["Socket"] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    turn: int = 0

    def next_sender(self) -> "Socket":
        self.turn += 1
        return self.sockets[self.turn % len(self.sockets)]


class Hall:
    """All rooms of a run: what is under way in them, and what has been delivered."""

    def __init__(self, dialect: Dialect, *, again: bool) -> None:
        """``again``: a message that everybody has is followed by the next."""
        self.dialect = dialect
        self.again = again
        self.rooms: dict[int, Room] = defaultdict(Room)
        self.sent: dict[str, UnderWay] = {}
        self.copies: dict[bytes, UnderWay] = {}
        self.deliveries = 0
        self.latencies: list[float] = []
        self.timed_since = math.inf
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._numbers = itertools.count(1)

    def send_in(self, room: Room) -> None:
        client_id, text = str(uuid4()), TEXT_SENT.format(number=next(self._numbers))
        sender = room.next_sender()
        self.sent[client_id] = UnderWay(room, text, time.perf_counter(), len(room.sockets))
        sender.write(self.dialect.message(sender.seat, client_id, text))

    def first_copy(self, said: Said, payload: bytes) -> UnderWay:
        """Return the message that ``payload`` is a copy of; refuses what nobody sent, or sent so, or what is over."""
        message = self.sent.pop(said.client_id, None)
        room = self.rooms.get(said.room_id)
        if message is None or message.room is not room or message.text != said.text:
            raise WrongAnswer(f"nobody sent this, or everybody had it: {payload[:300]!r}")
        room.numbers.append(said.seq)
        self.copies[payload] = message
        return message

    def delivered(self, message: UnderWay, payload: bytes) -> None:
        self.deliveries += 1
        if message.sent_at >= self.timed_since:
            self.latencies.append((time.perf_counter() - message.sent_at) * 1000)
        message.missing -= 1
        if not message.missing:
            del self.copies[payload]
            if self.again:
                self.send_in(message.room)

    def fail(self, reason: str | WrongAnswer) -> None:
        if not self.broken.done():
            self.broken.set_exception(reason if isinstance(reason, WrongAnswer) else WrongAnswer(reason))

    async def drain(self) -> None:
        """Let nothing follow, and wait until everybody has everything."""
        self.again = False
        until = time.perf_counter() + DRAIN_SECONDS
        while self.sent or self.copies:
            if time.perf_counter() > until:
                raise WrongAnswer(f"{len(self.sent)} messages never came, {len(self.copies)} not to everybody")
            await self.unless_broken(asyncio.sleep(0.02))

    async def unless_broken(self, waited_for: Awaitable[object]) -> None:
        task = asyncio.ensure_future(waited_for)
        either: list[asyncio.Future[Any]] = [task, self.broken]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if self.broken.done():
            task.cancel()
            await asyncio.wait([task])
            self.broken.result()
        await task

    def insist(self) -> None:
        """Refuse the run where a socket heard more or less than its room said, or a number is missing."""
        for room in self.rooms.values():
            said = len(room.numbers)
            if any(socket.heard != said for socket in room.sockets):
                raise WrongAnswer("a socket heard one message twice, and another not at all")
            if said and sorted(room.numbers) != list(range(min(room.numbers), min(room.numbers) + said)):
                raise WrongAnswer("numbers with gaps")


class Socket(asyncio.Protocol):
    """One member's connection. ``heard`` counts the messages it got."""

    def __init__(self, hall: Hall, seat: Seat) -> None:
        self.hall = hall
        self.seat = seat
        self.heard = 0
        self.rest = b""
        self.is_open = False
        self.is_leaving = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own class, which is none of asyncio's
        path, headers = self.hall.dialect.address(self.seat)
        self.transport.write(handshake(transport.get_extra_info("peername")[1], path, headers))

    def data_received(self, data: bytes) -> None:
        try:
            self._read(self.rest + data if self.rest else data)
        except WrongAnswer as wrong:
            self.hall.fail(wrong)

    def _read(self, data: bytes) -> None:
        if not self.is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            self._opened(head)
        at = 0
        while (found := bounds(data, at)) is not None:
            begin, end_of = found
            self._on_frame(data[at], data[begin:end_of])
            at = end_of
        self.rest = data[at:]

    def _opened(self, head: bytes) -> None:
        if not head.startswith(b"HTTP/1.1 101"):
            raise WrongAnswer(head[:300])
        self.is_open = True
        if greeting := self.hall.dialect.greeting(self.seat):
            self.write(greeting)

    def _on_frame(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            message = self.hall.copies.get(payload)
            if message is None:
                message = self._understood(payload)
            if message is not None:
                self.heard += 1
                self.hall.delivered(message, payload)
        elif kind == PING:
            self.transport.write(frame(payload, opcode=PONG, masked=True))
        elif kind != PONG and not self.is_leaving:
            closed = int.from_bytes(payload[:2], "big") if kind == CLOSE else 0
            raise WrongAnswer(f"frame {kind:#x}, closed with {closed}: {payload[:300]!r}")

    def _understood(self, payload: bytes) -> UnderWay | None:
        heard: Heard = self.hall.dialect.heard(payload)
        if isinstance(heard, Said):
            return self.hall.first_copy(heard, payload)
        if heard is READY:
            if not self.ready.done():
                self.ready.set_result(None)
        elif heard is not NOISE:
            self.write(cast(bytes, heard))
        return None

    def write(self, payload: bytes) -> None:
        self.transport.write(frame(payload, masked=True))

    def leave(self) -> None:
        self.is_leaving = True
        self.transport.write(frame(b"\x03\xe8", opcode=CLOSE, masked=True))
        self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.is_leaving:
            self.hall.fail(f"connection of user {self.seat.user_id} lost: {error}")


async def carry_out(plan: Plan) -> Counted:
    hall = Hall(DIALECTS[plan.dialect], again=bool(plan.window))
    began = time.perf_counter()
    await _connect(hall, plan)
    connected = time.perf_counter()
    for room in hall.rooms.values():
        for _message in range(plan.window):
            hall.send_in(room)
    steady = asyncio.ensure_future(_send_steadily(hall, plan.rate)) if plan.rate else None
    await hall.unless_broken(asyncio.sleep(plan.warm_up_seconds))
    deliveries, seconds, cpu = await _measure(hall, plan)
    if steady:
        steady.cancel()
    await hall.drain()
    hall.insist()
    for socket in _sockets(hall):
        socket.leave()
    p50, p99 = (percentile(hall.latencies, percent) if plan.rate else None for percent in (50, 99))
    return Counted(deliveries, seconds, cpu / seconds, connected - began, p50, p99)


async def _measure(hall: Hall, plan: Plan) -> tuple[int, float, float]:
    """Return deliveries, seconds and seconds of the client's CPU in the window."""
    print('"measuring"', flush=True)
    hall.timed_since = time.perf_counter() if plan.rate else math.inf
    before = hall.deliveries, time.perf_counter(), time.process_time()
    await hall.unless_broken(asyncio.sleep(plan.seconds))
    after = hall.deliveries, time.perf_counter(), time.process_time()
    print('"measured"', flush=True)
    return after[0] - before[0], after[1] - before[1], after[2] - before[2]


async def _connect(hall: Hall, plan: Plan) -> None:
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

    async def take(seat: Seat) -> None:
        async with gate:
            socket = Socket(hall, seat)
            await asyncio.get_running_loop().create_connection(lambda: socket, "127.0.0.1", plan.port)
            await socket.ready
            hall.rooms[seat.room_id].sockets.append(socket)

    everybody = asyncio.gather(*(take(seat) for seat in plan.seats))
    await hall.unless_broken(asyncio.wait_for(everybody, CONNECT_SECONDS))


async def _send_steadily(hall: Hall, rate: float) -> None:
    turns = itertools.cycle(list(hall.rooms.values()))
    due = time.perf_counter()
    while True:
        hall.send_in(next(turns))
        due += 1 / rate
        await asyncio.sleep(max(0, due - time.perf_counter()))


def percentile(values: list[float], percent: int) -> float:
    """Return the smallest of ``values`` that ``percent`` of them do not pass (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _sockets(hall: Hall) -> list[Socket]:
    return [socket for room in hall.rooms.values() for socket in room.sockets]


if __name__ == "__main__":
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    try:
        print(msgspec.json.encode(uvloop.run(carry_out(plan))).decode())
    except (WrongAnswer, TimeoutError) as refused:
        raise SystemExit(f"refused: {refused!r}") from None
