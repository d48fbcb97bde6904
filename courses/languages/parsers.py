"""Subtitle files as request bodies: raw under their media types, or as ``file`` of a form."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser, MultiPartParser

from courses.languages.cues import MOST_BYTES, SubtitlesTooLarge
from e_learning.core.api.errors import InvalidInput


class RawSubtitles(BaseParser):
    """The body as bytes, never more of it than a subtitle file may have."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise SubtitlesTooLarge
        return data


class WebVTT(RawSubtitles):
    media_type = "text/vtt"


class SubRip(RawSubtitles):
    media_type = "application/x-subrip"


class PlainText(RawSubtitles):
    media_type = "text/plain"


class AnyBytes(RawSubtitles):
    media_type = "application/octet-stream"


SUBTITLE_PARSERS = [WebVTT, SubRip, PlainText, AnyBytes, MultiPartParser]


def subtitle_bytes(body: Any) -> bytes:
    """Return the file in a parsed body; 400 for a form without ``file``, 413 for one that is too large."""
    if isinstance(body, bytes):
        return body
    file = body.get("file")
    if file is None or not hasattr(file, "read"):
        raise InvalidInput(_("Send the subtitles as the body, or as a form's file."), attr="file", code="required")
    if file.size > MOST_BYTES:
        raise SubtitlesTooLarge
    data: bytes = file.read()
    return data
