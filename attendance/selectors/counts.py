"""How many are there."""

from attendance.frames import AttendanceCount
from attendance.models import AttendanceRecord, LiveSession
from attendance.selectors.classes import roll_size
from attendance.selectors.percentages import COUNT_OF_EACH


def count_of(session: LiveSession) -> AttendanceCount:
    """Return what the register says at this moment, in two statements."""
    counts = AttendanceRecord.objects.filter(session=session).aggregate(**COUNT_OF_EACH)
    return AttendanceCount(**counts, total=roll_size(session))


def count_now(session_id: int) -> AttendanceCount:
    """Return ``count_of`` the session as it is planned now: three statements."""
    return count_of(LiveSession.objects.get(pk=session_id))
