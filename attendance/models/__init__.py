"""Every table of the app, by topic."""

from attendance.models.policies import AttendancePolicy, AttendanceWarning, CalendarFeed
from attendance.models.register import AttendanceEvent, AttendanceRecord, Excuse, Status
from attendance.models.sessions import LiveSession, SessionSeries

__all__ = [
    "AttendanceEvent",
    "AttendancePolicy",
    "AttendanceRecord",
    "AttendanceWarning",
    "CalendarFeed",
    "Excuse",
    "LiveSession",
    "SessionSeries",
    "Status",
]
