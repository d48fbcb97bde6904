"""Tables as CSV files that spreadsheets open without running anything in them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

#: What a spreadsheet takes for the beginning of a formula, in the widths that East Asian keyboards give, too.
_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
#: What it leaves out in front of one, what nobody sees there, and quotes, which may be read as those of a cell.
_UNSEEN = '"\\s\x00-\x1f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff'
# A semicolon, a tab or the end of a line is where another cell begins for a reader that was told another separator.
_BEGINS = re.compile(f"(?:^|(?<=[;\t\r\n]))(?=[{_UNSEEN}]*+[{_SIGNS}])|^(?=[\t\r\n])")
_BOM = "\ufeff"


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table as CSV: a line of ``columns``, then ``rows``, in UTF-8 with the mark by which Excel knows it.

    Numbers stay numbers. Text is quoted, and a text that a spreadsheet would take for a formula gets an apostrophe
    before it (https://owasp.org/www-community/attacks/CSV_Injection), as has every place inside where a cell would
    begin for who reads with another separator. Times are ISO 8601 in UTC, None is empty.
    """
    sheet = io.StringIO()
    sheet.write(_BOM)
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return sheet.getvalue().encode()


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """Answer with the table as the file ``<name>.csv``; it is somebody's own, so no cache between keeps it."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(csv_of(columns, rows), content_type="text/csv; charset=utf-8", headers=headers)


def harmless(text: str) -> str:
    """Return ``text`` so that no spreadsheet takes it, or the end of it, for a formula."""
    return _BEGINS.sub("'", text)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
