"""Marking by hand: many at once, all or none, and never over what somebody else did meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.keeping import keep_events
from courses.models import Course
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import enroll
from tests.factories.people import person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def second(course: Course) -> CustomUser:
    learner = person("learner1")
    enroll(learner, course, enrollment_date=timezone.now() - DAY)
    return learner


def put(client: APIClient, session: LiveSession, *records: dict[str, Any]) -> Any:
    return client.put(f"/api/attendance/sessions/{session.pk}/roll/", {"records": records}, format="json")


def error_of(response: Any) -> tuple[int, str, str | None]:
    [error] = response.json()["errors"]
    return response.status_code, error["code"], error["attr"]


def mark_of(user: CustomUser, status: str | None, **fields: Any) -> dict[str, Any]:
    return {"user_id": user.pk, "status": status} | fields


def statuses(response: Any) -> list[tuple[str, str | None, int]]:
    assert response.status_code == 200, response.content
    return [(row["username"], row["status"], row["version"]) for row in response.json()["records"]]


def test_many_are_marked_and_the_roll_comes_back(
    ashas: APIClient, asha: CustomUser, bilal: CustomUser, second: CustomUser, session: LiveSession
) -> None:
    response = put(ashas, session, mark_of(bilal, "present", note="On the phone"), mark_of(second, "absent"))

    assert statuses(response) == [("bilal", "present", 1), ("learner1", "absent", 1)]
    noted = AttendanceEvent.objects.values_list("user_id", "kind", "status", "note", "actor_id")
    assert list(noted) == [
        (bilal.pk, "manual", "present", "On the phone", asha.pk),
        (second.pk, "manual", "absent", "", asha.pk),
    ]


def test_mark_stands_above_what_was_seen_until_it_is_taken_back(
    ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])

    assert statuses(put(ashas, session, mark_of(bilal, "excused"))) == [("bilal", "excused", 2)]
    keep_events(session, [event(session, bilal, "leave", session.ends_at)])
    assert statuses(put(ashas, session, mark_of(bilal, None))) == [("bilal", "present", 4)]


def test_the_same_again_is_no_event(ashas: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    for _time in range(2):
        assert statuses(put(ashas, session, mark_of(bilal, "late", note="Bus"))) == [("bilal", "late", 1)]
    assert statuses(put(ashas, session, mark_of(bilal, "late"))) == [("bilal", "late", 1)]
    assert AttendanceEvent.objects.count() == 1


def test_nothing_to_take_back_leaves_no_row(ashas: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    assert statuses(put(ashas, session, mark_of(bilal, None))) == [("bilal", None, 0)]
    assert not AttendanceRecord.objects.exists()


def test_another_note_alone_is_noted(ashas: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    put(ashas, session, mark_of(bilal, "late", note="Bus"))
    put(ashas, session, mark_of(bilal, "late", note=""))
    put(ashas, session, mark_of(bilal, None, note="Asked at the door"))

    assert AttendanceRecord.objects.values_list("status", "note", "version").get() == ("", "Asked at the door", 3)


def test_what_is_not_sent_stays(ashas: APIClient, bilal: CustomUser, second: CustomUser, session: LiveSession) -> None:
    put(ashas, session, mark_of(bilal, "present"))
    assert statuses(put(ashas, session, mark_of(second, "late")))[0] == ("bilal", "present", 1)


# --- versions -----------------------------------------------------------------------------------


def test_mark_decided_by_an_older_record_is_refused_with_all_others(
    ashas: APIClient, bilal: CustomUser, second: CustomUser, session: LiveSession
) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])

    response = put(ashas, session, mark_of(second, "present", version=0), mark_of(bilal, "absent", version=0))

    assert error_of(response) == (409, "stale_version", None)
    assert response.json()["records"] == [{"user_id": bilal.pk, "version": 1, "status": "present"}]
    assert not AttendanceEvent.objects.filter(kind="manual").exists()
    assert not AttendanceRecord.objects.filter(user=second).exists()


def test_mark_that_says_what_is_set_is_refused_too_where_it_is_stale(
    ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    put(ashas, session, mark_of(bilal, "late"))
    assert error_of(put(ashas, session, mark_of(bilal, "late", version=0)))[1] == "stale_version"


def test_mark_with_the_version_that_is_now_counts(ashas: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    assert statuses(put(ashas, session, mark_of(bilal, "late", version=0))) == [("bilal", "late", 1)]
    assert statuses(put(ashas, session, mark_of(bilal, "absent", version=1))) == [("bilal", "absent", 2)]


def test_refused_check_in_makes_a_version_stale_too(ashas: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at, refusal="too_far")])
    response = put(ashas, session, mark_of(bilal, "present", version=0))
    assert response.json()["records"] == [{"user_id": bilal.pk, "version": 1, "status": None}]


def test_later_mark_wins_also_over_one_of_a_server_whose_clock_is_ahead(
    ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    ahead = timezone.now() + timedelta(minutes=5)
    keep_events(session, [event(session, bilal, "manual", ahead, status="absent", recorded_at=ahead)])

    assert statuses(put(ashas, session, mark_of(bilal, "present", version=1))) == [("bilal", "present", 2)]


# --- refusals -----------------------------------------------------------------------------------


def test_stranger_to_the_class_is_refused_with_all_others(
    ashas: APIClient, bilal: CustomUser, chitra: CustomUser, session: LiveSession
) -> None:
    response = put(ashas, session, mark_of(bilal, "present"), mark_of(chitra, "present"))

    assert error_of(response) == (400, "unknown_learner", "records.1.user_id")
    assert not AttendanceEvent.objects.exists()


def test_whoever_has_a_record_can_be_marked(ashas: APIClient, chitra: CustomUser, session: LiveSession) -> None:
    keep_events(session, [event(session, chitra, "import", session.starts_at, until=session.ends_at)])
    assert statuses(put(ashas, session, mark_of(chitra, "absent")))[1] == ("chitra", "absent", 2)


def test_same_learner_twice_is_refused(ashas: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    response = put(ashas, session, mark_of(bilal, "present"), mark_of(bilal, "present"))
    assert error_of(response) == (400, "marked_twice", "records.1.user_id")


def test_cancelled_session_takes_no_marks(ashas: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    session.state = "cancelled"
    session.save()
    assert error_of(put(ashas, session, mark_of(bilal, "present"))) == (409, "session_cancelled", None)


def test_before_check_in_opens_a_learner_can_only_be_excused(
    ashas: APIClient, course: Course, bilal: CustomUser
) -> None:
    tomorrow = make_session(course, starts_at=timezone.now() + DAY)

    for status in ("present", "late", "absent"):
        assert error_of(put(ashas, tomorrow, mark_of(bilal, status))) == (409, "not_begun", "records.0.status")
    assert statuses(put(ashas, tomorrow, mark_of(bilal, "excused"))) == [("bilal", "excused", 1)]
    assert statuses(put(ashas, tomorrow, mark_of(bilal, None))) == [("bilal", None, 2)]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"user_id": 1},
        {"user_id": "Bilal", "status": "present"},
        {"user_id": 10**30, "status": "present"},
        {"user_id": 1, "status": ""},
        {"user_id": 1, "status": "asleep"},
        {"user_id": 1, "status": "late", "note": "x" * 501},
        {"user_id": 1, "status": "late", "note": None},
        {"user_id": 1, "status": "late", "version": -1},
        {"user_id": 1, "status": "late", "version": 2**31},
        "present",
        None,
    ],
)
def test_malformed_row_is_refused(ashas: APIClient, session: LiveSession, row: Any) -> None:
    assert put(ashas, session, row).status_code == 400


@pytest.mark.parametrize("body", [{}, [], {"records": None}, {"records": {}}, {"records": [{}] * 1001}])
def test_malformed_body_is_refused(ashas: APIClient, session: LiveSession, body: Any) -> None:
    response = ashas.put(f"/api/attendance/sessions/{session.pk}/roll/", body, format="json")
    assert response.status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [1, 300])
def test_marking_takes_as_many_statements_for_300_as_for_one(
    ashas: APIClient, course: Course, session: LiveSession, size: int, on_postgresql: bool
) -> None:
    learners = make_class(course, size)
    keep_events(session, [event(session, learner, "check_in", session.starts_at) for learner in learners[::2]])

    with CaptureQueriesContext(connection) as statements:
        response = put(ashas, session, *[mark_of(learner, "excused") for learner in learners])

    assert response.json()["counts"]["excused"] == size
    if on_postgresql:  # SQLite takes as many rows at once as it has room for values
        # The caller's session, the live session, the roll (3); a transaction in which the session is held, the
        # records (2), the latest mark, the events, all events of these learners, the records; the roll.
        assert len(statements) == 2 + 3 + 9 + 3
