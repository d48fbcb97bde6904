"""Where somebody could go on: what is open to them and unfinished, and which courses they could take."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.api import User
from courses.catalogue.models import Content, Course, CourseRows
from courses.learning.models import Enrollment, Progress, current_enrollment
from courses.learning.selectors import missing_prerequisites

_PUBLIC = Q(is_published=True, archived_at__isnull=True)


class OpenStep(NamedTuple):
    """The next content of a course that somebody is in. ``is_begun``: they have worked in the course before."""

    course_id: int
    course_title: str
    content_id: int
    title: str
    is_begun: bool


class OpenContent(NamedTuple):
    content_id: int
    title: str
    course_id: int
    course_title: str
    module_id: int
    topic: str


class CourseToTake(NamedTuple):
    course_id: int
    title: str
    enrolled_count: int


def open_steps_of(user: User, *, most: int) -> list[OpenStep]:
    """Return the first content not completed of each course that ``user`` is in and has not completed; one statement.

    The course last worked in first, then those not begun, the latest enrolment first. Public courses that ``user``
    doesn't teach.
    """
    done = Progress.objects.filter(enrollment=OuterRef(OuterRef("pk")), content=OuterRef("pk"), is_completed=True)
    undone = Content.objects.filter(~Exists(done), module__course=OuterRef("course_id")).order_by(*_IN_ORDER)
    latest = Progress.objects.filter(enrollment=OuterRef("pk")).order_by("-position_at", "-content_id")
    rows = (
        Enrollment.objects.current()
        .filter(user=user, completed_at=None, course__is_published=True, course__archived_at=None)
        .exclude(course__instructor=user)
        .annotate(
            following=Subquery(undone.values(shown=JSONObject(id="id", title="title"))[:1]),
            touched_at=Subquery(latest.values("position_at")[:1]),
        )
        .filter(following__isnull=False)
        .order_by(F("touched_at").desc(nulls_last=True), "-enrollment_date", "-id")
    )
    return [
        OpenStep(course_id, course_title, following["id"], following["title"], touched_at is not None)
        for course_id, course_title, following, touched_at in rows.values_list(
            "course_id", "course__title", "following", "touched_at"
        )[:most]
    ]


_IN_ORDER = ("module__order", "module_id", "order", "id")


def open_contents_about(user: User, *, topics: Collection[str], module_ids: Collection[int]) -> list[OpenContent]:
    """Return the contents but quizzes that are of one of the topics or modules, in the order of their courses.

    Of public courses that ``user`` is in and doesn't teach. One statement.
    """
    enrolled = Enrollment.objects.current().filter(user=user, course=OuterRef("module__course"))
    rows = (
        Content.objects.filter(Q(topic__in=topics) | Q(module__in=module_ids), Exists(enrolled))
        .filter(module__course__is_published=True, module__course__archived_at=None)
        .exclude(content_type=Content.Type.QUIZ)
        .exclude(module__course__instructor=user)
        .order_by("module__course", *_IN_ORDER)
    )
    columns = ("id", "title", "module__course_id", "module__course__title", "module_id", "topic")
    return [OpenContent._make(row) for row in rows.values_list(*columns)]


def ids_of_public_courses() -> list[int]:
    return list(Course.objects.filter(_PUBLIC).order_by("pk").values_list("pk", flat=True))


def ids_of_courses_to_take(user: User) -> QuerySet[Course, int]:
    """Return the ids of ``courses_to_take``, to be asked within a statement."""
    return courses_to_take(user).order_by().values_list("pk", flat=True)


def ids_of_courses_taken(user: User) -> QuerySet[Enrollment, int]:
    """Return the ids of the courses that ``user`` is in or has completed, to be asked within a statement."""
    return _taken(user).order_by().values_list("course_id", flat=True)


def courses_to_take(user: User) -> CourseRows:
    """Return the courses that ``user`` could enrol in now, for money or not.

    Public, not their own, neither taken now nor completed, and with every prerequisite completed.
    """
    missing = missing_prerequisites(user_id=user.pk).filter(required_by=OuterRef("pk"))
    return Course.objects.filter(
        _PUBLIC, ~Q(instructor=user), ~Exists(_taken(user).filter(course=OuterRef("pk"))), ~Exists(missing)
    )


def popular_courses_to_take(user: User, *, most: int) -> list[CourseToTake]:
    """Return those of ``courses_to_take`` that the most are enrolled in, the most first, then the newest."""
    return _to_take(courses_to_take(user).order_by("-enrolled_count", "-pk")[:most])


def courses_to_take_among(user: User, course_ids: Collection[int]) -> dict[int, CourseToTake]:
    """Return those of the courses that are ``courses_to_take``, by id."""
    return {row.course_id: row for row in _to_take(courses_to_take(user).filter(pk__in=course_ids))}


def _to_take(courses: QuerySet[Course, Any]) -> list[CourseToTake]:
    return [CourseToTake._make(row) for row in courses.values_list("pk", "title", "enrolled_count")]


def _taken(user: User) -> QuerySet[Enrollment]:
    now = timezone.now()
    return Enrollment.objects.filter(Q(completed_at__isnull=False) | current_enrollment(now), user=user)
