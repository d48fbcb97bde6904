"""From the bytes of a file to what it tells: how large it may be, what text it is, whose export."""

import codecs
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from attendance.exports import meet, teams, zoom
from attendance.exports.structure import Export, ExportRefused
from attendance.exports.tables import Read, Row, rows_of
from attendance.exports.times import Clock


class Reader(NamedTuple):
    """How one provider's exports are known, and read."""

    is_head: Callable[[Row], bool]
    read: Callable[[Sequence[Row], Clock], Read]


_READERS: Final = {
    "zoom": Reader(zoom.is_head, zoom.read),
    "meet": Reader(meet.is_head, meet.read),
    "teams": Reader(teams.is_head, teams.read),
}
PROVIDERS: Final = tuple(_READERS)
_MEGABYTE: Final = 2**20
MAX_BYTES: Final = 50 * _MEGABYTE
MAX_ROWS: Final = 200_000
_ROWS_TO_A_HEAD: Final = 100
_DELIMITERS: Final = (",", "\t", ";")
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of the file at ``path``. Raises ExportRefused for none and for too many."""
    if not path.is_file():
        raise ExportRefused(_("There is no file at %(path)s.") % {"path": path})
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ExportRefused(_("The file is too large: at most %(size)d MB.") % {"size": MAX_BYTES // _MEGABYTE})
    return data


def read_export(
    data: bytes, *, clock: Clock, provider: str | None = None, step: Callable[[], object] | None = None
) -> Export:
    """Return what an export tells; whose it is, is told by its content unless ``provider`` says so.

    ``step`` is called for each row that was read. Raises ExportRefused for what is no text, no table, too much, or
    nobody's export.
    """
    text = decode(data)
    asked = {provider: _READERS[provider]} if provider else _READERS
    for delimiter in _DELIMITERS:
        for name, reader in asked.items():
            if _has_head(text, delimiter, reader):
                found, bad = reader.read(_counted(rows_of(text, delimiter), step), clock)
                return Export(name, tuple(found), tuple(bad))
    known = ", ".join(asked)
    raise ExportRefused(
        _("This is no list of participants that is known here (%(known)s), or not one in English.") % {"known": known}
    )


def decode(data: bytes) -> str:
    """Return the text in ``data``: by its byte order mark, else UTF-8, UTF-16 or what Western Windows writes."""
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", _guess(data)))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise ExportRefused(_("The file is not readable text (%(encoding)s).") % {"encoding": encoding}) from error
    if "\0" in text:
        raise ExportRefused(_("The file is not text: it holds NUL characters."))
    return text


def _guess(data: bytes) -> str:
    """Return the encoding of text without a mark. In UTF-16 every other byte of plain Latin is zero."""
    head = data[:1000]
    if head.count(0) > len(head) // 4:
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _has_head(text: str, delimiter: str, reader: Reader) -> bool:
    try:
        return any(reader.is_head(row) for row in islice(rows_of(text, delimiter), _ROWS_TO_A_HEAD))
    except ExportRefused:  # with another delimiter its quotes may close
        return False


def _counted(rows: Iterable[Row], step: Callable[[], object] | None) -> list[Row]:
    read: list[Row] = []
    for row in rows:
        if len(read) == MAX_ROWS:
            raise ExportRefused(_("The file has too many lines: at most %(most)d.") % {"most": MAX_ROWS})
        read.append(row)
        if step is not None:
            step()
    return read
