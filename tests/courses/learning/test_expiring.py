"""The end of an enrolment is told of: once before, once after, anew when it was put off."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from courses.events import EnrollmentExpired, EnrollmentExpiring
from courses.learning.services import announce_expiries, enroll_learner, expiring
from courses.models import Course, Enrollment
from e_learning.celery import app
from e_learning.core import events
from tests.factories.courses import enroll, make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What was announced, in order."""
    heard: list[Any] = []
    for event in (EnrollmentExpiring, EnrollmentExpired):
        events.listens_to(event)(heard.append)
    yield heard
    for event in (EnrollmentExpiring, EnrollmentExpired):
        events._listeners[event].remove(heard.append)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, contents=0, access_days=30)


def kinds(told: list[Any]) -> list[str]:
    return [type(event).__name__ for event in told]


def test_an_end_is_told_before_and_after_once_each(
    course: Course, bilal: CustomUser, told: list[Any], now: datetime
) -> None:
    end = now + 30 * DAY
    enrollment = enroll(bilal, course, expiry_date=end)
    for at in (now, now + 22 * DAY):
        assert announce_expiries(now=at) == expiring.Announced(0, 0)
    for at in (end - 7 * DAY, end - 6 * DAY):
        announce_expiries(now=at)
    expected: dict[str, Any] = {
        "user_id": bilal.pk,
        "course_id": course.pk,
        "enrollment_id": enrollment.pk,
        "expiry_date": end,
    }
    assert told == [EnrollmentExpiring(**expected, at=end - 7 * DAY)]
    for at in (end, end + DAY, end + 400 * DAY):
        announce_expiries(now=at)
    assert told[1:] == [EnrollmentExpired(**expected, at=end)]


def test_one_that_was_renewed_is_told_of_anew(
    course: Course, bilal: CustomUser, told: list[Any], now: datetime
) -> None:
    enrollment = enroll(bilal, course, expiry_date=now - DAY, enrollment_date=now - 31 * DAY)
    announce_expiries(now=now - 3 * DAY)
    announce_expiries(now=now)
    renewed = enroll_learner(learner=bilal, course_id=course.pk).enrollment
    assert renewed.pk == enrollment.pk
    assert renewed.expiry_date is not None
    announce_expiries(now=now)
    announce_expiries(now=renewed.expiry_date - DAY)
    announce_expiries(now=renewed.expiry_date)
    assert kinds(told) == ["EnrollmentExpiring", "EnrollmentExpired"] * 2
    assert [event.expiry_date for event in told[2:]] == [renewed.expiry_date] * 2


def test_an_expired_enrolment_stays_the_row_that_renewing_opens(
    course: Course, bilal: CustomUser, told: list[Any], now: datetime
) -> None:
    enroll(bilal, course, expiry_date=now - DAY)
    announce_expiries(now=now)
    assert Enrollment.objects.get().is_active
    assert not Enrollment.objects.current(now).exists()


def test_a_short_enrolment_is_told_of_at_once_and_an_old_end_only_as_past(
    course: Course, bilal: CustomUser, chitra: CustomUser, told: list[Any], now: datetime
) -> None:
    enroll(bilal, course, expiry_date=now + DAY)
    enroll(chitra, course, expiry_date=now - 100 * DAY)
    assert announce_expiries(now=now) == expiring.Announced(expiring=1, expired=1)
    assert sorted(kinds(told)) == ["EnrollmentExpired", "EnrollmentExpiring"]


def test_nothing_is_told_of_what_has_no_end_or_was_taken_back(
    course: Course, bilal: CustomUser, chitra: CustomUser, told: list[Any], now: datetime
) -> None:
    enroll(bilal, course)
    enroll(chitra, course, expiry_date=now, is_active=False)
    announce_expiries(now=now)
    assert told == []


def test_days_of_notice_are_a_setting(
    course: Course, bilal: CustomUser, told: list[Any], now: datetime, settings: Any
) -> None:
    enroll(bilal, course, expiry_date=now + 10 * DAY)
    announce_expiries(now=now)
    assert told == []
    settings.ENROLLMENT_NOTICE_DAYS = 14
    announce_expiries(now=now)
    assert kinds(told) == ["EnrollmentExpiring"]


def test_the_days_of_a_course_changed_move_no_end_of_an_enrolment(
    course: Course, bilal: CustomUser, now: datetime
) -> None:
    enrollment = enroll_learner(learner=bilal, course_id=course.pk).enrollment
    Course.objects.update(access_days=1)
    assert Enrollment.objects.get().expiry_date == enrollment.expiry_date


def test_a_sweep_goes_on_over_many(course: Course, told: list[Any], now: datetime) -> None:
    for number in range(5):
        enroll(person(f"learner{number}"), course, expiry_date=now + (number % 2 * 2 - 1) * DAY)
    assert announce_expiries(now=now, batch=2) == expiring.Announced(expiring=2, expired=3)
    assert len({event.enrollment_id for event in told}) == 5
    with CaptureQueriesContext(connection) as statements:
        assert announce_expiries(now=now) == expiring.Announced(0, 0)
    assert len(statements) == 2


def test_the_sweep_is_scheduled_and_runs(course: Course, bilal: CustomUser, told: list[Any], now: datetime) -> None:
    enroll(bilal, course, expiry_date=now - DAY)
    [task] = [
        entry["task"] for entry in app.conf.beat_schedule.values() if entry["task"] == "courses.announce_expiries"
    ]
    app.loader.import_default_modules()
    assert app.tasks[task]() == 1
    assert kinds(told) == ["EnrollmentExpired"]


def test_an_update_that_came_in_between_is_left_to_the_next_sweep(
    course: Course, bilal: CustomUser, told: list[Any], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll(bilal, course, expiry_date=now - DAY)
    claim = expiring._claim

    def renewed_meanwhile(ends: Any, remembered: str) -> bool:
        Enrollment.objects.update(expiry_date=now + 30 * DAY)
        return claim(ends, remembered)

    monkeypatch.setattr(expiring, "_claim", renewed_meanwhile)
    assert announce_expiries(now=now) == expiring.Announced(0, 0)
    assert told == []


def sweeps_at_once(course: Course, now: datetime) -> None:
    """Two sweeps in step: both have read the rows before either writes one."""
    for number in range(3):
        enroll(person(f"learner{number}"), course, expiry_date=now - DAY)
    both_have_read = Barrier(2)

    def wait_after_reading(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith("SELECT") and "expiry_told_for" in sql:
            both_have_read.wait(timeout=30)
        return result

    def sweep() -> Any:
        try:
            with connection.execute_wrapper(wait_after_reading):
                return announce_expiries(now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for swept in [pool.submit(sweep) for _sweep in range(2)]:
            swept.result()


def test_two_sweeps_at_once_tell_once(course: Course, told: list[Any], now: datetime) -> None:
    sweeps_at_once(course, now)
    assert kinds(told) == ["EnrollmentExpired"] * 3


def test_without_the_condition_two_sweeps_tell_twice(
    course: Course, told: list[Any], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unguarded(ends: Any, remembered: str) -> bool:
        return bool(Enrollment.objects.update(**{remembered: F("expiry_date")}))

    monkeypatch.setattr(expiring, "_claim", unguarded)
    sweeps_at_once(course, now)
    assert kinds(told) == ["EnrollmentExpired"] * 6


def test_the_sweep_reads_the_untold_by_their_index(
    course: Course, bilal: CustomUser, now: datetime, on_postgresql: bool, tasks_wait: None
) -> None:
    if not on_postgresql:
        pytest.skip("the plan of PostgreSQL")
    enroll(bilal, course, expiry_date=now - DAY)
    with CaptureQueriesContext(connection) as statements:
        announce_expiries(now=now)
    reading = [entry["sql"] for entry in statements if "SELECT" in entry["sql"]]
    assert reading
    for sql in reading:
        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql.replace('%', '%%')}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            cursor.execute("RESET enable_seqscan")
        assert "enrollment_ends_untold" in plan, plan
