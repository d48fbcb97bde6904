"""Leaving: minutes until now, the first answer again, and nothing past the end."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.keeping import keep_events
from courses.models import Course, Enrollment
from tests.attendance.at_the_door import ago, check_in, kept, now, of, refusal
from tests.factories.classes import event, make_session

pytestmark = pytest.mark.django_db


def check_out(client: APIClient, session: LiveSession) -> Any:
    return client.post(of(session, "check-out"))


@pytest.fixture
def session(course: Course) -> LiveSession:
    """A class that began twenty minutes ago."""
    return make_session(course, starts_at=ago(minutes=20))


def came(session: LiveSession, learner: CustomUser, at: datetime, kind: str = "check_in") -> None:
    keep_events(session, [event(session, learner, kind, at, recorded_at=at)])


def test_who_leaves_is_told_how_long_they_were_there(
    bilals: APIClient, session: LiveSession, bilal: CustomUser
) -> None:
    came(session, bilal, ago(minutes=15, seconds=1))
    answer = check_out(bilals, session)

    assert answer.status_code == 200
    assert answer.json()["minutes"] == 15
    assert set(answer.json()) == {"session_id", "checked_in_at", "checked_out_at", "minutes"}
    record = AttendanceRecord.objects.get()
    assert (record.minutes, record.status) == (15, "present")
    assert record.last_out_at == AttendanceEvent.objects.get(kind="leave").at


def test_sent_again_the_first_answer_comes_again(bilals: APIClient, session: LiveSession, bilal: CustomUser) -> None:
    came(session, bilal, ago(minutes=15))
    first = check_out(bilals, session).json()

    assert check_out(bilals, session).json() == first
    assert kept(session) == [("check_in", ""), ("leave", "")]


def test_who_came_in_again_leaves_again(bilals: APIClient, session: LiveSession, bilal: CustomUser) -> None:
    came(session, bilal, ago(minutes=18))
    came(session, bilal, ago(minutes=13), "leave")
    came(session, bilal, ago(minutes=3, seconds=1), "join")

    assert check_out(bilals, session).json()["minutes"] == 8
    assert AttendanceEvent.objects.filter(kind="leave").count() == 2


def test_after_the_end_it_counts_as_the_end(bilals: APIClient, course: Course, bilal: CustomUser) -> None:
    session = make_session(course, starts_at=ago(minutes=90))
    came(session, bilal, ago(minutes=91))
    answers = [check_out(bilals, session).json() for _time in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["minutes"] == 60
    assert datetime.fromisoformat(answers[0]["checked_out_at"]) == session.ends_at


def test_who_came_after_the_end_and_leaves_was_there_for_no_minutes(
    bilals: APIClient, course: Course, bilal: CustomUser
) -> None:
    """A window may stay open longer than the class is."""
    session = make_session(course, starts_at=ago(minutes=20), minutes=10)
    check_in(bilals, session)
    answers = [check_out(bilals, session).json() for _time in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["minutes"] == 0
    assert answers[0]["checked_in_at"] == answers[0]["checked_out_at"]
    assert AttendanceEvent.objects.filter(kind="leave").count() == 1


@pytest.mark.parametrize("noted", [[], [("manual", "", "present")], [("check_in", "too_far", "")]])
def test_who_never_came_can_not_leave(
    bilals: APIClient, session: LiveSession, bilal: CustomUser, noted: list[tuple[str, str, str]]
) -> None:
    events = [event(session, bilal, kind, now(), refusal=refused, status=set_) for kind, refused, set_ in noted]
    keep_events(session, events)

    assert refusal(check_out(bilals, session)) == (409, "not_checked_in")
    assert len(kept(session)) == len(noted)
    assert AttendanceRecord.objects.filter(version=0).count() == 0


def test_strangers_and_who_teaches(
    ashas: APIClient, chitras: APIClient, anonymous: APIClient, session: LiveSession
) -> None:
    assert refusal(check_out(ashas, session)) == (403, "not_a_learner")
    assert refusal(check_out(chitras, session)) == (404, "not_found")
    assert check_out(anonymous, session).status_code == 401


def test_an_enrolment_that_ended(bilals: APIClient, session: LiveSession, bilal: CustomUser) -> None:
    came(session, bilal, ago(minutes=15))
    Enrollment.objects.update(is_active=False)

    assert refusal(check_out(bilals, session)) == (404, "not_found")


def test_a_cancelled_class(bilals: APIClient, session: LiveSession, bilal: CustomUser) -> None:
    came(session, bilal, ago(minutes=15))
    LiveSession.objects.update(state="cancelled")

    assert refusal(check_out(bilals, session)) == (409, "session_cancelled")


@pytest.mark.django_db(transaction=True)
def test_statements(bilals: APIClient, session: LiveSession, bilal: CustomUser, on_postgresql: bool) -> None:
    came(session, bilal, ago(minutes=15))
    taken = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as statements:
            check_out(bilals, session)
        taken.append([statement["sql"] for statement in statements].index("COMMIT") + 1)

    # The caller, the seat; the session held, the record held (2), the latest move, the leaving, all events, the record.
    if on_postgresql:
        assert taken == [11, 8]
