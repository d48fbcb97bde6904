"""Ids and words in paths and queries, such that none is an error of the database."""

from urllib.parse import quote

from django.http import HttpRequest
from django.urls.converters import IntConverter

from e_learning.core.api.errors import InvalidInput

MOST_ID = 2**63 - 1


class IdConverter(IntConverter):
    def to_python(self, value: str) -> int:
        number = int(value)
        if number > MOST_ID:
            raise ValueError("past any id")  # Django answers 404
        return number


class WordsConverter:
    """Free text of any script as one part of a path.

    A slash can't stand in a part of a path, however it is encoded: servers decode before they split. It
    is written ``~1``, and a tilde ``~0``, as in RFC 6901 (JSON Pointer).
    """

    regex = r"[^/\x00]{1,200}"

    def to_python(self, value: str) -> str:
        return value.replace("~1", "/").replace("~0", "~")

    def to_url(self, value: str) -> str:
        return value.replace("~", "~0").replace("/", "~1")


def in_path(words: str) -> str:
    """Return ``words`` as a path writes them, percent-encoded."""
    return quote(WordsConverter().to_url(words), safe="~")


def id_asked_for(request: HttpRequest, name: str) -> int | None:
    """Return the id that the query gives as ``name``, None where it gives none; 400 for what can't be an id."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) <= MOST_ID):
        raise InvalidInput(attr=name)
    return int(text)
