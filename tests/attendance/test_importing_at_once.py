"""The same file read by two at once: each line is noted once, and only one of them says that it was new."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from attendance.exports import Participation
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.models.sessions import LiveSessionRows
from attendance.services import importing
from attendance.services.importing import import_participations
from tests.crowd import crowd

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def read_together(session: LiveSession, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], list[int]]:
    """Return a function that has two read one line; each waits with what is new until the other knows it as well, so
    many seconds: in vain, where the other is held back. It returns how much was new to each.
    """
    new_events = importing._new_events

    stays = [Participation("Bilal", "", session.starts_at, session.ends_at, line=2)]

    def read() -> int:
        return import_participations(session=session, participations=stays, provider="zoom").new_events

    def together(patience: float) -> list[int]:
        seen = Barrier(2)

        def wait_for_the_other(*arguments: Any) -> Any:
            found = new_events(*arguments)
            with suppress(BrokenBarrierError):
                seen.wait(timeout=patience)
            return found

        monkeypatch.setattr(importing, "_new_events", wait_for_the_other)
        with crowd(2) as all_at_once:
            return sorted(all_at_once(read, read))

    return together


def test_the_second_finds_nothing_new(read_together: Callable[[float], list[int]]) -> None:
    assert read_together(2) == [0, 1]
    assert AttendanceEvent.objects.count() == 1
    assert AttendanceRecord.objects.values_list("status", "version").get() == ("present", 1)


def test_without_the_lock_both_call_it_new_and_the_constraint_keeps_one(
    read_together: Callable[[float], list[int]], monkeypatch: pytest.MonkeyPatch, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(LiveSessionRows, "select_for_update", lambda rows, **_how: rows, raising=False)
    assert read_together(60) == [1, 1]
    assert AttendanceEvent.objects.count() == 1
    assert AttendanceRecord.objects.values_list("status", "version").get() == ("present", 1)
