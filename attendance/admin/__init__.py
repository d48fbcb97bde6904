"""The back office of attendance, by topic. Who teaches sees own courses only."""

from attendance.admin.excuses import ExcuseAdmin
from attendance.admin.policies import PolicyAdmin, WarningAdmin
from attendance.admin.register import EventAdmin, RecordAdmin
from attendance.admin.sessions import LiveSessionAdmin

__all__ = [
    "EventAdmin",
    "ExcuseAdmin",
    "LiveSessionAdmin",
    "PolicyAdmin",
    "RecordAdmin",
    "WarningAdmin",
]
