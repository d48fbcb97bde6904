"""Every write of the room."""

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import Content
from courses.catalogue.selectors import content_to_change
from courses.catalogue.services import touch_course
from courses.languages.cues import Cue, read_subtitles
from courses.languages.models import Subtitle
from e_learning.core.api.errors import InvalidInput

#: A language tag by its form (BCP 47): hi, en-GB, zh-Hans, es-419.
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST_TAG = 20


class BadLanguage(InvalidInput):
    code = "invalid_language"
    message = _("A language is written like hi, en-GB or zh-Hans.")


class NotAVideo(InvalidInput):
    code = "content_is_not_a_video"
    message = _("Only a video has subtitles.")


def upload_subtitles(*, author: User, content_id: int, language: str, data: bytes) -> tuple[Subtitle, bool]:
    """Keep a subtitle file as the content's subtitles in ``language``; says also whether they are its first.

    Refuses with 404 or 403 (not the author's to change), 400 (language, type of content, a file
    that can't be read) and 413.
    """
    content = content_to_change(author, content_id)
    if content.content_type != Content.Type.VIDEO:
        raise NotAVideo
    return keep_subtitles(content=content, language=language, cues=read_subtitles(data))


@transaction.atomic
def keep_subtitles(*, content: Content, language: str, cues: Sequence[Cue]) -> tuple[Subtitle, bool]:
    """Make ``cues`` the content's subtitles in ``language``, in place of any it had; 400 for what is no language."""
    if len(language) > _LONGEST_TAG or not _TAG.fullmatch(language):
        raise BadLanguage
    subtitle, is_new = Subtitle.objects.update_or_create(
        content=content, language=normal_tag(language), defaults={"cues": list(cues)}
    )
    touch_course(content.module.course_id)
    return subtitle, is_new


def normal_tag(language: str) -> str:
    """Return a tag in its usual letter case (RFC 5646 §2.1.1), ``en-GB``, ``zh-Hans``: no language is there twice."""
    first, *rest = language.split("-")
    return "-".join([first.lower(), *(_usual_case(part) for part in rest)])


def _usual_case(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()
