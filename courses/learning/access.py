"""Who may open a content: the one place that decides it, for REST, sockets and signed addresses alike."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import Content, Course, CourseRows
from courses.learning.models import Enrollment, Progress, current_enrollment
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


def courses_open_to(user: User | AnonymousUser) -> CourseRows:
    """Return the courses of which ``user`` may open every content: own ones, and those of a current enrolment."""
    if not user.is_authenticated:
        return Course.objects.none()
    if user.is_admin:
        return Course.objects.all()
    # As a union each half is found by its own index; as one condition with OR every course would be asked.
    own = Course.objects.filter(instructor=user).order_by().values("pk")
    return Course.objects.filter(
        pk__in=own.union(Enrollment.objects.current().filter(user=user).order_by().values("course_id"))
    )


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
