"""Whole registers for tests: many sessions and learners, as rows."""

import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import CustomUser, UserSettings
from attendance.models import AttendanceRecord, LiveSession
from courses.models import Course, Enrollment
from tests.factories.people import person

STATUSES = ("present", "late", "absent", "excused", "")


def hold_classes(course: Course, *, sessions: int, learners: int, seed: int = 1) -> list[CustomUser]:
    """Hold so many sessions, one a day until yesterday, with a record of every learner in each; return the learners.

    Records are written as they would stand after the fold; statuses and minutes are drawn by ``seed``.
    """
    draw = random.Random(seed)
    now = timezone.now()
    model = person(f"learner-{course.pk}")
    people = [model] + [
        CustomUser(username=f"learner-{course.pk}-{n}", email=f"learner-{course.pk}-{n}@demo.school",
                   full_name=f"Learner {n:03}", password=model.password)
        for n in range(1, learners)
    ]  # fmt: skip
    CustomUser.objects.bulk_create(people[1:])
    UserSettings.objects.bulk_create([UserSettings(user=user) for user in people[1:]])
    Enrollment.objects.bulk_create(
        [Enrollment(user=user, course=course, enrollment_date=now - timedelta(days=100)) for user in people]
    )
    held = [_session(course, now - timedelta(days=sessions - number)) for number in range(sessions)]
    LiveSession.objects.bulk_create(held)
    records = [_record(session, user, draw) for session in held for user in people]
    AttendanceRecord.objects.bulk_create(records, batch_size=2000)
    return people


def _session(course: Course, start: Any) -> LiveSession:
    return LiveSession(
        course=course, title="Spelling together", mode="online", starts_at=start, ends_at=start + timedelta(hours=1),
        check_in_opens=start, late_after=start, check_in_closes=start,
    )  # fmt: skip


def _record(session: LiveSession, user: CustomUser, draw: random.Random) -> AttendanceRecord:
    return AttendanceRecord(
        session=session, user=user, status=draw.choice(STATUSES), minutes=draw.randrange(60), version=1
    )
