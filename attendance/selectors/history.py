"""The history of a record: every event it was folded from, and why it says what it says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.api import User
from attendance.access import teaches
from attendance.explaining import Reader, explained
from attendance.folding import in_order
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from e_learning.core.api.errors import NotThere


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """An event as it is shown. What tells of the device stays where it is, and so does who it is that teaches."""

    id: int
    kind: str
    at: datetime
    until: datetime | None
    recorded_at: datetime
    client_time: datetime | None
    status: str | None
    refusal: str | None
    place: str | None
    provider: str
    note: str
    actor: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class History:
    record: AttendanceRecord
    events: list[HistoryEvent]
    explanation: list[str]


def history_of(user: User, record_id: int) -> History:
    """Return the history for the learner whose record it is, and for who keeps the register; 404 for others.

    Two statements. The learner is told "a teacher" for whoever made an event.
    """
    mine = Q(user=user) | Q(session__in=LiveSession.objects.owned_by(user))
    rows = AttendanceRecord.objects.select_related("session__course", "user")
    record = rows.filter(mine, pk=record_id).first()
    if record is None:
        raise NotThere
    keeps = teaches(user, record.session.course.instructor_id)
    own = AttendanceEvent.objects.filter(session=record.session_id, user=record.user_id).select_related("actor")
    noted = in_order(own)
    reader = Reader(ZoneInfo(user.timezone), lambda event: _name_of(event.actor, named=keeps))
    return History(
        record,
        [_shown(event, named=keeps) for event in noted],
        explained(record.session, noted, reader),
    )


def _name_of(actor: User | None, *, named: bool) -> str:
    return str(actor) if named and actor else _("a teacher")


def _shown(event: AttendanceEvent, *, named: bool) -> HistoryEvent:
    actor = event.actor
    return HistoryEvent(
        id=event.pk,
        kind=event.kind,
        at=event.at,
        until=event.until,
        recorded_at=event.recorded_at,
        client_time=event.client_time,
        status=event.status or None,
        refusal=event.refusal or None,
        place=event.place or None,
        provider=event.provider,
        note=event.note,
        actor={"id": actor.pk if named else None, "name": _name_of(actor, named=named)} if actor else None,
    )
