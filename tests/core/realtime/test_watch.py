"""The watch over open sockets: whoever is out is closed, nobody is because the database is away."""

import asyncio
import threading
import time
from collections.abc import Collection

import pytest

from e_learning.core import socket_watch
from e_learning.core.realtime import Push, hub, push_now
from tests.core.realtime.stand_ins import Ear
from tests.core.realtime.test_hub import no_other_process, seen  # noqa: F401 - a fixture

#: The watch closes old connections of its thread after each answer, which counts as use of the database.
pytestmark = pytest.mark.django_db


class Sessions:
    """A stand-in for the table of sessions, which may be away, or slow."""

    def __init__(self) -> None:
        self.live = {1}
        self.is_away = False
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0

    def __call__(self, session_ids: Collection[int]) -> set[int]:
        self.asked += 1
        assert self.answers.wait(timeout=20)
        if self.is_away:
            raise ConnectionError("the database is away")
        return self.live & set(session_ids)


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """Sessions of which 1 lives, asked ten times as often as in earnest."""
    table = Sessions()
    monkeypatch.setattr(socket_watch, "who_knows_sessions", [table])
    for name in ("ASK_EVERY_SECONDS", "FRESH_SECONDS", "PATIENCE_SECONDS", "TRUSTED_SECONDS"):
        monkeypatch.setattr(socket_watch, name, getattr(socket_watch, name) / 10)
    return table


@pytest.fixture
async def ear(sessions: Sessions) -> Ear:
    listening = Ear()
    await hub().join("community.1", listening)
    await seen(lambda: sessions.asked)
    return listening


async def test_all_are_asked_about_together(ear: Ear, sessions: Sessions) -> None:
    others = [Ear() for _ in range(20)]
    for other in others:
        await hub().join("community.1", other)
    sessions.asked, began = 0, time.monotonic()
    await asyncio.sleep(0.4)

    assert sessions.asked <= 1 + (time.monotonic() - began) / socket_watch.ASK_EVERY_SECONDS
    for other in [*others, ear]:
        hub().leave("community.1", other)


async def test_whoever_signed_out_is_closed(ear: Ear, sessions: Sessions) -> None:
    sessions.live = set()

    assert await seen(lambda: ear.closed_with == 4401)
    hub().leave("community.1", ear)


async def test_whoever_lost_their_place_is_closed_as_their_room_says(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ear, "out", {ear.user_id: 4403})

    assert await seen(lambda: ear.closed_with == 4403)
    hub().leave("community.1", ear)


async def test_a_token_that_expires_closes_its_socket_though_nothing_is_said(sessions: Sessions) -> None:
    ear = Ear(expires_at=time.time() + 1)
    await hub().join("community.1", ear)

    assert await seen(lambda: ear.closed_with == 4401)
    hub().leave("community.1", ear)


async def test_while_the_database_is_away_nobody_is_closed_and_frames_go_on(ear: Ear, sessions: Sessions) -> None:
    sessions.is_away = True
    await asyncio.sleep(0.3)
    push_now(Push("community.1", "still here"))

    assert await seen(lambda: ear.heard == ["still here"])
    assert not ear.closed_with
    sessions.is_away = False
    hub().leave("community.1", ear)


async def test_one_slow_answer_holds_frames_back_for_a_moment_only_and_in_their_order(
    ear: Ear, sessions: Sessions
) -> None:
    sessions.answers.clear()
    await asyncio.sleep(0.11)
    push_now(Push("community.1", "1"))
    push_now(Push("community.1", "2"))

    assert await seen(lambda: ear.heard == ["1", "2"], within=1)
    assert not ear.closed_with
    sessions.answers.set()
    hub().leave("community.1", ear)


async def test_a_frame_does_not_reach_who_is_found_to_be_out_by_the_answer_it_waited_for(
    ear: Ear, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = Ear(6)
    await hub().join("community.1", stays)
    sessions.answers.clear()
    await asyncio.sleep(0.12)

    push_now(Push("community.1", "secret"))
    ear.close = lambda code: hub().leave("community.1", ear)  # type: ignore[method-assign]  # what RoomSocket does
    monkeypatch.setattr(Ear, "out", {ear.user_id: 4403})
    sessions.answers.set()

    assert await seen(lambda: stays.heard == ["secret"])
    assert ear.heard == []
    hub().leave("community.1", stays)


async def test_without_an_answer_for_too_long_all_are_sent_to_another_process(ear: Ear, sessions: Sessions) -> None:
    sessions.is_away = True

    assert await seen(lambda: ear.closed_with == 1012, within=10)
    hub().leave("community.1", ear)
