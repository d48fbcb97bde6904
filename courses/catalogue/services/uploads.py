"""Files that authors give to their courses and contents."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import Content
from courses.catalogue.selectors import asset_to_change, content_to_change, course_to_change
from courses.catalogue.services.counting import refresh_course
from courses.media.models import Asset
from courses.media.services import keep_asset
from e_learning.core.api.errors import InvalidInput
from e_learning.core.owned_files import dropped_on_error
from e_learning.core.uploads import FILM, JudgedFile


class NothingSent(InvalidInput):
    code = "required"
    message = _("Send a file.")


class NotAVideo(InvalidInput):
    code = "content_is_not_a_video"
    message = _("Only a video holds a film.")


@transaction.atomic
def keep_upload(
    *, editor: User, content_id: int, file: JudgedFile | None = None, poster: JudgedFile | None = None
) -> Content:
    """Give a content its film or document, or a film its poster, in place of what it had; counts as an edit.

    Refuses: 404 for a content that is not the editor's, 400 where nothing is given or a film meets a
    content of another type. What was replaced is deleted after the commit.
    """
    content = content_to_change(editor, content_id)
    columns = _columns(content, file, poster)
    with dropped_on_error(content):
        for name, value in columns.items():
            setattr(content, name, value)
        content.version = F("version") + 1
        content.save(update_fields=[*columns, "version", "updated_at"])
        content.refresh_from_db(fields=["version"])
        refresh_course(content.module.course_id)
    return content


def _columns(content: Content, file: JudgedFile | None, poster: JudgedFile | None) -> dict[str, JudgedFile | str]:
    columns: dict[str, JudgedFile | str] = {"poster": poster} if poster else {}
    if file and file.family == FILM:
        if content.content_type != Content.Type.VIDEO:
            raise NotAVideo(attr="file")
        columns["video_file"] = file
    elif file:
        columns |= {"document": file, "document_name": file.original_name}
    if not columns:
        raise NothingSent(attr="file")
    return columns


def add_asset(*, editor: User, course_id: int, upload: JudgedFile) -> tuple[Asset, bool]:
    """Keep a file for the texts of a course; says also whether it is new. 404 or 403 for a course not the editor's."""
    course = course_to_change(editor, course_id)
    return keep_asset(course_id=course.pk, upload=upload)


@transaction.atomic
def remove_asset(*, editor: User, course_id: int, asset_id: int) -> None:
    """Remove a file of a course: texts that refer to it show nothing in its place. 404 or 403 as ``add_asset``."""
    asset_to_change(editor, course_id, asset_id).delete()
