"""Marks beside other marks and check-ins. Each race also runs with its guard taken away, and has to go wrong then."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest

from accounts.models import CustomUser
from attendance.folding import fold
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.selectors.roll import Roll, roll_of
from attendance.services import keeping, marking
from attendance.services.keeping import keep_events, standing_in
from attendance.services.marking import Mark, StaleVersion, mark_roll
from tests.crowd import all_at_once
from tests.factories.classes import event
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS = times(50, few=5)


def after_reading(monkeypatch: pytest.MonkeyPatch, do: Callable[[], Any]) -> None:
    """Let ``do`` happen once a mark has read the roll that it is judged by, before it holds anything."""

    def read(session: LiveSession) -> Roll:
        roll = roll_of(session)
        do()
        return roll

    monkeypatch.setattr(marking, "roll_of", read)


def nothing_is_stale_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the guard away: versions are then judged only by what was read before."""
    monkeypatch.setattr(marking, "_refuse_stale", lambda marks, held: None)


def two_decide_by_the_same_record(
    monkeypatch: pytest.MonkeyPatch, asha: CustomUser, admin: CustomUser, bilal: CustomUser, session: LiveSession
) -> bool:
    """Say whether of two marks, both decided by the record that wasn't there yet, one counts and one is refused."""
    both_have_read = Barrier(2)
    waited: list[int] = []

    def wait_for_the_other() -> None:
        if len(waited) < 2:
            waited.append(1)
            both_have_read.wait(timeout=60)

    after_reading(monkeypatch, wait_for_the_other)
    outcomes = all_at_once(
        lambda: mark_roll(owner=asha, session_id=session.pk, marks=[Mark(bilal.pk, "absent", version=0)]),
        lambda: mark_roll(owner=admin, session_id=session.pk, marks=[Mark(bilal.pk, "late", version=0)]),
    )
    refused = [one for one in outcomes if isinstance(one, StaleVersion)]
    return len(refused) == 1 and AttendanceEvent.objects.count() == 1


def test_of_two_marks_decided_by_the_same_record_one_counts(
    monkeypatch: pytest.MonkeyPatch, asha: CustomUser, admin: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    assert two_decide_by_the_same_record(monkeypatch, asha, admin, bilal, session)


def test_without_the_version_of_the_held_record_both_count(
    monkeypatch: pytest.MonkeyPatch, asha: CustomUser, admin: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    nothing_is_stale_any_more(monkeypatch)
    assert not two_decide_by_the_same_record(monkeypatch, asha, admin, bilal, session)


def check_in_comes_between(
    monkeypatch: pytest.MonkeyPatch, asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> bool:
    """Say whether a check-in stands that came after a mark looked, and before it wrote."""
    came = event(session, bilal, "check_in", session.starts_at)
    after_reading(monkeypatch, lambda: keep_events(LiveSession.objects.get(pk=session.pk), [came]))
    with suppress(StaleVersion):
        mark_roll(owner=asha, session_id=session.pk, marks=[Mark(bilal.pk, "absent", version=0)])
    return AttendanceRecord.objects.get().status == "present"


def test_mark_does_not_overrule_a_check_in_it_has_not_seen(
    monkeypatch: pytest.MonkeyPatch, asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    assert check_in_comes_between(monkeypatch, asha, bilal, session)


def test_without_the_version_of_the_held_record_it_does(
    monkeypatch: pytest.MonkeyPatch, asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    nothing_is_stale_any_more(monkeypatch)
    assert not check_in_comes_between(monkeypatch, asha, bilal, session)


def test_session_cancelled_after_the_mark_looked_takes_no_mark(
    monkeypatch: pytest.MonkeyPatch, asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    after_reading(monkeypatch, lambda: LiveSession.objects.update(state="cancelled"))
    with pytest.raises(marking.SessionCancelled):
        mark_roll(owner=asha, session_id=session.pk, marks=[Mark(bilal.pk, "absent")])
    assert not AttendanceEvent.objects.exists()


def test_register_follows_from_its_events_whatever_is_noted_at_once(
    asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    start, end = session.starts_at, session.ends_at

    def note(kind: str, at: Any, **fields: Any) -> Callable[[], Any]:
        noted = event(session, bilal, kind, at, **fields)
        return lambda: keep_events(LiveSession.objects.get(pk=session.pk), [noted])

    def mark(status: str) -> Callable[[], Any]:
        return lambda: mark_roll(owner=asha, session_id=session.pk, marks=[Mark(bilal.pk, status)])

    for _round in range(ROUNDS):
        AttendanceRecord.objects.all().delete()
        AttendanceEvent.objects.all().delete()
        all_at_once(
            note("check_in", start),
            note("check_in", start),
            note("join", start),
            note("leave", end),
            note("import", start, until=end, provider="zoom", provider_id="1"),
            note("import", start, until=end, provider="zoom", provider_id="1"),
            mark("absent"),
            mark("late"),
        )
        assert standing_in(AttendanceRecord.objects.get()) == fold(session, AttendanceEvent.objects.all())
        assert AttendanceRecord.objects.get().version == AttendanceEvent.objects.count() == 6


def late_limit_moves_under_a_check_in(monkeypatch: pytest.MonkeyPatch, bilal: CustomUser, session: LiveSession) -> bool:
    """Say whether a check-in is folded by the times that the session has by then, not by those it was read with."""
    as_read = LiveSession.objects.get(pk=session.pk)
    LiveSession.objects.filter(pk=session.pk).update(late_after=session.starts_at)
    keeping.refold_session(LiveSession.objects.get(pk=session.pk))
    keep_events(as_read, [event(session, bilal, "check_in", session.late_after)])
    return AttendanceRecord.objects.get().status == "late"


def test_check_in_is_judged_by_the_times_that_the_session_has_by_then(
    monkeypatch: pytest.MonkeyPatch, bilal: CustomUser, session: LiveSession
) -> None:
    assert late_limit_moves_under_a_check_in(monkeypatch, bilal, session)


def test_without_reading_them_again_it_is_judged_by_others(
    monkeypatch: pytest.MonkeyPatch, bilal: CustomUser, session: LiveSession
) -> None:
    monkeypatch.setattr(keeping, "hold_session", lambda session: None)
    assert not late_limit_moves_under_a_check_in(monkeypatch, bilal, session)
