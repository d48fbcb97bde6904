"""Checking in: what counts, what a retry changes (nothing), what is kept, what it costs."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.codes import code_at, qr_text
from attendance.models import AttendanceEvent, AttendancePolicy, AttendanceRecord, LiveSession
from attendance.services import checking_in
from attendance.services.keeping import keep_events, refold_session
from courses.models import Course
from tests.attendance.at_the_door import (
    DELHI,
    IN_A_ROOM,
    MUMBAI,
    NEXT_DOOR,
    ago,
    check_in,
    kept,
    now,
    refusal,
    wrong_code,
)
from tests.core.pushes import Pushes
from tests.factories.classes import event, make_session
from tests.factories.courses import enroll

pytestmark = pytest.mark.django_db


def test_with_the_code_of_the_moment_bilal_is_there(bilals: APIClient, session: LiveSession) -> None:
    answer = check_in(bilals, session)

    assert answer.status_code == 200
    record = AttendanceRecord.objects.get()
    assert answer.json() == {
        "session_id": session.pk,
        "status": "present",
        "reason": "on_time",
        "checked_in_at": answer.json()["checked_in_at"],
    }
    assert answer.json()["checked_in_at"].endswith("Z")
    assert (record.status, record.version, record.flags) == ("present", 1, [])
    assert kept(session) == [("check_in", "")]


def test_the_text_of_the_qr_is_taken_too(bilals: APIClient, session: LiveSession) -> None:
    assert check_in(bilals, session, code=qr_text(session.pk, code_at(session.pk, now()))).status_code == 200


def test_after_the_threshold_they_are_late(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=15))

    assert check_in(bilals, session).json()["status"] == "late"


def test_the_record_is_the_one_that_folding_gives(bilals: APIClient, session: LiveSession) -> None:
    check_in(bilals, session)
    put = AttendanceRecord.objects.values().get()
    refold_session(session)

    assert AttendanceRecord.objects.values().get() == put


def test_sent_again_the_first_answer_comes_again(bilals: APIClient, session: LiveSession) -> None:
    first = check_in(bilals, session).json()
    again = [check_in(bilals, session, **claim) for claim in ({}, {"code": wrong_code(session)}, {"code": "x"})]

    assert [(answer.status_code, answer.json()) for answer in again] == [(200, first)] * 3
    assert kept(session) == [("check_in", "")]


def test_sent_again_after_the_window_too(bilals: APIClient, session: LiveSession) -> None:
    first = check_in(bilals, session).json()
    LiveSession.objects.update(check_in_opens=ago(hours=5), late_after=ago(hours=4), check_in_closes=ago(hours=4))

    assert check_in(bilals, session).json() == first


def test_what_somebody_marked_by_hand_stands(bilals: APIClient, session: LiveSession, bilal: CustomUser) -> None:
    keep_events(session, [event(session, bilal, "manual", now(), status="excused")])
    answer = check_in(bilals, session)

    assert answer.status_code == 200
    assert answer.json()["status"] == "excused"
    assert kept(session) == [("manual", ""), ("check_in", "")]
    assert AttendanceRecord.objects.get().version == 2
    assert check_in(bilals, session).json() == answer.json()


def test_whoever_watches_the_count_is_told(
    bilals: APIClient, session: LiveSession, pushes: Pushes, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        check_in(bilals, session)

        assert pushes.to(f"attendance.{session.pk}") == []  # nothing before the commit
    assert len(pushes.to(f"attendance.{session.pk}")) == 1


def test_an_own_device_is_kept_as_a_hash_that_differs_from_class_to_class(bilals: APIClient, course: Course) -> None:
    for _session in range(2):
        check_in(bilals, make_session(course), device_id="bilals phone")
    hashes = list(AttendanceEvent.objects.values_list("device_hash", flat=True))

    assert len(set(hashes)) == 2
    assert all(len(one) == 64 and "bilal" not in one for one in hashes)


# --- where --------------------------------------------------------------------------------------


def test_in_the_room_the_place_is_noted_and_not_where_it_is(bilals: APIClient, course: Course) -> None:
    session = make_session(course, **IN_A_ROOM)

    assert check_in(bilals, session, **NEXT_DOOR).status_code == 200
    row = AttendanceEvent.objects.values().get()
    assert row["place"] == "inside"
    assert not any(isinstance(value, float) for value in row.values())


def test_a_class_in_a_room_asks_for_the_place(bilals: APIClient, course: Course) -> None:
    answer = check_in(bilals, make_session(course, **IN_A_ROOM))

    assert refusal(answer) == (400, "required")
    assert answer.json()["errors"][0]["attr"] == "latitude"


@pytest.mark.parametrize(
    ("fields", "claim", "place"),
    [
        ({"mode": "in_person"}, {}, ""),
        ({"mode": "in_person"}, MUMBAI, ""),
        (IN_A_ROOM | {"mode": "online"}, MUMBAI, ""),
        (IN_A_ROOM | {"mode": "hybrid"}, {}, ""),
        (IN_A_ROOM | {"mode": "hybrid"}, MUMBAI, "outside"),
        (IN_A_ROOM | {"mode": "hybrid"}, DELHI, "inside"),
    ],
)
def test_a_place_is_judged_where_it_matters_and_demanded_nowhere_else(
    bilals: APIClient, course: Course, fields: dict[str, Any], claim: dict[str, Any], place: str
) -> None:
    assert check_in(bilals, make_session(course, **fields), **claim).status_code == 200
    assert AttendanceEvent.objects.get().place == place


@pytest.mark.parametrize(
    "claim",
    [
        {"latitude": 91, "longitude": 0}, {"latitude": 0, "longitude": -181}, {"latitude": "nan", "longitude": 0},
        {"latitude": 0, "longitude": "inf"}, {"latitude": 10**400, "longitude": 0}, {"latitude": 1}, {"longitude": 1},
        {"latitude": [], "longitude": {}}, {"client_time": "yesterday"}, {"client_time": "10000-01-01T00:00:00Z"},
        {"client_time": "0001-01-01T00:00:00+14:00"}, {"device_id": "x" * 201}, {"code": ""}, {"code": None},
        {"code": "1" * 65}, {"device_id": "\0"},
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(bilals: APIClient, session: LiveSession, claim: dict[str, Any]) -> None:
    assert check_in(bilals, session, **claim).status_code == 400
    assert kept(session) == []


# --- when ---------------------------------------------------------------------------------------


def test_before_the_window_it_is_not_open(bilals: APIClient, course: Course) -> None:
    assert refusal(check_in(bilals, make_session(course, starts_at=ago(minutes=-20)))) == (409, "check_in_not_open")


def test_after_the_window_it_is_closed(bilals: APIClient, course: Course) -> None:
    assert refusal(check_in(bilals, make_session(course, starts_at=ago(minutes=31)))) == (409, "check_in_closed")


@pytest.mark.parametrize("seconds", [-50, 0, 50])
def test_within_a_minute_the_servers_clock_counts(bilals: APIClient, session: LiveSession, seconds: int) -> None:
    before = now()
    answer = check_in(bilals, session, client_time=ago(seconds=seconds).isoformat())

    assert answer.status_code == 200
    noted = AttendanceEvent.objects.get()
    assert before <= noted.at <= now()
    assert AttendanceRecord.objects.get().flags == []


def offline(client: APIClient, session: LiveSession, **spans: float) -> Any:
    """Check in with what the phone noted so long ago, without a connection."""
    at = ago(**spans)
    return check_in(client, session, code=code_at(session.pk, at), client_time=at.isoformat())


def test_made_offline_it_counts_as_of_then_and_shows(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=25))
    answer = offline(bilals, session, minutes=20)

    assert answer.json()["status"] == "present"  # of now it would be late
    noted = AttendanceEvent.objects.get()
    assert noted.client_time == noted.at < noted.recorded_at
    assert AttendanceRecord.objects.get().flags == ["offline"]


def test_made_in_the_window_it_is_taken_after_it(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=40))

    assert offline(bilals, session, minutes=20).json()["status"] == "late"


def test_made_before_the_window_it_is_not(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=5))

    assert refusal(offline(bilals, session, minutes=25)) == (409, "check_in_not_open")


def test_later_than_the_policy_grants_it_is_too_late(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=35))

    assert refusal(offline(bilals, session, minutes=31)) == (409, "sent_too_late")
    AttendancePolicy.objects.create(course=course, offline_grace_minutes=40)
    assert offline(bilals, session, minutes=31).status_code == 200


def test_a_course_may_take_none(bilals: APIClient, session: LiveSession, course: Course) -> None:
    AttendancePolicy.objects.create(course=course, offline_grace_minutes=0)

    assert refusal(offline(bilals, session, minutes=2)) == (409, "sent_too_late")
    assert check_in(bilals, session, client_time=ago(seconds=20).isoformat()).status_code == 200


# --- a session that changes meanwhile -----------------------------------------------------------


def changes_once_looked_at(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    look = checking_in.learners_seat

    def look_and_be_late(*arguments: Any) -> Any:
        seat = look(*arguments)
        LiveSession.objects.update(**values)
        return seat

    monkeypatch.setattr(checking_in, "learners_seat", look_and_be_late)


@pytest.fixture(params=["their first", "beside what was noted"])
def either_way(request: pytest.FixtureRequest, session: LiveSession, bilal: CustomUser) -> None:
    if request.param == "beside what was noted":
        AttendanceRecord.objects.create(session=session, user=bilal)


@pytest.mark.usefixtures("either_way")
def test_the_times_are_those_that_the_session_has_when_it_is_written(
    bilals: APIClient, session: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes_once_looked_at(monkeypatch, late_after=ago(minutes=1))

    assert check_in(bilals, session).json()["status"] == "late"
    assert AttendanceRecord.objects.get().status == "late"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"state": "cancelled"}, "session_cancelled"),
        ({"check_in_opens": 9, "late_after": 9, "check_in_closes": 9}, "check_in_not_open"),
        ({"check_in_opens": -9, "late_after": -9, "check_in_closes": -9}, "check_in_closed"),
    ],
)
@pytest.mark.usefixtures("either_way")
def test_what_closed_the_door_meanwhile_refuses(
    bilals: APIClient, session: LiveSession, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], code: str
) -> None:
    moved = {name: ago(minutes=-by) if isinstance(by, int) else by for name, by in values.items()}
    changes_once_looked_at(monkeypatch, **moved)

    assert refusal(check_in(bilals, session)) == (409, code)
    assert kept(session) == []


def test_without_holding_the_session_the_register_goes_by_times_that_were(
    bilals: APIClient, session: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes_once_looked_at(monkeypatch, late_after=ago(minutes=1))
    monkeypatch.setattr(checking_in, "hold_session", lambda session: None)

    assert check_in(bilals, session).json()["status"] == "present"


# --- what it costs ------------------------------------------------------------------------------


def cost(call: Any, *arguments: Any, **claim: Any) -> int:
    """Return the statements until the COMMIT, with it; what is told afterwards is counted where it is told."""
    with CaptureQueriesContext(connection) as statements:
        answer = call(*arguments, **claim)
    assert answer.status_code == 200, answer.content
    asked = [statement["sql"] for statement in statements]
    return asked.index("COMMIT") + 1 if "COMMIT" in asked else len(asked)


@pytest.mark.django_db(transaction=True)
def test_statements(bilals: APIClient, course: Course, on_postgresql: bool) -> None:
    """The session of the caller; what is known of them here; and in one transaction the live session held, the record
    and the event.
    """
    session = make_session(course, **IN_A_ROOM)
    first = cost(check_in, bilals, session, **DELHI, device_id="bilals phone", client_time=now().isoformat())
    again = cost(check_in, bilals, session, **DELHI, device_id="bilals phone")
    later = make_session(course, starts_at=ago(minutes=20))
    later_on = cost(offline, bilals, later, minutes=15)

    if on_postgresql:
        assert (first, again, later_on) == (7, 2, 7)


@pytest.mark.django_db(transaction=True)
def test_statements_do_not_grow_with_the_class(bilals: APIClient, course: Course, chitra: CustomUser) -> None:
    taken = []
    for _round in range(2):
        session = make_session(course)
        if _round:
            enroll(chitra, course)
            keep_events(session, [event(session, chitra, "check_in", now(), device_hash="another")])
        taken.append(cost(check_in, bilals, session, device_id="bilals phone"))
    assert taken[0] == taken[1]
