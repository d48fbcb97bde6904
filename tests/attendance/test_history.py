"""The history of a record: what was noted, what follows from it, and for whom it is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendanceRecord, LiveSession
from attendance.services.keeping import keep_events
from courses.models import Course
from tests.factories.classes import event, make_session
from tests.factories.people import person

pytestmark = pytest.mark.django_db
NINE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def session(course: Course) -> LiveSession:
    return make_session(course, starts_at=NINE)


def at(minutes: float) -> datetime:
    return NINE + minutes * MINUTE


def keep(session: LiveSession, user: CustomUser, *events: tuple[str, float, dict[str, Any]]) -> AttendanceRecord:
    """Note events in their order, each as (kind, minute, fields); returns the record."""
    rows = [
        event(session, user, kind, at(minute), **{"recorded_at": at(120 + number)} | fields)
        for number, (kind, minute, fields) in enumerate(events)
    ]
    return keep_events(session, rows)[user.pk]


def history(client: APIClient, record: AttendanceRecord, language: str = "en") -> Any:
    response = client.get(f"/api/attendance/records/{record.pk}/history/", headers={"Accept-Language": language})
    assert response.status_code == 200, response.content
    return response.json()


def told(client: APIClient, record: AttendanceRecord) -> list[str]:
    return history(client, record)["explanation"]


def test_every_event_is_told_in_order_and_nothing_of_the_device(
    ashas: APIClient, asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    record = keep(
        session, bilal,
        ("check_in", 3, {"client_time": at(3), "place": "inside", "device_hash": "d" * 64}),
        ("manual", 60, {"status": "excused", "note": "Ill", "actor": asha}),
    )  # fmt: skip
    found = history(ashas, record)

    assert found["record"] == {
        "id": record.pk, "session_id": session.pk, "session_title": session.title, "course_id": session.course_id,
        "starts_at": "2027-03-01T09:00:00Z", "user_id": bilal.pk, "full_name": "Bilal", "status": "excused",
        "reason": "by_hand", "minutes": 57, "checked_in_at": "2027-03-01T09:03:00Z", "checked_out_at": None,
        "flags": ["offline"], "note": "Ill", "version": 2,
    }  # fmt: skip
    first, second = found["events"]
    assert {name: first[name] for name in first if name != "id"} == {
        "kind": "check_in", "at": "2027-03-01T09:03:00Z", "until": None, "recorded_at": "2027-03-01T11:00:00Z",
        "client_time": "2027-03-01T09:03:00Z", "status": None, "refusal": None, "place": "inside", "provider": "",
        "note": "", "actor": None,
    }  # fmt: skip
    assert (second["status"], second["note"]) == ("excused", "Ill")
    assert second["actor"] == {"id": asha.pk, "name": "Asha"}
    assert "dddd" not in str(found)


def test_learner_sees_own_history_and_not_who_teaches(
    bilals: APIClient, asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    record = keep(session, bilal, ("manual", 60, {"status": "absent", "actor": asha}))
    found = history(bilals, record)

    assert found["events"][0]["actor"] == {"id": None, "name": "a teacher"}
    assert found["explanation"] == ["Set to “absent” by hand: a teacher, 10:00."]


def test_others_see_none(
    chitras: APIClient, admins: APIClient, anonymous: APIClient, client_for: Any, bilal: CustomUser, session: Any
) -> None:
    record = keep(session, bilal, ("check_in", 0, {}))
    teacher = client_for(person("teacher", role="instructor"))
    clients = [chitras, teacher, anonymous, admins]
    address = f"/api/attendance/records/{record.pk}/history/"
    assert [client.get(address).status_code for client in clients] == [404, 404, 401, 200]


def test_it_takes_three_statements(ashas: APIClient, asha: CustomUser, bilal: CustomUser, session: Any) -> None:
    record = keep(session, bilal, *[("manual", 60, {"status": "late", "actor": asha})] * 5)
    with CaptureQueriesContext(connection) as statements:
        history(ashas, record)
    assert len(statements) == 3


# --- the sentences ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "sentences"),
    [
        (
            [("check_in", 3, {})],
            [
                "Came at 09:03; whoever came by 09:10 was in time.",
                "Minutes there: 57.",
                "Nobody saw them leave: the time counts until the end.",
            ],
        ),
        (
            [("check_in", 14, {}), ("leave", 50, {})],
            ["Came at 09:14; whoever came after 09:10 was late.", "Minutes there: 36."],
        ),
        (
            [("check_in", 10 + 20 / 60, {}), ("leave", 50, {})],
            ["Came at 09:10:20; whoever came after 09:10:00 was late.", "Minutes there: 39."],
        ),
        (
            [("import", 0, {"until": at(5)})],
            ["Minutes there: 5; at least 30 are asked for."],
        ),
        (
            [("auto", -3000, {"status": "present"}), ("auto", 120, {"status": "absent"})],
            [
                "Completed the content of this class at Feb. 27, 2027, 07:00, which counts as being there.",
            ],
        ),
        ([("excuse", -30, {})], ["The absence was excused at 08:30."]),
        ([("auto", 120, {"status": "absent"})], ["Had not been seen when absences were noted at 11:00."]),
        (
            [("check_in", -10, {}), ("leave", -5, {})],
            ["Nothing decides yet.", "Left before the start at 09:00."],
        ),
        (
            [("check_in", 2, {"refusal": "too_far", "place": "outside"})],
            ["Nothing decides yet.", "A check-in at 09:02 did not count: it was made too far away."],
        ),
        (
            [("check_in", 5, {"client_time": at(5), "recorded_at": at(20)}), ("leave", 60, {})],
            [
                "Came at 09:05; whoever came by 09:10 was in time.",
                "Minutes there: 55.",
                "Checked in without a connection at 09:05; it arrived at 09:20.",
            ],
        ),
        (
            [("import", 20, {"until": at(60)}), ("manual", 70, {"status": "present"})],
            [
                "Set to “present” by hand: a teacher, 10:10.",
                "By itself it would be “late”.",
                "Came at 09:20; whoever came after 09:10 was late.",
                "Minutes there: 40.",
            ],
        ),
        (
            [("manual", 70, {"status": "present"}), ("manual", 75, {})],
            ["What was set by hand was taken back: a teacher, 10:15.", "Nothing decides yet."],
        ),
    ],
)
def test_it_says_which_rule_decided(
    bilals: APIClient, bilal: CustomUser, session: LiveSession, events: Any, sentences: list[str]
) -> None:
    session.minimum_minutes = 30
    session.save()
    assert told(bilals, keep(session, bilal, *events)) == sentences


def test_times_are_those_of_the_readers_clock(
    bilals: APIClient, ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    bilal.timezone = "Asia/Kolkata"
    bilal.save()
    record = keep(session, bilal, ("check_in", 3, {}))

    assert told(bilals, record)[0] == "Came at 14:33; whoever came by 14:40 was in time."
    assert told(ashas, record)[0] == "Came at 09:03; whoever came by 09:10 was in time."
