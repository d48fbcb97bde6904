"""The register as a table: what it says of whom, across sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.models import AttendanceRecord, LiveSession
from e_learning.core.api.errors import InvalidInput, NotThere

#: The columns of a record, as the API and its sheet show them, each with where it is found.
COLUMNS = {
    "id": "id",
    "session_id": "session_id",
    "session_title": "session__title",
    "course_id": "session__course_id",
    "starts_at": "session__starts_at",
    "user_id": "user_id",
    "full_name": "user__full_name",
    "status": "status",
    "reason": "reason",
    "minutes": "minutes",
    "checked_in_at": "first_in_at",
    "checked_out_at": "last_out_at",
    "flags": "flags",
    "note": "note",
    "version": "version",
}
#: A sheet is made whole before it is sent, so that whoever reads slowly holds no connection to the database, and a
#: file that ends half-way is never taken for all of it.
MOST_ROWS_IN_A_SHEET = 50_000
Records = QuerySet[AttendanceRecord, dict[str, Any]]
_LATEST_FIRST = ("-starts_at", "-id")


class TooManyRows(InvalidInput):
    code = "too_many_rows"
    message = _("These are more rows than one file takes. Ask for one course, or for less time.")


def records_seen_by(
    user: User,
    *,
    course: int | None = None,
    session: int | None = None,
    user_id: int | None = None,
    status: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Records:
    """Return records as rows of ``COLUMNS``, the latest session first: own ones, those of own courses; all for admins.

    A class that was cancelled did not take place, so its records are left out. ``since`` ≤ start < ``until``.
    """
    asked = {
        "session__course": course,
        "session": session,
        "user": user_id,
        "status": status or None,
        "session__starts_at__gte": since,
        "session__starts_at__lt": until,
    }
    standing = Q(session__state=LiveSession.State.SCHEDULED)
    return _seen_by(
        user, AttendanceRecord.objects.filter(standing, **{name: one for name, one in asked.items() if one})
    )


def record_seen_by(user: User, record_id: int) -> dict[str, Any]:
    """Return one record as a row of ``COLUMNS``, also one of a class that was cancelled, as its history tells of it.

    Refuses: 404 to who is neither its learner nor keeps the register.
    """
    found = list(_seen_by(user, AttendanceRecord.objects.filter(pk=record_id)))
    if not found:
        raise NotThere
    return found[0]


def _seen_by(user: User, records: QuerySet[AttendanceRecord]) -> Records:
    if user.is_admin:
        return _rows(records).order_by(*_LATEST_FIRST)
    # Two halves, each found by its own index; as one condition with OR every record would be asked.
    kept = records.filter(session__in=LiveSession.objects.owned_by(user).order_by().values("pk")).exclude(user=user)
    return _rows(records.filter(user=user)).union(_rows(kept), all=True).order_by(*_LATEST_FIRST)


def _rows(records: QuerySet[AttendanceRecord]) -> Records:
    found: Records = records.order_by().values(
        *[name for name, place in COLUMNS.items() if name == place],
        **{name: F(place) for name, place in COLUMNS.items() if name != place},
    )
    return found


def sheet_of(records: Records) -> list[Sequence[Any]]:
    """Return all of the records as lines of a sheet under ``COLUMNS``. Refuses: 400 ``too_many_rows``."""
    rows = list(records[: MOST_ROWS_IN_A_SHEET + 1])
    if len(rows) > MOST_ROWS_IN_A_SHEET:
        raise TooManyRows
    return [[" ".join(row[name]) if name == "flags" else row[name] for name in COLUMNS] for row in rows]
