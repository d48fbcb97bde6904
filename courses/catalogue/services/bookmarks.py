"""Keeping courses to find them again."""

from accounts.api import User
from courses.catalogue.models import Bookmark
from courses.catalogue.selectors import visible_course


def add_bookmark(*, user: User, course_id: int) -> tuple[Bookmark, bool]:
    """Return the bookmark and whether it is new; 404 for a course that ``user`` may not know of."""
    course = visible_course(user, course_id)
    return Bookmark.objects.get_or_create(user=user, course=course)


def remove_bookmark(*, user: User, course_id: int) -> None:
    """Take the bookmark away, also when there is none; 404 for a course that was neither kept nor is visible."""
    removed, _per_table = Bookmark.objects.filter(user=user, course_id=course_id).delete()
    if not removed:
        visible_course(user, course_id)
