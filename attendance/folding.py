"""From events to the register: the one rule by which it is decided what is said of a learner in a session.

Pure: no database, no clock. The same events give the same record, in whatever order they came in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from attendance.models import AttendanceEvent, LiveSession, Status

Kind = AttendanceEvent.Kind

#: Why a record says what it says, and the order in which it is asked: the first that applies decides.
BY_HAND, TOO_SHORT, ON_TIME, LATE = "by_hand", "too_short", "on_time", "came_late"
CONTENT_COMPLETED, EXCUSED, NOT_THERE = "content_completed", "excused", "not_there"
OFFLINE = "offline"


class Spell(NamedTuple):
    """A time they were there, as it was seen; ``left_at`` None: nobody saw them leave."""

    came_at: datetime
    left_at: datetime | None


class Seen(NamedTuple):
    """All times they were there; ``is_measured``: a meeting's export tells how long."""

    spells: list[Spell]
    is_measured: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What the register says. Fields as of ``AttendanceRecord``."""

    status: str = ""
    reason: str = ""
    minutes: int = 0
    first_in_at: datetime | None = None
    last_out_at: datetime | None = None
    flags: tuple[str, ...] = ()
    note: str = ""
    version: int = 0


def fold(session: LiveSession, events: Iterable[AttendanceEvent]) -> Standing:
    """Return what follows from ``events``, all of one learner in ``session``.

    What was last set by hand decides. Else being there does: in time or late by the first moment, and absent where it
    was shorter than the session asks for. Completing its content is being there too. An approved excuse excuses an
    absence and nothing else. Last comes the absence that the platform noted after the end.
    """
    noted = in_order(events)
    counted = [event for event in noted if not event.refusal]
    seen = seen_of(session, counted)
    status, reason = _decide(session, counted, seen)
    return Standing(
        status=status,
        reason=reason,
        minutes=time_there(session, seen) // timedelta(minutes=1),
        first_in_at=min((spell.came_at for spell in seen.spells), default=None),
        last_out_at=_left_at(seen),
        flags=_flags(noted),
        note=next((event.note for event in reversed(counted) if event.kind == Kind.MANUAL), ""),
        version=len(noted),
    )


def in_order(events: Iterable[AttendanceEvent]) -> list[AttendanceEvent]:
    """Return the events in the order in which they were noted."""
    return sorted(events, key=lambda event: (event.recorded_at, event.pk or 0))


def _decide(session: LiveSession, counted: Sequence[AttendanceEvent], seen: Seen) -> tuple[str, str]:
    by_hand = [event.status for event in counted if event.kind == Kind.MANUAL][-1:]
    if by_hand and by_hand[0]:
        return by_hand[0], BY_HAND
    noted = {event.status for event in counted if event.kind == Kind.AUTO}
    status, reason = "", ""
    if Status.PRESENT in noted:
        status, reason = Status.PRESENT.value, CONTENT_COMPLETED
    elif (came_at := arrival(session, seen)) is not None:
        status, reason = _of_being_there(session, came_at, time_there(session, seen))
    if status in (Status.PRESENT, Status.LATE):
        return status, reason
    if any(event.kind == Kind.EXCUSE for event in counted):
        return Status.EXCUSED.value, EXCUSED
    if not status and Status.ABSENT in noted:
        return Status.ABSENT.value, NOT_THERE
    return status, reason


def _of_being_there(session: LiveSession, came_at: datetime, lasted: timedelta) -> tuple[str, str]:
    if lasted < least_time(session):
        return Status.ABSENT.value, TOO_SHORT
    return (Status.PRESENT.value, ON_TIME) if came_at <= session.late_after else (Status.LATE.value, LATE)


def arrival(session: LiveSession, seen: Seen) -> datetime | None:
    """Return when they came to the session; who was seen to leave before it began has not come."""
    stayed = [spell.came_at for spell in seen.spells if spell.left_at is None or spell.left_at >= session.starts_at]
    return min(stayed, default=None)


def least_time(session: LiveSession) -> timedelta:
    """Return for how long somebody has to be there: the longer of the two minimums, nothing without any."""
    of_its_length = (session.ends_at - session.starts_at) * (session.minimum_percent or 0) / 100
    return max(timedelta(minutes=session.minimum_minutes or 0), of_its_length)


def seen_of(session: LiveSession, counted: Sequence[AttendanceEvent]) -> Seen:
    """Return the times they were there, as they were seen."""
    spells, came_at = [], None
    for event in sorted(counted, key=lambda event: event.at):
        if event.kind in (Kind.CHECK_IN, Kind.JOIN) and came_at is None:
            came_at = event.at
        elif event.kind == Kind.LEAVE and came_at is not None:
            spells.append(Spell(came_at, event.at))
            came_at = None
    if came_at is not None:
        spells.append(Spell(came_at, None))
    imported = _imported(session, counted)
    return Seen(spells + imported, is_measured=bool(imported))


def _imported(session: LiveSession, counted: Iterable[AttendanceEvent]) -> list[Spell]:
    """Return what exports say of this session. One room is used for many classes, and its export has them all."""
    over_at = max(session.ends_at, session.check_in_closes)
    lines = [(event.at, event.until or event.at) for event in counted if event.kind == Kind.IMPORT]
    return [Spell(came_at, left_at) for came_at, left_at in lines if left_at >= session.starts_at and came_at < over_at]


def time_there(session: LiveSession, seen: Seen) -> timedelta:
    """Return how long the spells last together, counted once where they overlap and only within the session.

    Whom nobody saw leave stayed until the end; where an export has measured them, that they came is all that is known
    of such a spell.
    """
    total, reached = timedelta(), session.starts_at
    for came_at, left_at in sorted(seen.spells, key=lambda spell: spell.came_at):
        until = left_at or (came_at if seen.is_measured else session.ends_at)
        counted_from, counted_to = max(came_at, reached), min(until, session.ends_at)
        if counted_to > counted_from:
            total += counted_to - counted_from
            reached = counted_to
    return total


def _left_at(seen: Seen) -> datetime | None:
    """Return when they were last seen to leave; None where they came again and nobody saw them leave."""
    if not seen.is_measured and any(spell.left_at is None for spell in seen.spells):
        return None
    return max((spell.left_at for spell in seen.spells if spell.left_at is not None), default=None)


def _flags(noted: Iterable[AttendanceEvent]) -> tuple[str, ...]:
    flags = {event.refusal for event in noted if event.refusal}
    if any(is_offline(event) for event in noted):
        flags.add(OFFLINE)
    return tuple(sorted(flags))


def is_offline(event: AttendanceEvent) -> bool:
    """Say whether this is a check-in made without a connection: it counts by the clock of the device."""
    return event.kind == Kind.CHECK_IN and not event.refusal and event.at == event.client_time
