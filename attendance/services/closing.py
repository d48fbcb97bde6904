"""Closing the register of a session: whoever is not in it is absent, and who attends too little is warned."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession, Status
from attendance.selectors.classes import class_of
from attendance.services.keeping import hold_records, keep_held
from attendance.services.linking import attended_by_content
from attendance.services.warning import warn_learners
from courses.api import completions_of

logger = logging.getLogger(__name__)


def close_due_sessions(*, at: datetime, batch: int = 100) -> int:
    """Close every session whose time has come by ``at``, and return how many were; one that fails is logged, and is
    tried again by the next sweep.
    """
    closed, last = 0, 0
    due = LiveSession.objects.to_close(at).order_by("pk").values_list("pk", flat=True)
    while session_ids := list(due.filter(pk__gt=last)[:batch]):
        closed += sum(_is_closed_now(session_id, at) for session_id in session_ids)
        last = session_ids[-1]
    return closed


def _is_closed_now(session_id: int, at: datetime) -> bool:
    try:
        return close_session(session_id=session_id, at=at)
    except Exception:  # whatever it is, the next session is not to wait for it
        logger.exception("could not close session %s", session_id)
        return False


def close_session(*, session_id: int, at: datetime) -> bool:
    """Close the session, if its time has come by ``at``; says whether this call did.

    In two transactions, and ``closed_at`` is set by the second. A crash between them leaves the session to the next
    sweep, which finds nobody to mark any more and goes on. Absences are committed before anybody looks at percentages:
    of two sessions of a course that are closed at once, whoever looks last sees both. In one transaction neither might
    see the other's, and a learner who falls below a percentage by both would not be warned.
    """
    learners = _mark_class(session_id, at)
    return learners is not None and _conclude(session_id, learners, at)


@transaction.atomic
def _mark_class(session_id: int, at: datetime) -> list[int] | None:
    """Note what the platform knows of the class, and return its user ids; None where there is nothing to close.

    The session is held, so that it is marked as it is: moved a moment ago, it is not to be closed. Not against
    whoever refers to it, as every new event does. Then the records of those it is about, in the order of everybody.
    """
    session = LiveSession.objects.to_close(at).filter(pk=session_id).select_for_update(no_key=True).first()
    if session is None:
        return None
    learners = [learner.user_id for learner in class_of(session)]
    completed = _completed_in_time(session)
    concerned = _undecided(session, learners) | (completed.keys() & set(learners))
    if concerned:
        held = hold_records(session, concerned)
        keep_held(session, held, _what_is_known(session, held, completed))
    return learners


def _undecided(session: LiveSession, learners: Collection[int]) -> set[int]:
    """Return those of the class of whom the register says nothing; nobody where it is to stay so."""
    if session.absent_at is None:
        return set()
    decided = AttendanceRecord.objects.filter(session=session).exclude(status="").values_list("user_id", flat=True)
    return set(learners).difference(decided)


def _completed_in_time(session: LiveSession) -> dict[int, datetime]:
    """Return who completed the session's content before its end: it may have been planned later than that."""
    if session.linked_content_id is None:
        return {}
    completions = completions_of(session.linked_content_id)
    return {user_id: at for user_id, at in completions.items() if at <= session.ends_at}


def _what_is_known(
    session: LiveSession, held: Mapping[int, AttendanceRecord], completed: Mapping[int, datetime]
) -> list[AttendanceEvent]:
    """Return an event for each held record: present who completed the content, absent who did not and who is, now
    that the record is held, still in no other way in the register.
    """
    events = []
    for user_id, record in held.items():
        if user_id in completed:
            events.append(attended_by_content(session, user_id, completed[user_id]))
        elif not record.status:
            events.append(_absent(session, user_id))
    return events


def _absent(session: LiveSession, user_id: int) -> AttendanceEvent:
    assert session.absent_at is not None  # without it nobody is undecided
    return AttendanceEvent(
        session=session,
        user_id=user_id,
        kind=AttendanceEvent.Kind.AUTO,
        at=session.absent_at,
        status=Status.ABSENT,
    )


@transaction.atomic
def _conclude(session_id: int, learners: Collection[int], at: datetime) -> bool:
    """Set ``closed_at`` and warn the class; of two at once one does it, and nobody where the session was moved."""
    session = LiveSession.objects.filter(pk=session_id)
    if not session.to_close(at).update(closed_at=at):
        return False
    warn_learners(course_id=session.values_list("course_id", flat=True).get(), user_ids=learners, at=at)
    return True
