"""Events become the register, whoever notes them and however often."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.keeping import keep_events, refold_session
from courses.models import Course
from tests.core.pushes import Pushes
from tests.factories.classes import event, make_class

pytestmark = pytest.mark.django_db


def test_an_event_makes_a_record(session: LiveSession, bilal: CustomUser) -> None:
    [record] = keep_events(session, [event(session, bilal, "check_in", session.starts_at)]).values()

    assert (record.status, record.reason, record.minutes, record.version) == ("present", "on_time", 60, 1)


def test_noted_again_it_is_the_same(session: LiveSession, bilal: CustomUser) -> None:
    for _time in range(2):
        keep_events(session, [event(session, bilal, "check_in", session.starts_at)])

    assert AttendanceEvent.objects.count() == 1
    assert AttendanceRecord.objects.get().version == 1


def test_two_minutes_late_counts_as_late_once_the_session_says_so(session: LiveSession, bilal: CustomUser) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at + timedelta(minutes=2))])
    session.late_after = session.starts_at
    session.save(update_fields=["late_after"])
    refold_session(session)

    assert AttendanceRecord.objects.get().status == "late"


@pytest.mark.django_db(transaction=True)
def test_whoever_keeps_the_register_is_told(session: LiveSession, bilal: CustomUser, pushes: Pushes) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])

    assert pushes.kinds(f"attendance.{session.pk}") == ["register_changed"]


def test_an_event_can_not_be_changed(session: LiveSession, bilal: CustomUser) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])
    noted = AttendanceEvent.objects.get()

    with pytest.raises(TypeError):
        noted.save()
    with pytest.raises(TypeError):
        AttendanceEvent.objects.update(kind="join")


def test_event_that_changes_nothing_is_told_to_nobody(
    session: LiveSession, bilal: CustomUser, pushes: Pushes, django_capture_on_commit_callbacks: Any
) -> None:
    line = {"until": session.ends_at, "provider": "zoom", "provider_id": "1"}
    for told in (1, 0):
        with django_capture_on_commit_callbacks() as callbacks:
            keep_events(session, [event(session, bilal, "import", session.starts_at, **line)])
        assert len(callbacks) == told


@pytest.mark.parametrize("size", [1, 300])
def test_events_take_as_many_statements_for_300_as_for_one(
    course: Course, session: LiveSession, size: int, on_postgresql: bool
) -> None:
    events = [event(session, learner, "check_in", session.starts_at) for learner in make_class(course, size)]
    with CaptureQueriesContext(connection) as statements:
        keep_events(session, events)

    assert AttendanceRecord.objects.filter(status="present").count() == size
    if on_postgresql:
        assert len(statements) == 6 + 2  # and a savepoint, within the transaction of the test
