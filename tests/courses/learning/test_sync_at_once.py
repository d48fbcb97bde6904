"""Many devices of one learner in the same moment: synced halves beside live updates, and quizzes passed between."""

import random
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import CustomUser
from courses.events import ContentCompleted, CourseCompleted
from courses.learning.folding import Folded, ProgressUpdate
from courses.learning.services import complete_content, keeping, record_progress, sync, sync_progress
from courses.models import Content, Enrollment, Progress
from e_learning.core.api.tokens import AccessClaims
from e_learning.core.events import listens_to
from tests.accounts.at_once import at_once
from tests.courses.learning.plain_fold import end_by_hand, end_in_the_database, told_by_hand, told_in_the_platform
from tests.factories.courses import enroll, make_content, make_course
from tests.factories.people import session_for

DEVICES = 8
MORNING = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
told: list[Any] = []
listens_to(ContentCompleted)(told.append)
listens_to(CourseCompleted)(told.append)
School = dict[Enrollment, list[Content]]


def school_of(teacher: CustomUser, learner: CustomUser) -> School:
    school = {}
    for _course in range(3):
        course = make_course(teacher, contents=0)
        kinds = [("video", 120), ("text", None), ("quiz", None), ("video", None)]
        contents = [
            make_content(course.modules.get(), content_type=kind, video_duration=seconds, order=place)
            for place, (kind, seconds) in enumerate(kinds)
        ]
        school[enroll(learner, course, enrollment_date=MORNING - timedelta(days=9))] = contents
    return school


def a_days_updates(school: School, turn: int) -> list[ProgressUpdate]:
    """Return 12 updates of each content, which together complete all but the quizzes; no two turns have the same."""
    random_ = random.Random(turn)
    contents = [content for contents in school.values() for content in contents]
    return [
        ProgressUpdate(
            content.pk,
            random_.randrange(120),
            random_.randrange(600),
            MORNING + timedelta(seconds=random_.randrange(20_000)),
            [(10 * piece, 10 * piece + 11)] if content.content_type == "video" else None,
            is_completed=piece > 9,
        )
        for content in contents
        for piece in range(12)
    ]


def devices_at_once(turn: int, teacher: CustomUser, learner: CustomUser) -> None:
    """Let all devices sync the same notes, each in an order of its own, and tell of a share of its own live."""
    told.clear()
    school = school_of(teacher, learner)
    updates = a_days_updates(school, turn)
    live, notes = updates[::3], [update for place, update in enumerate(updates) if place % 3]
    caller = AccessClaims(user_id=learner.pk, session_id=session_for(learner).pk, expires_at=2**40)
    passes = [(c.pk, e.pk, MORNING + timedelta(hours=3)) for e, contents in school.items() for c in contents[2:3]]
    numbers = count()

    def device() -> None:
        number = next(numbers)
        mine = random.Random(f"{turn} {number}")
        own, order = live[number::DEVICES], mine.sample(notes, len(notes))
        for part, update in enumerate(own):
            sync_progress(learner=learner, updates=order[part :: len(own)], now=timezone.now())
            record_progress(caller=caller, update=update, now=timezone.now())
        for content_id, enrollment_id, at in mine.sample(passes, len(passes)):
            complete_content(enrollment_id=enrollment_id, content_id=content_id, at=at)

    at_once(DEVICES, device)
    expected = end_by_hand(school, updates, [(content_id, at) for content_id, _enrollment_id, at in passes])
    assert end_in_the_database() == expected
    assert all(done == 4 and at is not None for done, _latest, at in expected.enrollments.values())
    assert told_in_the_platform(told) == told_by_hand(expected, school)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_devices_at_once_end_as_one_after_another(turn: int, asha: CustomUser, bilal: CustomUser) -> None:
    devices_at_once(turn, asha, bilal)


def enrollments_not_held(rows: QuerySet[Enrollment]) -> dict[int, Enrollment]:
    return {row.pk: row for row in rows}


def rows_not_held(keys: Collection[keeping.Key]) -> dict[keeping.Key, Folded]:
    rows = Progress.objects.filter(pk__in=Progress.objects.filter(keeping._of(keys)).values("pk"))
    return {
        (row.enrollment_id, row.content_id): Folded(**{name: getattr(row, name) for name in keeping._STATE})
        for row in rows
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("room", "guard", "without"),
    [(sync, "hold_enrollments", enrollments_not_held), (keeping, "_locked", rows_not_held)],
    ids=["enrolments", "progress"],
)
def test_without_the_locks_it_goes_wrong(
    room: Any,
    guard: str,
    without: Any,
    asha: CustomUser,
    bilal: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
    on_postgresql: bool,
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time, and no locks to take away")
    monkeypatch.setattr(room, guard, without)
    with pytest.raises((AssertionError, DatabaseError)):
        again_and_again(asha, bilal)


def again_and_again(teacher: CustomUser, learner: CustomUser) -> None:
    """It went wrong in the first turn each time; more, because how threads meet is nobody's promise."""
    for turn in range(40):
        devices_at_once(turn, teacher, learner)
        Enrollment.objects.all().delete()
