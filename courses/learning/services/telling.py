"""Telling open sockets how far a learner has come."""

from courses.learning.completion import CourseStanding
from courses.learning.frames import UserProgress
from e_learning.core.realtime import Push, encoded, push_on_commit


def group_of(course_id: int) -> str:
    """Return the group that the progress sockets of a course hear."""
    return f"progress.{course_id}"


def show_progress(*, user_id: int, course_id: int, content_ids: list[int], standing: CourseStanding) -> None:
    """Show what was completed, and the percent it came to, on the learner's own devices and to who teaches the course.

    After the commit. No statement: the caller knows all of it.
    """
    frames = [UserProgress(user_id, content_id, standing.progress_percent) for content_id in content_ids]
    push_on_commit(*(Push(group_of(course_id), encoded(frame), user_id=user_id) for frame in frames))
