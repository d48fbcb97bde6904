"""Zoom's report of a meeting's participants.

Above the table a head of two lines about the meeting may stand, or nothing. A row is one stay, and a second one of the
same person is another row; with "unique users" ticked a row is a person with the total of their minutes, and no times.
Column names have changed their capitals over the years: "Name (Original Name)", "User Email" or "Email", "Join Time",
"Leave Time", "Duration (Minutes)" or "Total Duration (Minutes)", "Guest", "In Waiting Room".
"""

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from attendance.exports.structure import Participation
from attendance.exports.tables import Columns, Read, Row, columns_of, read_each
from attendance.exports.times import Clock, Unreadable, read_duration, read_leaving

_NAMES: Final = {
    "name (original name)": "name",
    "user name (original name)": "name",
    "name": "name",
    "user email": "email",
    "email": "email",
    "join time": "joined",
    "leave time": "left",
    "duration (minutes)": "minutes",
    "total duration (minutes)": "minutes",
    "in waiting room": "waiting",
}
_HOST: Final = re.compile(r"\((?:co-)?host\)$", re.IGNORECASE)


def is_head(row: Row) -> bool:
    columns = columns_of(row, _NAMES)
    return {"name", "minutes"} <= columns.keys() and ("joined" in columns) == ("left" in columns)


def read(rows: Sequence[Row], clock: Clock) -> Read:
    """Read the table below the first head. Stays in the waiting room are told as such: they are no attendance."""
    start = next(place for place, row in enumerate(rows) if is_head(row))
    columns = columns_of(rows[start], _NAMES)
    has_times = "joined" in columns
    return read_each(rows[start + 1 :], lambda row: _stay(row, columns, clock) if has_times else _total(row, columns))


def _stay(row: Row, columns: Columns, clock: Clock) -> Participation:
    name, email = row.at(columns, "name"), row.at(columns, "email")
    if row.at(columns, "waiting").casefold() == "yes":
        return Participation(name, email, None, None, row.line, has_waited=True)
    joined_at = clock.read(row.at(columns, "joined"))
    left_at = read_leaving(row.at(columns, "left"), clock, joined_at=joined_at)
    return Participation(name, email, joined_at, left_at, row.line, is_host=_is_host(name))


def _total(row: Row, columns: Columns) -> Participation:
    name, length = row.at(columns, "name"), read_duration(row.at(columns, "minutes"))
    if length is None:
        raise Unreadable(_("“%(text)s” is no number of minutes.") % {"text": row.at(columns, "minutes")})
    minutes = int(length.total_seconds()) // 60
    email = row.at(columns, "email")
    return Participation(name, email, None, None, row.line, minutes=minutes, is_host=_is_host(name))


def _is_host(name: str) -> bool:
    return _HOST.search(name) is not None
