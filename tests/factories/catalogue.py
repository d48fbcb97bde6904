"""Courses that search knows of."""

from typing import Any

from accounts.models import CustomUser
from courses.catalogue.search import index_course
from courses.models import Course
from tests.factories.courses import make_course


def findable_course(instructor: CustomUser, title: str, contents: int = 0, **fields: Any) -> Course:
    """Return a course (published unless said otherwise) with its search document written."""
    course = make_course(instructor, contents=contents, title=title, **fields)
    index_course(course.pk)
    return course
