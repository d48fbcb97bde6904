"""Reads of the catalogue that more than one face needs."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.api import User
from courses.catalogue.models import Category, Content, Course, Module
from courses.media.models import Asset
from e_learning.core.api.errors import NotAllowed, NotThere
from e_learning.core.storage import file_address


def category_tree() -> list[dict[str, Any]]:
    """Return the contract's tree, ``[{id, name, slug, children}]``, in one statement."""
    below: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for category in Category.objects.order_by("order", "name", "id"):
        # Looked up by id, the list of children is the same object whether it is filled before or after.
        node = {"id": category.pk, "name": category.name, "slug": category.slug, "children": below[category.pk]}
        below[category.parent_id].append(node)
    return below[None]


def visible_course(user: User | AnonymousUser, course_id: int) -> Course:
    """Return the course if ``user`` may know of it, else 404."""
    course = Course.objects.visible_to(user).filter(pk=course_id).first()
    if course is None:
        raise NotThere
    return course


def course_to_change(editor: User, course_id: int) -> Course:
    """Return a course that ``editor`` owns or administers; 404 where it is not theirs to see, else 403."""
    course = visible_course(editor, course_id)
    if not (editor.is_admin or course.instructor_id == editor.pk):
        raise NotAllowed
    return course


def modules_owned_by(editor: User) -> QuerySet[Module]:
    """Return the modules that ``editor`` may change, course by course in their order."""
    return Module.objects.filter(course__in=Course.objects.owned_by(editor)).order_by("course_id", "order", "id")


def contents_owned_by(editor: User) -> QuerySet[Content]:
    """Return the contents that ``editor`` may change, course by course in their order, each with its module."""
    owned = Content.objects.filter(module__course__in=Course.objects.owned_by(editor)).select_related("module")
    return owned.order_by("module__course_id", "module__order", "module_id", "order", "id")


def module_to_change(editor: User, module_id: int) -> Module:
    """Return a module of a course that ``editor`` may change, else 404."""
    module = modules_owned_by(editor).filter(pk=module_id).first()
    if module is None:
        raise NotThere
    return module


def content_to_change(editor: User, content_id: int) -> Content:
    """Return a content of a course that ``editor`` may change, with its module, else 404."""
    content = contents_owned_by(editor).filter(pk=content_id).first()
    if content is None:
        raise NotThere
    return content


def assets_to_change(editor: User, course_id: int) -> QuerySet[Asset]:
    """Return the files of a course, the latest first; 404 or 403 for a course that ``editor`` may not change."""
    return Asset.objects.filter(course=course_to_change(editor, course_id)).order_by("-id")


def asset_to_change(editor: User, course_id: int, asset_id: int) -> Asset:
    """Return a file of a course; refuses as ``assets_to_change``, and 404 for a file of another course."""
    asset = assets_to_change(editor, course_id).filter(pk=asset_id).first()
    if asset is None:
        raise NotThere
    return asset


def document_address(content: Content) -> str | None:
    """Return the signed address of the content's document, downloaded under the name that its author gave it."""
    return file_address(content.document, called=content.document_name) if content.document else None


def bookmarked_courses(user: User) -> QuerySet[Course]:
    """Return the courses that ``user`` has bookmarked and may still know of, the latest bookmark first."""
    mine = Course.objects.visible_to(user).filter(bookmarks__user=user)
    return mine.select_related("category", "instructor").order_by("-bookmarks__created_at", "-bookmarks__id")
