"""Courses for tests of finding."""

from typing import Any

from accounts.models import CustomUser
from chatbot.retrieval.services import index_course
from courses.models import Course, Module
from tests.factories.courses import make_content, make_course


def taught(instructor: CustomUser, *texts: str, title: str = "Alphabet in Signs", **fields: Any) -> Course:
    """A course with a lesson of each text, indexed."""
    course = make_course(instructor, contents=0, title=title, **fields)
    module = Module.objects.get(course=course)
    for number, text in enumerate(texts, start=1):
        make_content(module, title=f"Lesson {number}", text_html=text, order=number)
    index_course(course_id=course.pk)
    return course
