"""Delimited text as rows of cells, and heads of tables found among them."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from attendance.exports.structure import BadLine, ExportRefused, Participation
from attendance.exports.times import Unreadable

#: Control characters, and marks that turn the direction of text: in a name they would only mislead who reads it.
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_IN_UTC: Final = re.compile(r" ?\(utc\)$")

Columns = Mapping[str, int]
Read = tuple[list[Participation], list[BadLine]]


class Row(NamedTuple):
    """A row with the number of the line on which it begins: a quoted cell may hold more lines than one."""

    line: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)

    def at(self, columns: Columns, name: str) -> str:
        """Return the cell of that column; empty where the table or the row has none."""
        place = columns.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else ""


def rows_of(text: str, delimiter: str) -> Iterator[Row]:
    """Yield the rows of ``text``, whatever its line ends are. Raises ExportRefused where its quotes don't close."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield Row(line, [_clean(cell) for cell in cells])
            line = reader.line_num + 1
    except csv.Error as error:
        raise ExportRefused(
            _("Line %(line)d is not a row of a table: %(why)s.") % {"line": line, "why": error}
        ) from error


def columns_of(row: Row, names: Mapping[str, str]) -> Columns:
    """Return where the columns are that ``names`` knows by their heads; the first of two that mean the same."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row.cells):
        head = _IN_UTC.sub("", cell.casefold())
        if head in names:
            found.setdefault(names[head], place)
    return found


def read_each(rows: Iterable[Row], read: Callable[[Row], Participation]) -> Read:
    """Return what ``read`` makes of each row, and the lines on which something could not be read; blank rows aside."""
    found: list[Participation] = []
    bad: list[BadLine] = []
    for row in rows:
        if row.is_blank:
            continue
        try:
            found.append(read(row))
        except Unreadable as error:
            bad.append(BadLine(row.line, str(error)))
    return found, bad


def is_in_utc(row: Row) -> bool:
    """Whether a head says of its times that they are in UTC."""
    return any(_IN_UTC.search(cell.casefold()) for cell in row.cells)


def _clean(cell: str) -> str:
    return " ".join(_CONTROLS.sub(" ", cell).split())
