"""The one way JSON comes in: strict, so that nothing a database can't hold reaches a service."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

#: Deeper than any body of ours, and far from where encoders and databases give up with an error of their own.
MOST_LEVELS = 64


def parse_json(body: bytes) -> Any:
    """Return the value of ``body``; raises ``ParseError`` (400) for broken JSON, text with NUL, too many levels.

    msgspec refuses what ``json`` lets through: NaN and Infinity, lone surrogates, invalid UTF-8.
    PostgreSQL holds no NUL in text, so it is refused here for every field at once.
    """
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ParseError(_("The body is not valid JSON.")) from error
    if b"\\u0000" in body and holds_nul(value):
        raise ParseError(_("Text can't contain the NUL character."))
    if body.count(b"[") + body.count(b"{") > MOST_LEVELS and _nests_deeper(value, MOST_LEVELS):
        raise ParseError(_("The body nests too deep."))
    return value


def _nests_deeper(value: Any, levels: int) -> bool:
    layer = [value]
    for _level in range(levels + 1):
        layer = [inner for outer in layer for inner in _inside(outer)]
    return bool(layer)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def holds_nul(value: Any) -> bool:
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str) and "\0" in current:
            return True
        if isinstance(current, dict):
            waiting.extend(current)
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
    return False


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Django holds ``DATA_UPLOAD_MAX_MEMORY_SIZE`` against ``request.body`` only, which DRF goes past."""
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        return parse_json(body) if body.strip() else {}
