"""Checking out: a learner leaves."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.models import AttendanceEvent, AttendanceRecord
from attendance.selectors.seats import Seat, learners_seat
from attendance.services.keeping import hold_records, keep_held
from e_learning.core.api.errors import Conflict

Kind = AttendanceEvent.Kind


class NotCheckedIn(Conflict):
    code = "not_checked_in"
    message = _("Check in first.")


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """``minutes`` are those that the register counts until now, within the session."""

    session_id: int
    checked_in_at: datetime | None
    checked_out_at: datetime
    minutes: int


def check_out(*, learner: User, session_id: int, now: datetime | None = None) -> CheckedOut:
    """Note that ``learner`` leaves; out already, return the first answer.

    After the end it counts as the end. The record is held from before it is looked whether they are in, so of two at
    once one leaves; a second leaving would change nothing in the register (``folding.seen_of``).

    Refuses: 404; 403 ``not_a_learner``; 409 ``session_cancelled``, ``not_checked_in``.
    """
    now = now or timezone.now()
    seat = learners_seat(learner, session_id, now)
    with transaction.atomic():
        held = hold_records(seat.session, {learner.pk})
        latest = _latest_move(seat)
        if latest is None:
            raise NotCheckedIn
        if latest.kind != Kind.LEAVE:
            came_at, latest = latest.at, AttendanceEvent(session=seat.session, user=learner, kind=Kind.LEAVE)
            latest.at, latest.recorded_at = max(came_at, min(now, seat.session.ends_at)), now
            keep_held(seat.session, held, [latest])
    return _answer(held[learner.pk], latest)


def _latest_move(seat: Seat) -> AttendanceEvent | None:
    """Return the last coming or leaving in the order that the fold sees; None for who never came."""
    moves = AttendanceEvent.objects.filter(
        session=seat.session, user=seat.user, kind__in=[Kind.CHECK_IN, Kind.JOIN, Kind.LEAVE], refusal=""
    )
    return moves.order_by("at", "recorded_at", "id").last()


def _answer(record: AttendanceRecord, left: AttendanceEvent) -> CheckedOut:
    return CheckedOut(record.session_id, record.first_in_at, left.at, record.minutes)
