"""The fan-out benchmark counts what was delivered: its client reads every frame, and refuses a server that lies."""

import asyncio
import json

import pytest

from benchmarks.chat_fanout.client import Counted, Plan, carry_out, percentile
from benchmarks.chat_fanout.dialects import DIALECTS, NOISE, READY, Said, Seat, WrongAnswer
from benchmarks.chat_fanout.floor import Member, rooms
from benchmarks.chat_fanout.framing import bounds, frame

CLIENT_ID = "5b2fd0a4-6d0c-4a5c-8f34-0d5e30c3b3ad"


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_frame_is_read_as_it_was_written_and_not_before_all_of_it_came(size: int) -> None:
    payload = b"x" * size
    written = frame(payload)
    begin, end = bounds(b"before" + written + b"after", 6) or (0, 0)
    assert (b"before" + written)[begin:end] == payload
    cuts = {0, 1, 3, 9, size // 2, len(written) - 1}
    assert all(bounds(written[:cut], 0) is None for cut in cuts if cut < len(written))


def test_what_a_client_writes_is_masked() -> None:
    assert frame(b"hello", masked=True) == b"\x81\x85\0\0\0\0hello"


def test_percentiles_are_values_that_were_seen() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 50) == 2.0
    assert percentile([float(number) for number in range(1, 201)], 99) == 198.0
    assert percentile([7.0], 99) == 7.0


@pytest.mark.parametrize(
    ("dialect", "payload"),
    [
        ("ours", {"type": "chat_message", "seq": 3, "client_id": CLIENT_ID, "community_id": 1, "message": "Hi"}),
        ("socket.io", ["chat_message", {"seq": 3, "client_id": CLIENT_ID, "community_id": 1, "message": "Hi"}]),
    ],
)
def test_both_sides_say_the_same_of_a_message(dialect: str, payload: object) -> None:
    text = (b"42" if dialect == "socket.io" else b"") + json.dumps(payload).encode()
    assert DIALECTS[dialect].heard(text) == Said(1, CLIENT_ID, 3, "Hi")


def test_what_is_no_message_is_told_apart_from_what_must_not_be() -> None:
    ours, peer = DIALECTS["ours"], DIALECTS["socket.io"]
    assert ours.heard(b'{"type":"presence","online":[1]}') is READY
    assert ours.heard(b'{"type":"user_joined","user_id":1}') is NOISE
    assert peer.heard(b'0{"sid":"x"}') is NOISE
    assert peer.heard(b'40{"sid":"x"}') is READY
    assert peer.heard(b"2") == b"3"
    for dialect, wrong in [(ours, b'{"type":"error","code":"throttled"}'), (ours, b"no JSON"), (peer, b'44{"x":1}')]:
        with pytest.raises(WrongAnswer):
            dialect.heard(wrong)


class SaysTwice(Member):
    def _deliver(self, shown: dict[str, object]) -> None:
        super()._deliver(shown)
        super()._deliver(shown)


class ForgetsOne(Member):
    def _deliver(self, shown: dict[str, object]) -> None:
        members = sorted(rooms[self.room_id], key=id)
        for member in [*members[1:], members[1]]:
            member.transport.write(frame(json.dumps(shown).encode()))


class SkipsANumber(Member):
    def _deliver(self, shown: dict[str, object]) -> None:
        super()._deliver({**shown, "seq": int(str(shown["seq"])) * 2})


class ChangesTheWords(Member):
    def _deliver(self, shown: dict[str, object]) -> None:
        super()._deliver({**shown, "message": "Something else"})


class Refuses(Member):
    def _deliver(self, shown: dict[str, object]) -> None:
        super()._deliver({"type": "error", "code": "throttled"})


class HangsUp(Member):
    def _deliver(self, shown: dict[str, object]) -> None:
        self.transport.close()


def measured_against(server: type[Member], **sending: float) -> Counted:
    rooms.clear()

    async def run() -> Counted:
        listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        async with listener:
            plan = Plan(
                dialect="ours",
                port=listener.sockets[0].getsockname()[1],
                seats=[Seat(user_id, 1, "") for user_id in (1, 2, 3)],
                seconds=0.1,
                warm_up_seconds=0,
                **sending,  # type: ignore[arg-type]  # a window or a rate
            )
            return await carry_out(plan)

    return asyncio.run(run())


def test_deliveries_of_an_honest_server_are_counted() -> None:
    assert measured_against(Member, window=4).deliveries > 30
    steady = measured_against(Member, rate=100)
    assert 3 * 5 <= steady.deliveries <= 3 * 12
    assert steady.p50_ms is not None
    assert steady.p99_ms is not None
    assert 0 < steady.p50_ms <= steady.p99_ms


@pytest.mark.parametrize("server", [SaysTwice, ForgetsOne, SkipsANumber, ChangesTheWords, Refuses, HangsUp])
def test_a_server_that_lies_is_not_measured(server: type[Member]) -> None:
    with pytest.raises(WrongAnswer):
        measured_against(server, window=2)
