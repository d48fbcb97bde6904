"""What learners and their apps ask about their own way."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.api import User
from courses.catalogue.models import Content, Course
from courses.learning.access import EnrollmentRequired
from courses.learning.completion import CourseStanding, percent_of
from courses.learning.models import AccessGrant, Enrollment, Progress, not_taken_back
from e_learning.core.api.errors import NotThere


def standing_of(*, enrollment_id: int) -> CourseStanding:
    """Return how far the enrolment has come, in one statement."""
    row = Enrollment.objects.values_list("completed_count", "course__content_count").get(pk=enrollment_id)
    return CourseStanding(*row)


def learned_percent(*, user_id: int, course_id: int) -> float:
    """Return how much of the course this person has completed, in percent, also after their enrolment ended."""
    row = _ways(user_id, course_id).values_list("completed_count", "course__content_count").first()
    return percent_of(*row) if row else 0.0


def enrollment_id_of(*, user_id: int, course_id: int) -> int | None:
    """Return this person's enrolment in the course: the active one, else the latest that ended."""
    return _ways(user_id, course_id).values_list("pk", flat=True).first()


class GrantRow(NamedTuple):
    """A grant as whoever granted it knows it."""

    reference: str
    user_id: int
    course_id: int


def live_grants(source: str) -> Iterator[GrantRow]:
    """Yield the grants of ``source`` that nobody took back, those past their end too: money must agree with these."""
    rows = AccessGrant.objects.filter(not_taken_back(), source=source).order_by("pk")
    yield from map(GrantRow._make, rows.values_list("reference", "user_id", "course_id").iterator())


def _ways(user_id: int, course_id: int) -> QuerySet[Enrollment]:
    return Enrollment.objects.filter(user=user_id, course=course_id).order_by("-is_active", "-pk")


def prerequisites_unmet(*, user_id: int, course_id: int) -> list[str]:
    """Return the titles of the courses that this person has to complete before this one."""
    missing = missing_prerequisites(user_id=user_id).filter(required_by=course_id)
    return list(missing.order_by("id").values_list("title", flat=True))


def missing_prerequisites(*, user_id: int) -> QuerySet[Course]:
    """Return the courses that this person has not completed, for what requires them."""
    done = Enrollment.objects.filter(user=user_id, completed_at__isnull=False).values("course_id")
    return Course.objects.exclude(pk__in=done)


def enrollments_of(learner: User) -> QuerySet[Enrollment]:
    """Return the learner's enrolments, latest first, each with its course and the content touched last.

    Last by the devices' time, so that an old note sent late doesn't lead the learner back to its content.
    """
    latest = Progress.objects.filter(enrollment=OuterRef("pk")).order_by("-position_at", "-content_id")
    return (
        Enrollment.objects.filter(user=learner)
        .select_related("course__category", "course__instructor")
        .annotate(last_content_id=Subquery(latest.values("content_id")[:1]))
        .order_by("-enrollment_date", "-id")
    )


def course_progress_of(learner: User, course_id: int) -> dict[str, Any]:
    """Return the learner's progress content by content, in the course's order, with the percent.

    404 for a course the learner may not know of, 403 ``enrollment_required`` without a current enrolment.
    """
    enrollment = Enrollment.objects.current().filter(user=learner, course_id=course_id).select_related("course").first()
    if enrollment is None:
        if not Course.objects.visible_to(learner).filter(pk=course_id).exists():
            raise NotThere
        raise EnrollmentRequired
    mine = Progress.objects.filter(enrollment=enrollment, content=OuterRef("pk"))
    contents = Content.objects.filter(module__course_id=course_id).order_by("module__order", "module_id", "order", "id")
    rows = contents.annotate(
        is_completed=Subquery(mine.values("is_completed")[:1]),
        last_position=Subquery(mine.values("last_position")[:1]),
        time_spent=Subquery(mine.values("time_spent")[:1]),
    ).values("id", "is_completed", "last_position", "time_spent")
    return {
        "course_id": course_id,
        "progress_percent": percent_of(enrollment.completed_count, enrollment.course.content_count),
        "completed_contents": enrollment.completed_count,
        "total_contents": enrollment.course.content_count,
        "completed_at": enrollment.completed_at,
        "contents": [
            {
                "content_id": row["id"],
                "is_completed": bool(row["is_completed"]),
                "last_position": row["last_position"] or 0,
                "time_spent": row["time_spent"] or 0,
            }
            for row in rows
        ],
    }
