"""The library: contents by grade, subject and topic, across courses.

A content stands on the shelf of its own grade and subject, or of its course's where it has none;
without either it stands on no shelf. ``refresh_course`` keeps that beside the content, so a shelf
is found by one index.
"""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, QuerySet

from accounts.api import User
from courses.catalogue.models import Content, Course
from e_learning.core.api.paths import in_path

_PREFIX = "/api/courses/library"


def contents_in_library(reader: User | AnonymousUser) -> QuerySet[Content]:
    """Return the contents on shelves, of courses that ``reader`` may know of."""
    shelved = Content.objects.exclude(shelf_grade="").exclude(shelf_subject="")
    return shelved.filter(module__course__in=Course.objects.visible_to(reader))


def shelf(reader: User | AnonymousUser, *, grade: str, subject: str, topic: str | None = None) -> QuerySet[Content]:
    """Return what stands on one shelf, course by course in their order, with module and course."""
    wanted = {"shelf_grade": grade, "shelf_subject": subject} | ({} if topic is None else {"topic": topic})
    contents = contents_in_library(reader).filter(**wanted).select_related("module__course")
    return contents.order_by("module__course_id", "module__order", "module_id", "order", "id")


def library(reader: User | AnonymousUser) -> dict[str, Any]:
    """Return the grades, subjects and topics that exist for ``reader``, with counts and paths, in one statement."""
    counted = (
        contents_in_library(reader)
        .order_by("shelf_grade", "shelf_subject", "topic")
        .values_list("shelf_grade", "shelf_subject", "topic")
        .annotate(count=Count("pk"))
    )
    grades: dict[str, dict[str, Any]] = {}
    for grade, subject, topic, count in counted:
        on_grade = grades.setdefault(grade, {"grade": grade, "count": 0, "subjects": {}})
        path = _path(grade, subject)
        on_subject = on_grade["subjects"].setdefault(
            subject, {"subject": subject, "count": 0, "path": path, "topics": []}
        )
        on_grade["count"] += count
        on_subject["count"] += count
        if topic:
            on_subject["topics"].append({"topic": topic, "count": count, "path": _path(grade, subject, topic)})
    return {"grades": [entry | {"subjects": list(entry["subjects"].values())} for entry in grades.values()]}


def _path(*parts: str) -> str:
    return "/".join([_PREFIX, *map(in_path, parts), ""])
