"""Google Meet's attendance report: one row a person, with their first coming, their last going and the time between
that they were there. Times may come without a date, and durations as "1 hr 2 min". A head about the meeting may stand
above the table.
"""

from collections.abc import Sequence
from typing import Final

from attendance.exports.structure import Participation
from attendance.exports.tables import Columns, Read, Row, columns_of, read_each
from attendance.exports.times import Clock, read_duration, read_leaving

_NAMES: Final = {
    "first name": "first",
    "last name": "last",
    "name": "name",
    "participant name": "name",
    "email": "email",
    "duration": "length",
    "time joined": "joined",
    "time exited": "left",
}


def is_head(row: Row) -> bool:
    columns = columns_of(row, _NAMES)
    return {"joined", "left"} <= columns.keys() and bool({"first", "name", "email"} & columns.keys())


def read(rows: Sequence[Row], clock: Clock) -> Read:
    start = next(place for place, row in enumerate(rows) if is_head(row))
    columns = columns_of(rows[start], _NAMES)
    return read_each(rows[start + 1 :], lambda row: _person(row, columns, clock))


def _person(row: Row, columns: Columns, clock: Clock) -> Participation:
    joined_at = clock.read(row.at(columns, "joined"))
    length = read_duration(row.at(columns, "length"))
    names = (row.at(columns, part) for part in ("name", "first", "last"))
    return Participation(
        name=" ".join(filter(None, names)),
        email=row.at(columns, "email"),
        joined_at=joined_at,
        left_at=read_leaving(row.at(columns, "left"), clock, joined_at=joined_at, length=length),
        line=row.line,
    )
