"""What learning does before contents go: the counts of those who had completed them."""

from collections.abc import Sequence

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from courses.catalogue.models import Content
from courses.events import CourseCompleted
from courses.learning.models import Enrollment, Progress
from courses.learning.services.keeping import hold_enrollments
from e_learning.core.events import publish_on_commit


def uncount_removed_contents(contents: Sequence[Content]) -> None:
    """Take contents that are about to be removed out of the counts of those who had completed them.

    In the remover's transaction, before the rows go: ``completed_count`` never counts what no longer
    stands. The enrolments are locked first: a completion under way is waited for and counted, and one
    that comes later finds its content gone. Then the progress rows, before anybody locks the contents:
    an update that holds one asks for its content at its commit.

    Where only removed contents were still open, the course is complete from here on: the learner has
    done all that there is, and may have no update left to send.
    """
    removed = [content.pk for content in contents]
    courses = Content.objects.filter(pk__in=removed).values("module__course_id")
    enrollments = Enrollment.objects.filter(course__in=courses)
    if not hold_enrollments(enrollments):
        return
    going = Progress.objects.filter(content__in=removed)
    list(going.select_for_update().order_by("enrollment_id", "content_id").values_list("id"))
    _uncount(going.filter(is_completed=True), removed)
    _complete_shrunken(enrollments, removed)


def _uncount(done: QuerySet[Progress], removed: Sequence[int]) -> None:
    of_enrollment = done.filter(enrollment=OuterRef("pk")).order_by().values("enrollment")
    Enrollment.objects.filter(pk__in=done.values("enrollment_id")).update(
        completed_count=F("completed_count") - Subquery(of_enrollment.annotate(n=Count("pk")).values("n")),
        latest_completion_at=_latest_beside(removed),
    )


def _latest_beside(removed: Sequence[int]) -> Subquery:
    left = Progress.objects.filter(enrollment=OuterRef("pk"), is_completed=True).exclude(content__in=removed)
    return Subquery(left.order_by().values("enrollment").annotate(at=Max("completed_at")).values("at"))


def _complete_shrunken(enrollments: QuerySet[Enrollment], removed: Sequence[int]) -> None:
    standing = Content.objects.filter(~Q(pk__in=removed), module__course=OuterRef("course")).order_by()
    left = Subquery(standing.values("module__course").annotate(n=Count("pk")).values("n"))
    finished = list(
        enrollments.filter(completed_at__isnull=True, completed_count__gt=0)
        .annotate(left=Coalesce(left, 0))
        .filter(left__gt=0, completed_count__gte=F("left"))
        .order_by("id")
    )
    if finished:
        Enrollment.objects.filter(pk__in=[row.pk for row in finished]).update(completed_at=_latest_beside(removed))
    told = Enrollment.objects.filter(pk__in=[row.pk for row in finished], completed_at__isnull=False)
    for row in told.order_by("id") if finished else ():
        assert row.completed_at is not None  # the filter
        publish_on_commit(
            CourseCompleted(user_id=row.user_id, course_id=row.course_id, enrollment_id=row.pk, at=row.completed_at)
        )
