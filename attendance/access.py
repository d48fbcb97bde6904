"""Whose a session is, and who may see it: the one place that decides it, for REST, sockets and the back office."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext_lazy as _

from accounts.api import User, admins_among
from attendance.models import LiveSession
from courses.api import CourseRow, course_row, course_row_open_to, may_see_course
from e_learning.core.api.errors import Conflict, NotAllowed, NotThere


class OwnersOnly(NotAllowed):
    code = "owners_only"
    message = _("Only who teaches this course may do this.")


class NotALearner(NotAllowed):
    code = "not_a_learner"
    message = _("Only learners of this course are in its register.")


class SessionCancelled(Conflict):
    code = "session_cancelled"
    message = _("This session was cancelled.")


def session_seen_by(user: User, session_id: int, *, with_rows: Iterable[str] = ()) -> LiveSession:
    """Return the session. Refuses: 404 to who neither owns its course nor is currently enrolled in it."""
    found = LiveSession.objects.visible_to(user).select_related("course", *with_rows).filter(pk=session_id).first()
    if found is None:
        raise NotThere
    return found


def session_owned_by(user: User, session_id: int, *, with_rows: Iterable[str] = ()) -> LiveSession:
    """Return the session. Refuses: 404 to who may not see it, 403 ``owners_only`` to its learners."""
    session = session_seen_by(user, session_id, with_rows=with_rows)
    if not teaches(user, session.course.instructor_id):
        raise OwnersOnly
    return session


def let_watch(*, user_id: int, session_id: int) -> None:
    """Let this person watch who comes to the session. Refuses: 404 to who may not see it, 403 to its learners."""
    session_owned_by(User.objects.get(pk=user_id), session_id)


def who_may_watch(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of ``pairs`` (user, session) of which the user still teaches the course, in two statements."""
    users = {user_id for user_id, _session_id in pairs}
    admins = admins_among(users)
    sessions = LiveSession.objects.filter(pk__in={session_id for _user_id, session_id in pairs})
    owners = dict(sessions.values_list("pk", "course__instructor_id"))
    return {(user, session) for user, session in pairs if user in admins or user == owners.get(session)}


def course_kept_with(user: User, course_id: int) -> CourseRow:
    """Return the course in whose register ``user`` is, or which they teach, in one statement. Refuses: 404 to everybody
    else, also where they may see the course.
    """
    course = course_row_open_to(user, course_id)
    if course is None:
        raise NotThere
    return course


def course_owned_by(user: User, course_id: int) -> CourseRow:
    """Return the course. Refuses: 404 where it is not to be seen, 403 ``owners_only`` to who does not own it."""
    course = course_row(course_id)
    if course is None or not may_see_course(user, course_id):
        raise NotThere
    if not teaches(user, course.instructor_id):
        raise OwnersOnly
    return course


def teaches(user: User, instructor_id: int) -> bool:
    return bool(user.is_admin or user.pk == instructor_id)
