"""Live sessions for tests, as rows."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from attendance.models import AttendanceEvent, LiveSession
from courses.models import Course
from tests.factories.courses import enroll
from tests.factories.people import person


def make_session(course: Course, *, starts_at: datetime | None = None, minutes: int = 60, **fields: Any) -> LiveSession:
    """Return a live session with the default times: open for check-in now, unless ``starts_at`` says otherwise.

    It was planned a week before.
    """
    start = starts_at or timezone.now()
    values = {
        "title": "Spelling together",
        "mode": "online",
        "starts_at": start,
        "ends_at": start + timedelta(minutes=minutes),
        "check_in_opens": start - timedelta(minutes=15),
        "late_after": start + timedelta(minutes=10),
        "check_in_closes": start + timedelta(minutes=30),
        "created_at": start - timedelta(days=7),
        "absent_at": start + timedelta(minutes=minutes + 60),
    }
    return LiveSession.objects.create(course=course, **(values | fields))


def make_class(course: Course, size: int) -> list[Any]:
    """Return ``size`` learners enrolled in ``course`` since yesterday."""
    learners = [person(f"learner{number}") for number in range(size)]
    for learner in learners:
        enroll(learner, course, enrollment_date=timezone.now() - timedelta(days=1))
    return learners


def event(session: LiveSession, user: Any, kind: str, at: datetime, **fields: Any) -> AttendanceEvent:
    """Return an event as it would be kept; nothing is saved."""
    return AttendanceEvent(session=session, user=user, kind=kind, at=at, **fields)
