"""Who may open a content: the one place that decides it, for REST, sockets and signed addresses alike."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.api import User, admins_among
from courses.catalogue.models import Content, Course, CourseRows
from courses.learning.models import AccessGrant, Enrollment, Progress, access_between, current_enrollment
from e_learning.core.api.errors import NotAllowed, NotSignedIn, NotThere

_NOT_BEGUN = {"is_completed": False, "last_position": 0, "time_spent": 0}


class EnrollmentRequired(NotAllowed):
    code = "enrollment_required"
    message = _("Enrol in this course first.")


@dataclass(frozen=True, slots=True)
class OpenedContent:
    """A content that its reader may see whole, with the reader's own progress (None without any)."""

    content: Content
    enrollment_id: int | None
    progress: dict[str, Any] | None


def open_content(*, user: User | AnonymousUser, content_id: int) -> OpenedContent:
    """Return the content for a reader who may open it, in one statement.

    A preview opens for anyone who may know of its course; the rest for its owner, admins and a
    current enrolment. Refuses with 404 (absent, or a draft of somebody else's), then 401 without a
    user and 403 ``enrollment_required`` with one.
    """
    content = _content_as_seen_by(user, content_id)
    if content is None or not may_know_of(user, content.module.course, content.enrollment_id):  # type: ignore[attr-defined]  # annotated
        raise NotThere
    return _opened(user, content)


def check_open(user: User | AnonymousUser, content_id: int) -> None:
    """Refuse, as ``open_content`` does, a content that ``user`` may not open; one statement."""
    open_content(user=user, content_id=content_id)


def _opened(user: User | AnonymousUser, content: Any) -> OpenedContent:
    course, enrollment_id = content.module.course, content.enrollment_id
    if not (content.is_preview or enrollment_id or owns(user, course)):
        raise EnrollmentRequired if user.is_authenticated else NotSignedIn
    progress = content.my_progress or (_NOT_BEGUN if enrollment_id else None)
    if progress is not None:
        progress = progress | {"is_completed": bool(progress["is_completed"])}  # SQLite's JSON says 0 and 1
    return OpenedContent(content, enrollment_id, progress)


def owns(user: User | AnonymousUser, course: Course) -> bool:
    """Say whether ``user`` may change ``course``, and so see all of it."""
    return user.is_authenticated and (user.is_admin or course.instructor_id == user.pk)


def can_access(user: User | AnonymousUser, course_id: int) -> bool:
    """Say whether ``user`` may open every content of the course: its owner, an admin, or currently enrolled."""
    return courses_open_to(user).filter(pk=course_id).exists()


def course_to_follow(*, user_id: int, course_id: int) -> bool:
    """Let this person follow the progress made in the course; returns whether they teach it, and so see everybody's.

    Refuses: 404 for a course they may not know of, 403 ``enrollment_required`` for who neither owns it nor is enrolled.
    """
    user = User.objects.get(pk=user_id)
    course = courses_known_to(user).filter(pk=course_id).first()
    if course is None:
        raise NotThere
    if not owns(user, course) and not Enrollment.objects.current().filter(user=user, course=course).exists():
        raise EnrollmentRequired
    return owns(user, course)


def still_open_to(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of ``pairs`` (user, course) of which the user may still open every content, in three statements."""
    users, courses = {user for user, _course in pairs}, {course for _user, course in pairs}
    enrolled = Enrollment.objects.current().filter(user__in=users, course__in=courses)
    owned = Course.objects.filter(instructor__in=users, pk__in=courses)
    admins = admins_among(users)
    allowed = {*enrolled.values_list("user_id", "course_id"), *owned.values_list("instructor_id", "pk")}
    return {pair for pair in pairs if pair in allowed or pair[0] in admins}


def enrolled_now(*, user: str, course: str) -> Exists:
    """Return the condition that a row's person is currently enrolled in its course.

    ``user`` and ``course`` name the row's columns with the two ids, as ``OuterRef`` takes them.
    """
    return Exists(Enrollment.objects.current().filter(user=OuterRef(user), course=OuterRef(course)))


def enrolled_since(user: User, *, course: str) -> Subquery:
    """Return since when ``user`` is currently enrolled in a row's course, to be asked within a statement; None: not.

    ``course`` names the row's column with the id, as ``OuterRef`` takes it.
    """
    current = Enrollment.objects.current().filter(user=user, course=OuterRef(course))
    return Subquery(current.values("enrollment_date")[:1])


class CourseRow(NamedTuple):
    """A course as other apps know it."""

    id: int
    title: str
    instructor_id: int
    archived_at: datetime | None


def course_row(course_id: int) -> CourseRow | None:
    """Return the course, whatever its state; None where there is none."""
    return _row_in(Course.objects.filter(pk=course_id))


def course_row_open_to(user: User | AnonymousUser, course_id: int) -> CourseRow | None:
    """Return the course if ``can_access`` says so, in the same one statement; else None."""
    return _row_in(courses_open_to(user).filter(pk=course_id))


def _row_in(courses: CourseRows) -> CourseRow | None:
    found = courses.values_list(*CourseRow._fields).first()
    return CourseRow._make(found) if found else None


class LearnerRow(NamedTuple):
    """A learner of a course as other apps know them."""

    user_id: int
    username: str
    full_name: str
    email: str


def learners_between(course_id: int, starts_at: datetime, ends_at: datetime) -> list[LearnerRow]:
    """Return who was enrolled, or by what is known now will be, for some of the time between the two, by name.

    One statement. By the grants: an enrolment that ended since was there then, and one that was renewed since says
    only from when on it holds now.
    """
    facts = ("user_id", "user__username", "user__full_name", "user__email")
    found = _granted_between(course_id, starts_at, ends_at).order_by("user__full_name", "user__username", "user_id")
    return [LearnerRow._make(row) for row in found.values_list(*facts).distinct()]


def ids_of_learners_between(course_id: int, starts_at: datetime, ends_at: datetime) -> QuerySet[AccessGrant, Any]:
    """Return the ids of ``learners_between`` as rows of ``user_id``, to be asked within a statement."""
    return _granted_between(course_id, starts_at, ends_at).order_by().values("user_id").distinct()


def is_learner_between(user_id: int, course_id: int, starts_at: datetime, ends_at: datetime) -> bool:
    """Say whether this person is one of ``learners_between``."""
    return _granted_between(course_id, starts_at, ends_at).filter(user=user_id).exists()


def _granted_between(course_id: int, starts_at: datetime, ends_at: datetime) -> QuerySet[AccessGrant]:
    return AccessGrant.objects.filter(access_between(starts_at, ends_at), course=course_id)


def completions_of(content_id: int, *, enrollment_id: int | None = None) -> dict[int, datetime]:
    """Return who has completed a content, and when, by user id; of one enrolment alone where one is named."""
    rows = Progress.objects.filter(content=content_id, completed_at__isnull=False)
    if enrollment_id is not None:
        rows = rows.filter(enrollment=enrollment_id)
    found = rows.order_by("-completed_at").values_list("enrollment__user_id", "completed_at")
    return {user_id: completed_at for user_id, completed_at in found if completed_at is not None}


def course_of_content(content_id: int) -> int | None:
    """Return the id of the content's course, whatever its state; None where there is no such content."""
    return Content.objects.filter(pk=content_id).values_list("module__course", flat=True).first()


def is_content_of(content_id: int, course_id: int) -> bool:
    return Content.objects.filter(pk=content_id, module__course=course_id).exists()


def may_see_course(user: User | AnonymousUser, course_id: int) -> bool:
    """Say whether ``user`` may know that the course is there."""
    return courses_known_to(user).filter(pk=course_id).exists()


def ids_of_courses_open_to(user: User | AnonymousUser) -> QuerySet[Course, int]:
    """Return the ids of the courses of which ``user`` may open every content, to be asked within a statement."""
    return courses_open_to(user).order_by().values_list("pk", flat=True)


def ids_of_courses_taken_or_taught(user: User) -> QuerySet[Course, int]:
    """Return the ids of the courses that are ``user``'s own, or of a current enrolment; for an admin, too."""
    return Course.objects.filter(pk__in=_taken_or_taught(user)).order_by().values_list("pk", flat=True)


def public_courses(*, after_id: int = 0, most: int = 500) -> list[CourseRow]:
    """Return published courses with a greater id than ``after_id``, by id: who sees all of them asks page by page."""
    rows = Course.objects.filter(is_published=True, archived_at__isnull=True, pk__gt=after_id).order_by("pk")
    return [CourseRow._make(row) for row in rows.values_list(*CourseRow._fields)[:most]]


def courses_open_to(user: User | AnonymousUser) -> CourseRows:
    """Return the courses of which ``user`` may open every content: own ones, and those of a current enrolment."""
    if not user.is_authenticated:
        return Course.objects.none()
    if user.is_admin:
        return Course.objects.all()
    return Course.objects.filter(pk__in=_taken_or_taught(user))


def _taken_or_taught(user: User) -> QuerySet[Course, Any]:
    # As a union each half is found by its own index; as one condition with OR every course would be asked.
    own = Course.objects.filter(instructor=user).order_by().values("pk")
    return own.union(Enrollment.objects.current().filter(user=user).order_by().values("course_id"))


def courses_known_to(user: User | AnonymousUser) -> CourseRows:
    """Return the courses whose contents' titles ``user`` may see: those listed for them, and those open to them.

    The condition is cheap to ask of one course, and so of a few; ``courses_open_to`` is made to be listed.
    """
    listed = Course.objects.listed_for(user)
    if not user.is_authenticated or user.is_admin:
        return listed
    return listed | Course.objects.filter(Exists(Enrollment.objects.current().filter(user=user, course=OuterRef("pk"))))


def may_know_of(user: User | AnonymousUser, course: Course, enrollment_id: int | None) -> bool:
    """Say whether ``user`` may know of ``course``; ``enrollment_id`` is that of the user's current enrolment."""
    public = course.is_published and course.archived_at is None
    return public or bool(enrollment_id) or owns(user, course)


def _content_as_seen_by(user: User | AnonymousUser, content_id: int) -> Content | None:
    enrollment = Enrollment.objects.current().filter(user_id=user.pk, course=OuterRef("module__course"))
    progress = Progress.objects.filter(
        current_enrollment(prefix="enrollment__"), enrollment__user_id=user.pk, content=OuterRef("pk")
    )
    shown = JSONObject(is_completed="is_completed", last_position="last_position", time_spent="time_spent")
    return (
        Content.objects.select_related("module__course")
        .annotate(
            enrollment_id=Subquery(enrollment.values("id")[:1]),
            my_progress=Subquery(progress.values(shown=shown)[:1]),
        )
        .filter(pk=content_id)
        .first()
    )
