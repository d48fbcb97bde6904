"""What is known of somebody in a session before they come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q

from accounts.api import User
from attendance.access import NotALearner, SessionCancelled, teaches
from attendance.models import AttendanceEvent, AttendancePolicy, LiveSession
from courses.api import enrolled_since
from e_learning.core.api.errors import NotThere


@dataclass(frozen=True, slots=True)
class Seat:
    """One person in one session. ``learns_since`` None: they own the course, or are an admin, and do not learn in it.

    ``came_at`` and ``device_hash`` are of the check-in that counts (None and empty before it), ``status``, ``reason``
    and ``flags`` what the register says. ``offline_grace_minutes`` is of the course's policy.
    """

    session: LiveSession
    user: User
    teaches: bool
    learns_since: datetime | None
    came_at: datetime | None
    device_hash: str
    has_record: bool
    status: str
    reason: str
    flags: list[str]
    offline_grace_minutes: int

    def learns_at(self, at: datetime) -> bool:
        return self.learns_since is not None and self.learns_since <= at


def seat_of(user: User, session_id: int) -> Seat:
    """Return the seat, in one statement. Refuses: 404 to who neither owns the course nor is currently enrolled."""
    row: Any = _seats(user).filter(pk=session_id).first()
    if row is None:
        raise NotThere
    grace = row.my_grace
    return Seat(
        session=row,
        user=user,
        teaches=teaches(user, row.course.instructor_id),
        learns_since=row.my_learns_since,
        came_at=row.my_came_at,
        device_hash=row.my_device_hash or "",
        has_record=row.my_record_id is not None,
        status=row.my_status or "",
        reason=row.my_reason or "",
        flags=row.my_flags or [],
        offline_grace_minutes=AttendancePolicy().offline_grace_minutes if grace is None else grace,
    )


def learners_seat(user: User, session_id: int, at: datetime) -> Seat:
    """Return the seat of a learner in a session that stands.

    Refuses: 404 as ``seat_of``, 403 ``not_a_learner`` to who is not enrolled or not yet at ``at``, 409
    ``session_cancelled``.
    """
    seat = seat_of(user, session_id)
    if not seat.learns_at(at):
        raise NotALearner
    if not seat.session.is_standing:
        raise SessionCancelled
    return seat


def _seats(user: User) -> Any:
    """Sessions that ``user`` may see, each with their record and their check-in that counts: at most one of both."""
    checked_in = Q(events__user=user, events__kind=AttendanceEvent.Kind.CHECK_IN, events__refusal="")
    return (
        LiveSession.objects.visible_to(user)
        .select_related("course")
        .annotate(
            my_record=FilteredRelation("records", condition=Q(records__user=user)),
            my_check_in=FilteredRelation("events", condition=checked_in),
            my_learns_since=enrolled_since(user, course="course_id"),
            my_record_id=F("my_record__id"),
            my_status=F("my_record__status"),
            my_reason=F("my_record__reason"),
            my_flags=F("my_record__flags"),
            my_came_at=F("my_check_in__at"),
            my_device_hash=F("my_check_in__device_hash"),
            my_grace=F("course__attendance_policy__offline_grace_minutes"),
        )
    )
