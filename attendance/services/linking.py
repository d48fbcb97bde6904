"""Completing the content of a session is attending it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from attendance.models import AttendanceEvent, LiveSession, Status
from attendance.selectors.classes import is_in_class
from attendance.services.keeping import keep_events
from courses.api import completions_of


def note_completions(*, completed: Iterable[tuple[int, int]]) -> None:
    """Note as present who completed contents that sessions link, each given by enrolment and content.

    In every session that stands and in whose class they are, where they completed it before its end, also long before
    its start, and also where it was closed since. Noted again it is the same. What is lost before a session is closed,
    and what was completed before it was planned, its closing finds.
    """
    for enrollment_id, content_id in completed:
        for user_id, at in completions_of(content_id, enrollment_id=enrollment_id).items():
            sessions = LiveSession.objects.linked_to(content_id, completed_at=at).order_by("pk")
            for session_id in list(sessions.values_list("pk", flat=True)):
                _note(session_id, user_id, content_id, at)


@transaction.atomic
def _note(session_id: int, user_id: int, content_id: int, at: datetime) -> None:
    """Hold the session, so that it is asked and folded as it is, and note them where it still links the content."""
    linked = LiveSession.objects.linked_to(content_id, completed_at=at).filter(pk=session_id)
    session = linked.select_for_update(no_key=True).first()
    if session is not None and is_in_class(session, user_id):
        keep_events(session, [attended_by_content(session, user_id, at)])


def attended_by_content(session: LiveSession, user_id: int, at: datetime) -> AttendanceEvent:
    """Return the event that says so; nothing is saved."""
    return AttendanceEvent(
        session=session, user_id=user_id, kind=AttendanceEvent.Kind.AUTO, at=at, status=Status.PRESENT
    )
