"""Of a class that begins soon is told once, and anew where it was given another time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from attendance.events import ClassSoon
from attendance.models import AttendancePolicy, LiveSession
from attendance.services import reminding
from attendance.services.reminding import remind_of_sessions
from attendance.tasks import remind
from courses.models import Course
from e_learning.celery import app
from e_learning.core import events
from tests.crowd import crowd
from tests.factories.classes import make_session
from tests.thorough import times

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(tasks_wait: None) -> Iterator[list[ClassSoon]]:
    """What was announced, in order."""
    heard: list[ClassSoon] = []
    events.listens_to(ClassSoon)(heard.append)
    yield heard
    events._listeners[ClassSoon].remove(heard.append)


@pytest.fixture
def soon(course: Course) -> LiveSession:
    """A class that begins in 50 minutes."""
    return make_session(course, starts_at=timezone.now() + 50 * MINUTE)


def test_a_class_is_told_of_once(soon: LiveSession, told: list[ClassSoon]) -> None:
    assert [remind(), remind()] == [1, 0]
    assert told == [ClassSoon(soon.pk, soon.course_id, soon.title, soon.starts_at)]


def test_every_minute_somebody_looks() -> None:
    assert app.conf.beat_schedule["remind-of-classes"] == {"task": remind.name, "schedule": 60.0}


def test_another_time_is_told_of_anew(soon: LiveSession, told: list[ClassSoon]) -> None:
    remind_of_sessions()
    LiveSession.objects.update(starts_at=F("starts_at") + 5 * MINUTE)
    remind_of_sessions()

    assert [event.starts_at for event in told] == [soon.starts_at, soon.starts_at + 5 * MINUTE]


def test_what_is_far_has_begun_or_was_cancelled_is_not_told_of(course: Course, told: list[ClassSoon]) -> None:
    now = timezone.now()
    make_session(course, starts_at=now)
    make_session(course, starts_at=now + 61 * MINUTE)
    make_session(course, starts_at=now + 50 * MINUTE, state="cancelled")

    assert (remind_of_sessions(now=now), told) == (0, [])


@pytest.mark.parametrize(
    ("minutes", "ahead", "is_told"),
    [
        (None, 1, False),
        (60, 60, True),
        (60, 61, False),
        (10, 11, False),
        (10, 10, True),
        (7 * 24 * 60, 7 * 24 * 60, True),
    ],
)
def test_the_policy_says_when(
    course: Course, told: list[ClassSoon], minutes: int | None, ahead: int, is_told: bool
) -> None:
    now = timezone.now()
    AttendancePolicy.objects.create(course=course, remind_minutes=minutes)
    make_session(course, starts_at=now + ahead * MINUTE)

    assert bool(remind_of_sessions(now=now)) == is_told == bool(told)


def test_a_batch_costs_the_same_whatever_is_in_it(course: Course, told: list[ClassSoon], on_postgresql: bool) -> None:
    costs = []
    for number in (1, 30):
        for _each in range(number):
            make_session(course, starts_at=timezone.now() + 50 * MINUTE)
        with CaptureQueriesContext(connection) as statements:
            assert remind_of_sessions() == number
        costs.append(len(statements))

    assert costs[0] == costs[1]
    if on_postgresql:
        # BEGIN, what is due, the claim, COMMIT; then BEGIN, nothing is due, ROLLBACK
        assert costs[0] == 7


def test_more_than_a_batch_is_told_of_by_one_sweep(course: Course, told: list[ClassSoon]) -> None:
    for _each in range(5):
        make_session(course, starts_at=timezone.now() + 50 * MINUTE)

    assert remind_of_sessions(batch=2) == 5 == len({event.session_id for event in told})


def test_two_sweeps_at_once_remind_once(course: Course, told: list[ClassSoon]) -> None:
    assert all(count == 3 for count in reminded_at_once(course, told, times(20, few=4)))


def test_what_another_sweep_has_claimed_is_not_told_of(
    soon: LiveSession, overtaken: None, told: list[ClassSoon]
) -> None:
    assert (remind_of_sessions(), told) == (0, [])


def test_without_the_condition_of_the_claim_it_is(
    soon: LiveSession, overtaken: None, told: list[ClassSoon], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminding, "_UNTOLD", Q())
    reminding._remind(timezone.now(), 200)

    assert len(told) == 1


@pytest.fixture
def overtaken(monkeypatch: pytest.MonkeyPatch, soon: LiveSession) -> None:
    """Another sweep claims everything after this one has looked, and no lock keeps it from that."""

    class Looked:
        def select_for_update(self, **_of: Any) -> "Looked":
            LiveSession.objects.update(reminded_for=F("starts_at"))
            return self

        def order_by(self, *_names: str) -> list[LiveSession]:
            return [soon]

    monkeypatch.setattr(reminding, "_due_sessions", lambda _now: Looked())


def reminded_at_once(course: Course, told: list[ClassSoon], rounds: int) -> Iterator[int]:
    """Sweep from four threads at once, round after round; yields how often three classes were told of."""
    with crowd(4) as all_at_once:
        for _round in range(rounds):
            told.clear()
            for _each in range(3):
                make_session(course, starts_at=timezone.now() + 50 * MINUTE)
            all_at_once(*[remind_of_sessions] * 4)
            remind_of_sessions()
            yield len(told)
