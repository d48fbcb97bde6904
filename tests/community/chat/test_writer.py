"""The writer: messages that come in together are stored together, in order, and each sender hears what became of it."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest
from django.db import OperationalError

from community.chat import writer as module
from community.chat.services import Draft, Outcome
from community.chat.writer import Lane, Writer
from e_learning.core.api.errors import Unavailable


class Database:
    """Stands where threads and the database are: keeps batches, waits while ``is_open`` is not set, fails on demand."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.poison = ""
        self.error: Exception = ValueError("poison")

    async def post(self, drafts: Sequence[Draft]) -> list[Outcome]:
        self.batches.append([draft.text for draft in drafts])
        await self.is_open.wait()
        if any(self.poison and self.poison in draft.text for draft in drafts):
            raise self.error
        return [f"stored {draft.text}" for draft in drafts]  # type: ignore[misc]  # what the service would answer


async def told(heard: list[Outcome], number: int) -> None:
    """Wait until so many senders were told what became of their messages."""
    async with asyncio.timeout(5):
        while len(heard) < number:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0)


def draft(text: str, *, room_id: int = 1, named: bool = True) -> Draft:
    return Draft(room_id=room_id, sender_id=1, text=text, client_id=uuid4() if named else None)


@pytest.fixture
async def database() -> Database:
    return Database()


async def test_alone_a_message_waits_for_nothing_and_under_load_calls_are_shared(database: Database) -> None:
    lane, heard = Lane(database.post), []
    database.is_open.clear()
    for number in range(6):
        lane.put(draft(str(number)), heard.append)
        await asyncio.sleep(0)
    database.is_open.set()
    await told(heard, 6)
    assert database.batches == [["0"], ["1", "2", "3", "4", "5"]]
    assert heard == [f"stored {number}" for number in range(6)]


async def test_rooms_of_other_lanes_do_not_wait(database: Database) -> None:
    writer, heard = Writer(database.post, lanes=2), []
    database.is_open.clear()
    writer.put(draft("slow", room_id=1), heard.append)
    writer.put(draft("other", room_id=2), heard.append)
    await asyncio.sleep(0)
    assert database.batches == [["slow"], ["other"]]
    database.is_open.set()
    await told(heard, 2)


async def test_one_bad_message_fails_alone(database: Database) -> None:
    lane, heard = Lane(database.post), []
    database.poison = "bad"
    for text in ("good", "bad", "fine"):
        lane.put(draft(text), heard.append)
    await told(heard, 3)
    assert [heard[0], heard[2]] == ["stored good", "stored fine"]
    assert isinstance(heard[1], Unavailable)


async def test_what_could_not_be_recognised_is_not_tried_again(database: Database) -> None:
    lane, heard = Lane(database.post), []
    database.poison = "bad"
    lane.put(draft("nameless", named=False), heard.append)
    lane.put(draft("bad"), heard.append)
    await told(heard, 2)
    assert [type(outcome) for outcome in heard] == [Unavailable] * 2
    assert database.batches == [["nameless", "bad"], ["bad"]]


async def test_with_the_database_away_all_hear_of_it_after_one_more_try(database: Database) -> None:
    lane, heard = Lane(database.post), []
    database.poison, database.error = "m", OperationalError("gone")
    for number in range(50):
        lane.put(draft(f"m{number}"), heard.append)
    await told(heard, 50)
    assert [type(outcome) for outcome in heard] == [Unavailable] * 50
    assert len(database.batches) == 2
    database.poison = ""
    lane.put(draft("back"), heard.append)
    await told(heard, 51)
    assert heard[-1] == "stored back"


async def test_the_queue_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    lane, heard = Lane(database.post), []
    for number in range(4):
        lane.put(draft(str(number)), heard.append)
    assert [type(outcome) for outcome in heard] == [Unavailable]
    await told(heard, 4)
    assert len(heard) == 4


async def test_a_sender_that_fails_to_listen_hurts_nobody(database: Database) -> None:
    lane, heard = Lane(database.post), []

    def fails(outcome: Outcome) -> None:
        raise RuntimeError

    lane.put(draft("1"), fails)
    lane.put(draft("2"), heard.append)
    await told(heard, 1)
    assert heard == ["stored 2"]
