"""Marking by hand: whoever keeps the register sets what it says, of many at once."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.access import SessionCancelled, session_owned_by
from attendance.folding import BY_HAND
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession, Status
from attendance.selectors.roll import Roll, RollRow, roll_of
from attendance.services.keeping import hold_records, keep_held
from e_learning.core.api.errors import Conflict, InvalidInput


class StaleVersion(Conflict):
    code = "stale_version"
    message = _("Somebody changed the register meanwhile. Look again.")


class NotBegun(Conflict):
    code = "not_begun"
    message = _("Before check-in opens a learner can only be excused.")


class UnknownLearner(InvalidInput):
    code = "unknown_learner"
    message = _("This learner is not in the class.")


class MarkedTwice(InvalidInput):
    code = "marked_twice"
    message = _("This learner is in the list twice.")


@dataclass(frozen=True, slots=True)
class Mark:
    """What to set for one learner. ``status`` empty takes back what was set by hand, ``note`` None leaves the note.

    ``version`` is that of the record the mark was decided by (0: there was none); None: whatever it is now.
    """

    user_id: int
    status: str
    note: str | None = None
    version: int | None = None


def mark_roll(*, owner: User, session_id: int, marks: Sequence[Mark], now: datetime | None = None) -> Roll:
    """Set what the register says of the learners in ``marks``, all or none; returns the roll as it is then.

    Each mark that changes something becomes an event with its actor; one that says what was set by hand before makes
    none. Refuses, in this order: 404 and 403 ``owners_only``; 409 ``session_cancelled``; 400 ``marked_twice`` and
    ``unknown_learner`` with the row; 409 ``not_begun``: before check-in opens only an excuse can be known; 409
    ``stale_version`` with ``records``, all that have changed since. As many statements for one learner as for many.
    """
    session = session_owned_by(owner, session_id)
    if not session.is_standing:
        raise SessionCancelled
    roll = roll_of(session)
    seen = {row.user_id: row for row in roll.rows}
    _refuse_unknown(marks, seen)
    _refuse_ahead(session, marks, now or timezone.now())
    # What says nothing new needs no record. Where it is stale it goes on, and is refused with the others.
    new = [mark for mark in marks if _is_change(mark, seen[mark.user_id]) or _is_stale(mark, seen[mark.user_id])]
    if not new:
        return roll
    _keep(session, new, actor=owner)
    return roll_of(session)


def _refuse_unknown(marks: Sequence[Mark], known: Collection[int]) -> None:
    times = Counter[int]()
    for row, mark in enumerate(marks):
        times[mark.user_id] += 1
        if times[mark.user_id] > 1:
            raise MarkedTwice(attr=f"records.{row}.user_id")
        if mark.user_id not in known:
            raise UnknownLearner(attr=f"records.{row}.user_id")


def _refuse_ahead(session: LiveSession, marks: Iterable[Mark], now: datetime) -> None:
    for row, mark in enumerate(marks):
        if now < session.check_in_opens and mark.status not in ("", Status.EXCUSED):
            raise NotBegun(attr=f"records.{row}.status")


@transaction.atomic
def _keep(session: LiveSession, marks: Sequence[Mark], *, actor: User) -> None:
    held = hold_records(session, {mark.user_id for mark in marks})
    if not session.is_standing:  # cancelled in this moment
        raise SessionCancelled
    _refuse_stale(marks, held)
    changes = [mark for mark in marks if _is_change(mark, held[mark.user_id])]
    at = _noted_at(session, held)
    keep_held(session, held, [_event(session, mark, held[mark.user_id], actor, at) for mark in changes])


def _refuse_stale(marks: Iterable[Mark], held: Mapping[int, AttendanceRecord]) -> None:
    stale = [held[mark.user_id] for mark in marks if _is_stale(mark, held[mark.user_id])]
    if stale:
        now = [{"user_id": one.user_id, "version": one.version, "status": one.status or None} for one in stale]
        raise StaleVersion(extra={"records": now})


def _is_stale(mark: Mark, record: AttendanceRecord | RollRow) -> bool:
    return mark.version is not None and mark.version != record.version


def _is_change(mark: Mark, record: AttendanceRecord | RollRow) -> bool:
    """Say whether the mark differs from what was last set by hand: of that a record has the status and the note."""
    set_before = record.status if record.reason == BY_HAND else ""
    return mark.status != set_before or mark.note not in (None, record.note)


def _noted_at(session: LiveSession, held: Collection[int]) -> datetime:
    """Return now, or when the latest mark of these learners was noted: clocks of two servers may differ."""
    marked = AttendanceEvent.objects.filter(session=session, user__in=list(held), kind=AttendanceEvent.Kind.MANUAL)
    latest = marked.aggregate(latest=Max("recorded_at"))["latest"]
    return max(timezone.now(), latest) if latest else timezone.now()


def _event(
    session: LiveSession, mark: Mark, record: AttendanceRecord, actor: User, noted_at: datetime
) -> AttendanceEvent:
    return AttendanceEvent(
        session=session,
        user_id=mark.user_id,
        kind=AttendanceEvent.Kind.MANUAL,
        at=noted_at,
        recorded_at=noted_at,
        status=mark.status,
        note=record.note if mark.note is None else mark.note,
        actor=actor,
    )
