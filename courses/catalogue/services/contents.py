"""Writing contents."""

from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import Content, Module
from courses.catalogue.selectors import content_to_change, contents_owned_by, module_to_change
from courses.catalogue.services.counting import refresh_course, touch_course
from courses.catalogue.services.ordering import next_place, put_in_order
from courses.catalogue.services.removal import announce_removal
from courses.catalogue.text import render_text
from e_learning.core.api.errors import Conflict, InvalidInput, NotThere


class ContentValues(TypedDict, total=False):
    """What an author may set of a content; ``video_duration`` in whole seconds, None while unknown."""

    title: str
    section: str
    content_type: str
    text_content: str
    video_url: str
    video_duration: int | None
    is_preview: bool
    order: int
    subject: str
    topic: str
    grade: str


class HoldsQuiz(Conflict):
    code = "content_holds_quiz"
    message = _("This content holds a quiz. Remove the quiz first.")


class OtherCourse(InvalidInput):
    code = "other_course"
    message = _("A content can only move within its course.")

    def __init__(self) -> None:
        super().__init__(attr="module_id")


@transaction.atomic
def create_content(*, editor: User, module_id: int, values: ContentValues) -> Content:
    """Add a content, last in its module unless ``order`` says otherwise; 404 for a module that is not the editor's.

    The text is rendered and cleaned here, once for all readers.
    """
    module = module_to_change(editor, module_id)
    content = Content(module=module, text_html=render_text(values.get("text_content", "")))
    content.order = next_place(Content.objects.filter(module=module))
    for name, value in values.items():
        setattr(content, name, value)
    content.save(force_insert=True)
    refresh_course(module.course_id)
    return content


@transaction.atomic
def update_content(*, editor: User, content_id: int, values: ContentValues, module_id: int | None = None) -> Content:
    """Change what ``values`` names, move it to ``module_id`` where given, and count the edit.

    Refuses: 404 for a content or module that is not the editor's, 400 for a module of another
    course, 409 for a type that would leave the content's quiz without a place.
    """
    content = content_to_change(editor, content_id)
    changed = [*values, "module", "version", "updated_at"]
    if module_id is not None:
        content.module = _module_beside(content, module_to_change(editor, module_id))
    if values.get("content_type", Content.Type.QUIZ) != Content.Type.QUIZ and _holds_quiz(content):
        raise HoldsQuiz
    for name, value in values.items():
        setattr(content, name, value)
    if "text_content" in values:
        content.text_html = render_text(content.text_content)
        changed.append("text_html")
    # Counted by the database: two edits at once are two.
    content.version = F("version") + 1
    content.save(update_fields=changed)
    content.refresh_from_db(fields=["version"])
    refresh_course(content.module.course_id)
    return content


def _module_beside(content: Content, module: Module) -> Module:
    if module.course_id != content.module.course_id:
        raise OtherCourse
    return module


def _holds_quiz(content: Content) -> bool:
    return Content.objects.filter(pk=content.pk, quiz__isnull=False).exists()


@transaction.atomic
def delete_content(*, editor: User, content_id: int) -> None:
    """Remove a content with what hangs on it; 404 for one that is not the editor's."""
    content = content_to_change(editor, content_id)
    course_id = content.module.course_id
    announce_removal([content])
    content.delete()
    refresh_course(course_id)


@transaction.atomic
def reorder_contents(*, editor: User, ids: Sequence[int]) -> None:
    """Put all contents of one module in the order of ``ids``.

    Refuses: 404 when one is absent or not the editor's, 400 unless they are all of one module's, each once.
    """
    found = list(contents_owned_by(editor).filter(pk__in=ids))
    if len(found) < len(set(ids)):
        raise NotThere
    module = found[0].module
    put_in_order(Content.objects.filter(module=module), ids)
    touch_course(module.course_id)
