"""Writing modules."""

from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction

from accounts.api import User
from courses.catalogue.models import Content, Module
from courses.catalogue.selectors import course_to_change, module_to_change, modules_owned_by
from courses.catalogue.services.counting import refresh_course, touch_course
from courses.catalogue.services.ordering import next_place, put_in_order
from courses.catalogue.services.removal import announce_removal
from e_learning.core.api.errors import NotThere


class ModuleValues(TypedDict, total=False):
    title: str
    description: str
    order: int


@transaction.atomic
def create_module(*, editor: User, course_id: int, values: ModuleValues) -> Module:
    """Add a module, last unless ``order`` says otherwise; 404 or 403 for a course that is not the editor's."""
    course = course_to_change(editor, course_id)
    place = values.get("order", next_place(Module.objects.filter(course=course)))
    module = Module.objects.create(**{**values, "course": course, "order": place})
    refresh_course(course.pk)
    return module


@transaction.atomic
def update_module(*, editor: User, module_id: int, values: ModuleValues) -> Module:
    """Change what ``values`` names; 404 for a module that is not the editor's."""
    module = module_to_change(editor, module_id)
    for name, value in values.items():
        setattr(module, name, value)
    module.save(update_fields=list(values))
    refresh_course(module.course_id)
    return module


@transaction.atomic
def delete_module(*, editor: User, module_id: int) -> None:
    """Remove a module with its contents; 404 for one that is not the editor's."""
    module = module_to_change(editor, module_id)
    announce_removal(Content.objects.filter(module=module).order_by("id"))
    module.delete()
    refresh_course(module.course_id)


@transaction.atomic
def reorder_modules(*, editor: User, ids: Sequence[int]) -> None:
    """Put all modules of one course in the order of ``ids``.

    Refuses: 404 when one is absent or not the editor's, 400 unless they are all of one course's, each once.
    """
    found = dict(modules_owned_by(editor).filter(pk__in=ids).values_list("pk", "course_id"))
    if len(found) < len(set(ids)):
        raise NotThere
    course_id = min(found.values())
    put_in_order(Module.objects.filter(course_id=course_id), ids)
    touch_course(course_id)
