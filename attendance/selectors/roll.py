"""The roll: a session's whole class, with what the register says of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from attendance.models import AttendanceRecord, Excuse, LiveSession, Status
from attendance.selectors.classes import class_of


@dataclass(frozen=True, slots=True)
class AskedExcuse:
    """What a learner asked to be excused for, and what came of it."""

    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class RollRow:
    """One learner of the class. Who has no record has version 0 and no status."""

    user_id: int
    username: str
    full_name: str
    record_id: int | None = None
    status: str | None = None
    reason: str = ""
    version: int = 0
    minutes: int = 0
    checked_in_at: datetime | None = None
    checked_out_at: datetime | None = None
    flags: list[str] = field(default_factory=list)
    note: str = ""
    excuse: AskedExcuse | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    session: LiveSession
    rows: list[RollRow]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have which status, and how many there are in ``total`` (see ``selectors.classes``)."""
        found = Counter(row.status for row in self.rows)
        return {status.value: found[status.value] for status in Status} | {"total": len(self.rows)}


def roll_of(session: LiveSession) -> Roll:
    """Return who was or is enrolled while the session is, and whoever else has a record, by name: three statements."""
    names = {learner.user_id: (learner.username, learner.full_name) for learner in class_of(session)}
    rows = AttendanceRecord.objects.filter(session=session).select_related("user").order_by()
    records = {record.user_id: record for record in rows}
    names |= {user_id: (record.user.username, record.user.full_name) for user_id, record in records.items()}
    asked = Excuse.objects.filter(session=session).order_by().values_list("user_id", "state", "reason")
    excuses = {user_id: AskedExcuse(state, reason) for user_id, state, reason in asked}
    return Roll(session, list(_by_name(names, records, excuses)))


def _by_name(
    names: Mapping[int, tuple[str, str]],
    records: Mapping[int, AttendanceRecord],
    excuses: Mapping[int, AskedExcuse],
) -> Iterable[RollRow]:
    # Sorted here: the class and the records come from two statements, and databases differ in how they order letters.
    def by_name(user_id: int) -> tuple[str, str, int]:
        username, full_name = names[user_id]
        return full_name.casefold(), username.casefold(), user_id

    for user_id in sorted(names, key=by_name):
        username, full_name = names[user_id]
        facts = _of_record(records[user_id]) if user_id in records else {}
        yield RollRow(user_id, username, full_name, excuse=excuses.get(user_id), **facts)


def _of_record(record: AttendanceRecord) -> dict[str, Any]:
    return {
        "record_id": record.pk,
        "status": record.status or None,
        "reason": record.reason,
        "version": record.version,
        "minutes": record.minutes,
        "checked_in_at": record.first_in_at,
        "checked_out_at": record.last_out_at,
        "flags": record.flags,
        "note": record.note,
    }
