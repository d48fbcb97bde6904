"""Completing the content of a session is attending it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance import receivers
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.closing import close_session
from attendance.services.keeping import keep_events
from attendance.services.linking import note_completions
from courses.events import ContentsCompleted
from courses.models import AccessGrant, Content, Course, Enrollment, Progress
from e_learning.core.events import publish_on_commit
from tests.factories.classes import event, make_session
from tests.factories.courses import contents_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def content(course: Course) -> Content:
    return contents_of(course)[0]


def completed(user: CustomUser, content: Content, at: datetime) -> tuple[int, int]:
    """Have completed the content, without a word of it to anybody."""
    enrollment = Enrollment.objects.get(user=user)
    fields = {"is_completed": True, "completed_at": at, "position_at": at, "updated_at": at}
    Progress.objects.create(enrollment=enrollment, content=content, **fields)
    return enrollment.pk, content.pk


def said() -> dict[int, tuple[str, str]]:
    return {row.session_id: (row.status, row.reason) for row in AttendanceRecord.objects.all()}


@pytest.mark.django_db(transaction=True)
def test_completing_it_in_the_app_is_attending(
    bilals: APIClient, bilal: CustomUser, course: Course, content: Content
) -> None:
    session = make_session(course, linked_content=content)
    other = make_session(course, linked_content=contents_of(course)[1])
    update = {"content_id": content.pk, "is_completed": True, "last_position": 0, "time_spent": 0}
    answer = bilals.post("/api/courses/progress/update/", update)

    assert answer.json()["is_completed"] is True
    assert said() == {session.pk: ("present", "content_completed")}
    assert AttendanceEvent.objects.get().at == Progress.objects.get().completed_at
    assert other.pk not in said()


@pytest.mark.django_db(transaction=True)
def test_a_day_offline_asks_once(
    bilals: APIClient, course: Course, tasks_wait: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_session(course, linked_content=contents_of(course)[2])
    woken: list[Any] = []
    monkeypatch.setattr(receivers, "wake_on_commit", lambda task, *args: woken.append(args))
    told = {"is_completed": True, "last_position": 0, "time_spent": 0, "client_time": timezone.now().isoformat()}
    updates = [{"content_id": row.pk, **told} for row in contents_of(course)]
    with CaptureQueriesContext(connection) as statements:
        assert bilals.post("/api/courses/progress/sync/", {"updates": updates}).status_code == 200

    assert len([one for one in statements if "attendance_" in one["sql"]]) == 1
    [(pairs,)] = woken
    assert pairs == [(Enrollment.objects.get().pk, contents_of(course)[2].pk)]


def test_it_counts_until_the_end_and_long_before_the_start(
    bilal: CustomUser, course: Course, content: Content, now: datetime
) -> None:
    sessions = {
        "over when it was completed": make_session(course, starts_at=now - timedelta(hours=2), linked_content=content),
        "ends as it is completed": make_session(course, starts_at=now - timedelta(hours=1), linked_content=content),
        "tomorrow": make_session(course, starts_at=now + timedelta(days=1), linked_content=content),
        "cancelled": make_session(course, linked_content=content, state="cancelled"),
    }
    note_completions(completed=[completed(bilal, content, now)])

    assert {name for name, session in sessions.items() if session.pk in said()} == {
        "ends as it is completed",
        "tomorrow",
    }


def test_noted_again_it_is_the_same(bilal: CustomUser, course: Course, content: Content, now: datetime) -> None:
    make_session(course, linked_content=content)
    pair = completed(bilal, content, now)
    for _time in range(2):
        note_completions(completed=[pair])

    assert AttendanceEvent.objects.count() == AttendanceRecord.objects.get().version == 1


def test_who_will_not_be_in_the_class_is_not_noted(
    bilal: CustomUser, course: Course, content: Content, now: datetime
) -> None:
    Enrollment.objects.update(expiry_date=now + timedelta(hours=1))
    AccessGrant.objects.update(ends_at=now + timedelta(hours=1))
    make_session(course, starts_at=now + timedelta(days=1), linked_content=content)
    note_completions(completed=[completed(bilal, content, now)])

    assert said() == {}


def test_what_was_not_completed_is_not_noted(bilal: CustomUser, course: Course, content: Content) -> None:
    make_session(course, linked_content=content)
    note_completions(completed=[(Enrollment.objects.get().pk, content.pk)])

    assert said() == {}


def test_a_completion_told_after_the_session_was_closed_still_counts(
    bilal: CustomUser, course: Course, content: Content, now: datetime
) -> None:
    """Made offline in time, sent the next day."""
    session = make_session(course, starts_at=now - timedelta(days=1), linked_content=content)
    close_session(session_id=session.pk, at=now)
    assert said() == {session.pk: ("absent", "not_there")}

    note_completions(completed=[completed(bilal, content, session.starts_at)])
    assert said() == {session.pk: ("present", "content_completed")}


# --- what closing finds --------------------------------------------------------------------------


@pytest.mark.parametrize("marks_absence", [True, False])
def test_closing_finds_what_nobody_told_of(
    marks_absence: bool, bilal: CustomUser, course: Course, content: Content, now: datetime
) -> None:
    """The session was planned later than the completion, or the event was lost with its process."""
    completed(bilal, content, now - timedelta(days=3))
    session = make_session(course, starts_at=now - timedelta(days=1), linked_content=content)
    if not marks_absence:
        LiveSession.objects.update(absent_at=None)

    assert close_session(session_id=session.pk, at=now)
    assert said() == {session.pk: ("present", "content_completed")}
    assert AttendanceEvent.objects.get().at == now - timedelta(days=3)


def test_who_came_late_but_completed_it_is_present_also_by_closing(
    bilal: CustomUser, course: Course, content: Content, now: datetime
) -> None:
    session = make_session(course, starts_at=now - timedelta(days=1), linked_content=content)
    keep_events(session, [event(session, bilal, "check_in", session.late_after + timedelta(minutes=1))])
    assert said() == {session.pk: ("late", "came_late")}
    completed(bilal, content, session.ends_at)
    close_session(session_id=session.pk, at=now)

    assert said() == {session.pk: ("present", "content_completed")}


def test_who_completed_it_too_late_is_absent(
    bilal: CustomUser, course: Course, content: Content, now: datetime
) -> None:
    session = make_session(course, starts_at=now - timedelta(days=1), linked_content=content)
    completed(bilal, content, session.ends_at + timedelta(seconds=1))
    close_session(session_id=session.pk, at=now)

    assert said() == {session.pk: ("absent", "not_there")}


@pytest.mark.django_db(transaction=True)
def test_where_no_session_links_it_nobody_is_woken(
    course: Course, content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_session(course)
    make_session(course, linked_content=content, state="cancelled")
    woken: list[Any] = []
    monkeypatch.setattr(receivers, "wake_on_commit", lambda *args: woken.append(args))
    with CaptureQueriesContext(connection) as statements:
        publish_on_commit(ContentsCompleted(((1, content.pk), (1, content.pk + 1))))

    assert (len(statements), woken) == (1, [])
