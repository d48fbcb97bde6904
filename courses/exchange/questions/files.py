"""The bytes of a file: how large they may be, what text they are, and in which format."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from courses.exchange.olx.errors import ImportRefused
from courses.exchange.olx.markup import clean_text

GIFT, AIKEN, MOODLE_XML = "gift", "aiken", "moodle-xml"
_MEGABYTE: Final = 2**20
MAX_BYTES: Final = 50 * _MEGABYTE
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_XML = re.compile(r"\s*<(?:\?xml|quiz[\s/>]|!DOCTYPE|!--)", re.IGNORECASE)
_AIKEN_ANSWER = re.compile(r"^ANSWER:[ \t]*[A-Z]", re.MULTILINE)
_AIKEN_OPTION = re.compile(r"^[A-Z][.)][ \t]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """Text with ``\\n`` at its line ends and without control characters; ``is_guessed``: neither a mark nor UTF-8."""

    text: str
    encoding: str
    is_guessed: bool


def read_bytes(path: Path) -> bytes:
    """Return the bytes of the file at ``path``; ImportRefused for none and for too many."""
    if not path.is_file():
        raise ImportRefused(_("There is no file at %(path)s.") % {"path": path})
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ImportRefused(_("The file is too large: at most %(size)d MB.") % {"size": MAX_BYTES // _MEGABYTE})
    return data


def decode(data: bytes) -> Text:
    """Return the text in ``data``: by its byte order mark, else UTF-8, else the encoding of Western Windows.

    Raises ImportRefused for what is no text: a NUL in it, or half a character of UTF-16.
    """
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", _guess(data)))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise ImportRefused(_("The file is not readable text (%(encoding)s).") % {"encoding": encoding}) from error
    if "\0" in text:
        raise ImportRefused(_("The file is not text: it holds NUL characters."))
    text = clean_text(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Text(text, encoding, is_guessed=not mark and encoding != "utf-8")


def format_of(text: str) -> str:
    """Return the format that the text looks like. GIFT, which needs no mark at all, is what nothing else fits."""
    if _XML.match(text):
        return MOODLE_XML
    if _AIKEN_ANSWER.search(text) and _AIKEN_OPTION.search(text):
        return AIKEN
    return GIFT


def _guess(data: bytes) -> str:
    """Return the encoding of text without a mark. In UTF-16 every other byte of plain Latin is zero."""
    head = data[:1000]
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"
