"""What goes to other processes: together where it waits together, in its order, and dropped where nobody takes it."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest

from e_learning.core import publishing
from e_learning.core.publishing import Publisher


class SlowLayer:
    """Takes one event at a time, when it is let; ``is_away``: none."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, list[int]]] = []
        self.may_go_on = asyncio.Event()
        self.is_away = False

    async def group_send(self, group: str, event: dict[str, Any]) -> None:
        await self.may_go_on.wait()
        if self.is_away:
            raise ConnectionError
        self.sent.append((group, event["pushes"]))


@asynccontextmanager
async def publishing_to(layer: SlowLayer) -> Any:
    publisher = Publisher(layer)
    running = asyncio.create_task(publisher.run())
    yield publisher
    running.cancel()


def put(publisher: Publisher, group: str, number: int) -> None:
    publisher.put(group, {"pushes": [number]})


async def test_what_waits_for_a_group_goes_out_together_in_its_order() -> None:
    layer = SlowLayer()
    async with publishing_to(layer) as publisher:
        put(publisher, "one", 1)
        await asyncio.sleep(0)  # the first is on its way
        for number in (2, 3):
            put(publisher, "one", number)
            put(publisher, "other", number)
        layer.may_go_on.set()
        await publisher.finished()

    assert layer.sent == [("one", [1]), ("one", [2, 3]), ("other", [2, 3])]


async def test_what_can_not_be_sent_is_dropped_with_one_line_and_what_comes_later_is_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    layer = SlowLayer()
    layer.is_away = True
    layer.may_go_on.set()
    async with publishing_to(layer) as publisher:
        for number in range(3):
            put(publisher, f"group {number}", number)
        await publisher.finished()
        put(publisher, "one", 8)
        await publisher.finished()
        layer.is_away = False
        put(publisher, "one", 9)
        await publisher.finished()

    assert layer.sent == [("one", [9])]
    away, back = [record.getMessage() for record in caplog.records]
    assert "is away" in away
    assert "4 frames were dropped" in back


async def test_no_more_than_so_many_frames_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_MOST_WAITING", 3)
    layer = SlowLayer()
    async with publishing_to(layer) as publisher:
        for number in range(5):
            put(publisher, "one", number)
        layer.may_go_on.set()
        await publisher.finished()

    assert [number for _group, numbers in layer.sent for number in numbers] == [0, 1, 2]
