"""What a learner's phone does at the door of a class."""

from datetime import UTC, datetime, timedelta
from typing import Any

from rest_framework.test import APIClient

from attendance.codes import code_at
from attendance.models import AttendanceEvent, LiveSession

DELHI = {"latitude": 28.6139, "longitude": 77.2090}
NEXT_DOOR = {"latitude": 28.6142, "longitude": 77.2092}  # some forty metres on
MUMBAI = {"latitude": 19.0760, "longitude": 72.8777}
IN_A_ROOM: dict[str, Any] = {"mode": "in_person", "radius_m": 100, **DELHI}


def now() -> datetime:
    return datetime.now(UTC)


def ago(**spans: float) -> datetime:
    return now() - timedelta(**spans)


def of(session: LiveSession, verb: str) -> str:
    return f"/api/attendance/sessions/{session.pk}/{verb}/"


def check_in(client: APIClient, session: LiveSession, **claim: Any) -> Any:
    """Check in with the code of this moment, unless ``claim`` has another."""
    return client.post(of(session, "check-in"), {"code": code_at(session.pk, now())} | claim, format="json")


def wrong_code(session: LiveSession) -> str:
    """Return a code that the session has not had and won't have within half an hour."""
    near = {code_at(session.pk, now() + timedelta(seconds=30 * by)) for by in range(-70, 70)}
    return next(code for code in ("000000", "111111", "222222", *map(str, range(333333, 333400))) if code not in near)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def kept(session: LiveSession) -> list[tuple[str, str]]:
    """Return what is noted of the session: kind and refusal, in order."""
    return list(AttendanceEvent.objects.filter(session=session).order_by("id").values_list("kind", "refusal"))
