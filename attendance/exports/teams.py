"""Microsoft Teams' attendance report, in the three forms it has had.

Today it has numbered sections: "1. Summary", "2. Participants" (a row a person: first join, last leave, and how long
they were there) and "3. In-Meeting Activities" (a row a stay), which is read where it is there. In 2021 it was a
summary and one table with join and leave times; before that a list of who "Joined", "Joined before" or "Left", and
when. A file is in UTF-16 with tabs, wherever nobody has saved it anew.
"""

import re
from collections import defaultdict, deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from attendance.exports.structure import BadLine, Participation
from attendance.exports.tables import Columns, Read, Row, columns_of, is_in_utc, read_each
from attendance.exports.times import Clock, Unreadable, read_duration, read_leaving

_NAMES: Final = {
    "name": "name",
    "full name": "name",
    "first join": "first",
    "last leave": "last",
    "join time": "joined",
    "leave time": "left",
    "in-meeting duration": "length",
    "duration": "length",
    "email": "email",
    "participant id (upn)": "upn",
    "role": "role",
    "user action": "action",
    "timestamp": "timestamp",
}
_PEOPLE, _STAYS, _ACTIONS = {"name", "first", "last"}, {"name", "joined", "left", "length"}, {"action", "timestamp"}
_SECTION: Final = re.compile(r"[0-9]\. ")
_HOSTS: Final = {"organizer", "organiser"}


def is_head(row: Row) -> bool:
    columns = columns_of(row, _NAMES).keys()
    return columns >= _PEOPLE or columns >= _STAYS or columns >= {"name", *_ACTIONS}


def read(rows: Sequence[Row], clock: Clock) -> Read:
    """Read the table that says most. A table ends where a row is blank, or is the title of the next section."""
    heads = [place for place, row in enumerate(rows) if is_head(row)]
    tables = {_kind(rows[place]): place for place in reversed(heads) if _below(rows, place)}
    kind = next((kind for kind in ("stays", "people", "actions") if kind in tables), None)
    if kind is None:
        return [], []
    place = tables[kind]
    told_by = clock.in_utc() if is_in_utc(rows[place]) else clock
    columns = columns_of(rows[place], _NAMES)
    body = _below(rows, place)
    if kind == "actions":
        return _paired(body, columns, told_by)
    return read_each(body, lambda row: _stay(row, columns, told_by))


def _kind(head: Row) -> str:
    columns = columns_of(head, _NAMES).keys()
    if columns >= _ACTIONS:
        return "actions"
    return "stays" if columns >= _STAYS else "people"


def _below(rows: Sequence[Row], place: int) -> Sequence[Row]:
    ends = (at for at in range(place + 1, len(rows)) if rows[at].is_blank or _SECTION.match(rows[at].cells[0]))
    return rows[place + 1 : next(ends, len(rows))]


def _stay(row: Row, columns: Columns, clock: Clock) -> Participation:
    joined_at = clock.read(row.at(columns, "joined") or row.at(columns, "first"))
    left = row.at(columns, "left") or row.at(columns, "last")
    length = read_duration(row.at(columns, "length"))
    return Participation(
        name=row.at(columns, "name"),
        email=row.at(columns, "email") or row.at(columns, "upn"),
        joined_at=joined_at,
        left_at=read_leaving(left, clock, joined_at=joined_at, length=length),
        line=row.line,
        is_host=row.at(columns, "role").casefold() in _HOSTS,
    )


def _paired(rows: Sequence[Row], columns: Columns, clock: Clock) -> Read:
    """Pair each leaving with the earliest coming of that name that has none yet; two devices are two comings."""
    found: list[Participation] = []
    bad: list[BadLine] = []
    inside: dict[str, deque[tuple[Row, datetime]]] = defaultdict(deque)
    for row in rows:
        name, action = row.at(columns, "name"), row.at(columns, "action").casefold()
        try:
            at = clock.read(row.at(columns, "timestamp"))
            if action.startswith("joined"):
                inside[name].append((row, at))
            elif action == "left" and inside[name]:
                came, joined_at = inside[name].popleft()
                found.append(Participation(name, "", joined_at, max(at, joined_at), came.line))
            else:
                bad.append(BadLine(row.line, _("Nobody of this name had joined.") if action == "left" else action))
        except Unreadable as error:
            bad.append(BadLine(row.line, str(error)))
    found += [Participation(name, "", at, None, row.line) for name, still in inside.items() for row, at in still]
    return sorted(found, key=lambda each: each.line), bad
