"""The updates of a device that was offline, folded together: a handful of statements, however many they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.api import User
from courses.catalogue.models import Content, Course
from courses.learning.access import EnrollmentRequired, may_know_of
from courses.learning.completion import CourseStanding
from courses.learning.folding import ProgressUpdate, Standard
from courses.learning.models import Enrollment
from courses.learning.services.keeping import hold_enrollments, keep_updates
from e_learning.core.api.errors import NotThere


@dataclass(frozen=True, slots=True)
class RejectedUpdate:
    """An update that could not be read. ``content_id`` is None where that could not be read either."""

    content_id: int | None
    code: str = "invalid"


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """What became of one update. ``stale``: what it told of its content was known already, or known better."""

    content_id: int | None
    status: Literal["applied", "stale", "rejected"]
    code: str | None = None


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """One outcome an update, in the order sent, and where each course touched stands, in the order first touched."""

    results: list[UpdateOutcome]
    courses: dict[int, CourseStanding]


@dataclass(frozen=True, slots=True)
class _Target:
    """The content of an update, and the learner's enrolment in its course."""

    course_id: int
    content_count: int
    enrollment: Enrollment | None
    standard: Standard | None


@transaction.atomic(savepoint=False)
def sync_progress(*, learner: User, updates: Sequence[ProgressUpdate | RejectedUpdate], now: datetime) -> SyncOutcome:
    """Keep what a device noted while it was offline; each update is judged by itself.

    Rejected with ``not_found`` (no such content, or in a course the learner may not know of) and
    ``enrollment_required`` is the update, never the batch. In any order, any number of times, from any
    device and beside live updates, the same updates end in the same rows (``folding.py``). Within a
    batch an update is ``stale`` against those before it.
    """
    readable = [update for update in updates if isinstance(update, ProgressUpdate)]
    ids = {update.content_id for update in readable}
    # Held before the contents are looked at: what is seen then can't be removed before the commit.
    named = Content.objects.filter(module__course=OuterRef("course"), pk__in=ids)
    held = hold_enrollments(Enrollment.objects.current(now).filter(Exists(named), user=learner)) if ids else {}
    targets = _targets(learner, ids, held.values())
    kept_updates = [
        (target.enrollment.pk, update)
        for update in readable
        if (target := targets.get(update.content_id)) and target.enrollment
    ]
    standards = {id_: target.standard for id_, target in targets.items() if target.standard}
    kept = keep_updates(held, kept_updates, standards, now=now)
    told = iter(kept.told)
    results = [_outcome(update, targets, told) for update in updates]
    courses = {
        targets[update.content_id].course_id: kept.moved.get(enrollment_id)
        or CourseStanding(held[enrollment_id].completed_count, targets[update.content_id].content_count)
        for enrollment_id, update in kept_updates
    }
    return SyncOutcome(results, courses)


def _targets(learner: User, ids: Iterable[int], held: Iterable[Enrollment]) -> dict[int, _Target]:
    """Return what the learner may know of, by content."""
    by_course = {enrollment.course_id: enrollment for enrollment in held}
    contents = Content.objects.filter(pk__in=ids).values_list(
        "pk", "content_type", "video_duration", "module__course_id"
    )
    rows = list(contents) if ids else []
    courses = Course.objects.only("is_published", "archived_at", "instructor", "content_count").in_bulk(
        {course_id for *_rest, course_id in rows}
    )
    targets = {}
    for content_id, content_type, duration, course_id in rows:
        course, enrollment = courses[course_id], by_course.get(course_id)
        if may_know_of(learner, course, enrollment.pk if enrollment else None):
            standard = Standard(content_type, duration, enrollment.enrollment_date) if enrollment else None
            targets[content_id] = _Target(course_id, course.content_count, enrollment, standard)
    return targets


def _outcome(update: ProgressUpdate | RejectedUpdate, targets: Mapping[int, _Target], told: Any) -> UpdateOutcome:
    if isinstance(update, RejectedUpdate):
        return UpdateOutcome(update.content_id, "rejected", update.code)
    target = targets.get(update.content_id)
    if target is None:
        return UpdateOutcome(update.content_id, "rejected", NotThere.code)
    if target.enrollment is None:
        return UpdateOutcome(update.content_id, "rejected", EnrollmentRequired.code)
    return UpdateOutcome(update.content_id, "applied" if next(told) else "stale")
