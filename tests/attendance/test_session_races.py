"""Two who change sessions at once. Each race also runs without its guard, and has to go wrong then."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest

from accounts.models import CustomUser
from attendance.models import LiveSession, SessionSeries
from attendance.services import following, planning
from attendance.services.planning import cancel_session, change_session
from attendance.services.recurring import extend_series
from courses.models import Course
from e_learning.core.api.errors import ApiError
from tests.attendance.test_series import START, assert_told_truly, clock, planned
from tests.crowd import all_at_once, crowd
from tests.factories.classes import make_session
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS = times(20, few=4)
HALF, HOUR = timedelta(minutes=30), timedelta(hours=1)


def move(asha: CustomUser, session: LiveSession) -> Any:
    return change_session(owner=asha, session_id=session.pk, values={"starts_at": session.starts_at + HALF})


def lengthen(asha: CustomUser, session: LiveSession) -> Any:
    return change_session(owner=asha, session_id=session.pk, values={"ends_at": session.ends_at + HOUR})


def both_halves(session: LiveSession) -> bool:
    """Whether it was moved and, before that or afterwards, got the other end."""
    now = LiveSession.objects.get(pk=session.pk)
    moved = now.starts_at == session.starts_at + HALF
    return moved and now.ends_at - session.ends_at in (HOUR, HOUR + HALF)


def test_two_changes_at_once_lose_no_half(asha: CustomUser, course: Course) -> None:
    with crowd(2) as run:
        for _round in range(ROUNDS):
            session = make_session(course, starts_at=START)
            run(lambda: move(asha, session), lambda: lengthen(asha, session))  # noqa: B023 - run within the round
            assert both_halves(session)


def test_without_waiting_one_half_is_lost(
    asha: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")
    session = make_session(course, starts_at=START)
    both_have_looked, other_is_done = Barrier(2), Event()

    def look(session_id: int) -> LiveSession:
        found = LiveSession.objects.get(pk=session_id)
        both_have_looked.wait(timeout=60)
        return found

    def lengthen_first() -> None:
        lengthen(asha, session)
        other_is_done.set()

    kept = planning._keep

    def keep_in_order(session: LiveSession, changed: Any, now: Any) -> LiveSession:
        if "starts_at" in changed:
            other_is_done.wait(timeout=60)
        return kept(session, changed, now)

    monkeypatch.setattr(planning, "held", look)
    monkeypatch.setattr(planning, "_keep", keep_in_order)
    all_at_once(lambda: move(asha, session), lengthen_first)
    assert not both_halves(session)


def changing(asha: CustomUser, session: LiveSession, **values: Any) -> Callable[[], Any]:
    return lambda: change_session(owner=asha, session_id=session.pk, values=values, scope="following")


def test_a_series_that_many_change_at_once_stays_whole(asha: CustomUser, course: Course) -> None:
    with crowd(4) as run:
        for _round in range(ROUNDS):
            LiveSession.objects.all().delete()
            SessionSeries.objects.all().delete()
            made = planned(asha, course, "FREQ=WEEKLY")
            SessionSeries.objects.update(expanded_until=START + timedelta(days=70))
            answers = run(
                changing(asha, made[2], starts_at=clock(made[2].starts_at, days=1)),
                changing(asha, made[4], starts_at=clock(made[4].starts_at, hours=1)),
                lambda: cancel_session(owner=asha, session_id=made[6].pk, scope="following"),  # noqa: B023
                extend_series,
            )
            refused = [one for one in answers if isinstance(one, ApiError)]
            assert {one.code for one in refused} <= {"series_changed"}
            assert_whole()


def test_without_holding_the_series_it_breaks(
    asha: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")
    made = planned(asha, course, "FREQ=WEEKLY;COUNT=8")
    both_have_looked = Barrier(2)

    def look(session: LiveSession) -> following.Rest:
        series = SessionSeries.objects.get(sessions=session)
        rows = list(LiveSession.objects.filter(series=series, recurs_at__gte=session.recurs_at).order_by("recurs_at"))
        both_have_looked.wait(timeout=60)
        return following.Rest(rows[0], series, rows[0].starts_at, rows)

    monkeypatch.setattr(following, "_held_from", look)
    answers = all_at_once(
        changing(asha, made[2], starts_at=clock(made[2].starts_at, days=1)),
        changing(asha, made[4], starts_at=clock(made[4].starts_at, hours=1)),
    )
    assert not any(isinstance(one, ApiError) for one in answers)
    with pytest.raises(AssertionError):
        assert_whole()


def assert_whole() -> None:
    """Every series is told truly, and none of its sessions begins twice."""
    assert_told_truly()
    starts = list(LiveSession.objects.standing().values_list("starts_at", flat=True))
    assert len(starts) == len(set(starts))
