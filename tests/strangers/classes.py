"""A class of Asha's that Bilal was in, and how a stranger would ask for it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import CustomUser
from attendance.codes import code_at
from attendance.models import AttendanceRecord, LiveSession
from attendance.services.excusing import ask_excuse
from attendance.services.keeping import keep_events
from courses.models import Course
from tests.factories.classes import event, make_session


@dataclass
class Class:
    """A live session that is open for check-in, Bilal's record in it, and an excuse that waits for another."""

    session: LiveSession
    record: AttendanceRecord
    bilal: CustomUser

    def path_ids(self, operation: str) -> dict[str, int]:
        """Return what the operation's address names, where it is one of ours."""
        if not operation.startswith("attendance_"):
            return {}
        about = operation.removeprefix("attendance_").split("_")[0]
        ids = {"record": self.record.pk, "policy": self.session.course_id, "summary": self.session.course_id}
        return {"id": ids.get(about, self.session.pk), "user_id": self.bilal.pk}

    def body(self, operation: str) -> dict[str, Any] | None:
        planned = {"starts_at": "2030-01-01T09:00:00Z", "ends_at": "2030-01-01T10:00:00Z", "mode": "online"}
        bodies: dict[str, dict[str, Any]] = {
            "attendance_session_plan": planned | {"course_id": self.session.course_id, "title": "Mine"},
            "attendance_session_change": {"title": "Mine"},
            "attendance_check_in": {"code": code_at(self.session.pk, timezone.now())},
            "attendance_excuse_ask": {"reason": "Mine"},
            "attendance_excuse_decide": {"decision": "approved"},
            "attendance_policy_update": {"remind_minutes": 5},
            "attendance_roll_mark": {"records": [{"user_id": self.bilal.pk, "status": "absent"}]},
        }
        return bodies.get(operation)


def class_in(course: Course, bilal: CustomUser) -> Class:
    """Return a class of ``course``, in which ``bilal`` is enrolled."""
    session = make_session(course, title="Secret class")
    [record] = keep_events(session, [event(session, bilal, "check_in", session.starts_at)]).values()
    later = make_session(course, title="Secret class", starts_at=timezone.now() + timedelta(days=1))
    ask_excuse(learner=bilal, session_id=later.pk, reason="Secret")
    return Class(session, record, bilal)
