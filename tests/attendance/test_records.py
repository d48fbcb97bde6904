"""The register as a table: whose rows one sees, which are asked for, and the same as a file."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendanceRecord, LiveSession
from attendance.selectors import records
from attendance.services.keeping import keep_events
from courses.models import Course, Enrollment
from tests.attendance.registers import hold_classes
from tests.conftest import ClientFor
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db
RECORDS = "/api/attendance/records/"


def hold(course: Course, user: CustomUser, *, days: int = 1, status: str = "present", **fields: Any) -> int:
    """Hold a session so many days ago, the learner marked by hand; return the record's id."""
    session = make_session(course, starts_at=timezone.now() - timedelta(days=days), **fields)
    [record] = keep_events(session, [event(session, user, "manual", session.starts_at, status=status)]).values()
    return record.pk


def ids(client: APIClient, query: str = "") -> list[int]:
    answer = client.get(f"{RECORDS}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_what_a_row_says(session: LiveSession, course: Course, bilal: CustomUser, ashas: APIClient) -> None:
    came, left = session.starts_at + timedelta(minutes=11), session.starts_at + timedelta(minutes=41)
    [record] = keep_events(
        session,
        [
            event(session, bilal, "check_in", came, refusal="second_device", device_hash="b"),
            event(session, bilal, "check_in", came, device_hash="a"),
            event(session, bilal, "leave", left),
        ],
    ).values()

    answer = ashas.get(RECORDS).json()

    assert (answer["count"], answer["next"]) == (1, None)
    assert answer["results"] == [
        {
            "id": record.pk,
            "session_id": session.pk,
            "session_title": "Spelling together",
            "course_id": course.pk,
            "starts_at": shown(session.starts_at),
            "user_id": bilal.pk,
            "full_name": "Bilal",
            "status": "late",
            "reason": "came_late",
            "minutes": 30,
            "checked_in_at": shown(came),
            "checked_out_at": shown(left),
            "flags": ["second_device"],
            "note": "",
            "version": 3,
        }
    ]


def shown(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))


def test_where_nothing_decides_the_status_is_null(session: LiveSession, bilal: CustomUser, bilals: APIClient) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at, refusal="too_far")])

    assert [(row["status"], row["flags"]) for row in bilals.get(RECORDS).json()["results"]] == [(None, ["too_far"])]


def test_everybody_sees_their_own_and_who_teaches_their_class(
    course: Course, bilal: CustomUser, ashas: APIClient, bilals: APIClient, chitras: APIClient, admins: APIClient,
    anonymous: APIClient, client_for: ClientFor,
) -> None:  # fmt: skip
    mine = hold(course, bilal)
    [other] = make_class(course, 1)
    theirs = hold(course, other)
    teacher = person("teacher", role="instructor")
    elsewhere = hold(make_course(teacher), bilal)

    assert set(ids(bilals)) == {mine, elsewhere}
    assert set(ids(ashas)) == {mine, theirs}
    assert set(ids(client_for(teacher))) == {elsewhere}
    assert set(ids(admins)) == {mine, theirs, elsewhere}
    assert ids(chitras) == []
    assert anonymous.get(RECORDS).status_code == 401
    for client, status in ((bilals, 200), (ashas, 200), (admins, 200), (chitras, 404), (client_for(other), 404)):
        assert client.get(f"{RECORDS}{mine}/").status_code == status
    assert bilals.get(f"{RECORDS}{mine}/").json() == next(
        row for row in ashas.get(RECORDS).json()["results"] if row["id"] == mine
    )


def test_who_teaches_and_learns_sees_both(
    course: Course, asha: CustomUser, bilal: CustomUser, ashas: APIClient
) -> None:
    taught = hold(course, bilal, days=2)
    learnt = hold(make_course(person("teacher", role="instructor")), asha, days=1)

    assert ids(ashas) == [learnt, taught]


def test_ones_own_stay_after_the_enrolment_has_ended(course: Course, bilal: CustomUser, bilals: APIClient) -> None:
    mine = hold(course, bilal)
    Enrollment.objects.update(is_active=False)

    assert ids(bilals) == [mine]


def test_a_class_that_was_cancelled_is_left_out_of_lists(
    course: Course, bilal: CustomUser, ashas: APIClient, bilals: APIClient, chitras: APIClient
) -> None:
    cancelled = hold(course, bilal, state="cancelled")

    for client, status in ((bilals, 200), (ashas, 200), (chitras, 404)):
        assert ids(client) == []
        for address in (f"{RECORDS}{cancelled}/", f"{RECORDS}{cancelled}/history/"):
            assert client.get(address).status_code == status


def test_what_can_be_asked_for(course: Course, asha: CustomUser, bilal: CustomUser, ashas: APIClient) -> None:
    [other] = make_class(course, 1)
    second = make_course(asha)
    old, late, theirs, elsewhere = (
        hold(course, bilal, days=9),
        hold(course, bilal, days=3, status="late"),
        hold(course, other, days=2),
        hold(second, bilal, days=1),
    )
    start = AttendanceRecord.objects.select_related("session").get(pk=late).session.starts_at

    assert ids(ashas) == ids(ashas, "course=&user=&status=&from=") == [elsewhere, theirs, late, old]
    assert ids(ashas, f"course={second.pk}") == [elsewhere]
    assert ids(ashas, f"user={other.pk}") == [theirs]
    assert ids(ashas, "status=late") == [late]
    assert ids(ashas, f"session={AttendanceRecord.objects.get(pk=old).session_id}") == [old]
    assert ids(ashas, f"from={shown(start)}") == [elsewhere, theirs, late]
    assert ids(ashas, f"to={shown(start)}") == [old]
    assert ids(ashas, f"course={course.pk}&user={bilal.pk}&status=present") == [old]


def test_a_question_about_others_finds_nothing(
    course: Course, bilal: CustomUser, bilals: APIClient, chitras: APIClient
) -> None:
    [other] = make_class(course, 1)
    theirs = hold(course, other)
    session_id = AttendanceRecord.objects.get(pk=theirs).session_id

    for query in (f"user={other.pk}", f"course={course.pk}", f"session={session_id}"):
        assert ids(bilals, query) == ids(chitras, query) == []
        assert other.full_name not in bilals.get(f"{RECORDS}?{query}&format=csv").content.decode()


@pytest.mark.parametrize(
    "query", ["course=0", "user=x", "session=99999999999999999999", "status=gone", "from=never", "format=pdf"]
)
def test_a_question_that_can_not_be_answered(ashas: APIClient, query: str) -> None:
    answer = ashas.get(f"{RECORDS}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, query.partition("=")[0])


def test_the_file_has_all_rows_and_no_formula(course: Course, bilal: CustomUser, ashas: APIClient) -> None:
    hold_classes(course, sessions=5, learners=6)
    bilal.full_name = '=HYPERLINK("http://evil.example","Bilal")'
    bilal.save(update_fields=["full_name"])
    session = make_session(course, title="-1 से शुरू")
    refused = event(session, bilal, "check_in", session.starts_at, refusal="too_far")
    keep_events(session, [refused, event(session, bilal, "manual", session.starts_at, status="absent", note="@home")])

    answer = ashas.get(f"{RECORDS}?format=csv&page_size=2")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="attendance-records.csv"'
    assert len(rows) == 31
    assert list(rows[0]) == list(records.COLUMNS)
    [his] = [row for row in rows if row["user_id"] == str(bilal.pk)]
    assert his["full_name"] == f"'{bilal.full_name}"
    assert (his["session_title"], his["note"], his["flags"]) == ("'-1 से शुरू", "'@home", "too_far")
    assert (his["status"], his["minutes"], his["checked_in_at"]) == ("absent", "0", "")
    assert his["starts_at"] == shown(session.starts_at)


def test_the_file_and_the_pages_agree(course: Course, ashas: APIClient) -> None:
    hold_classes(course, sessions=4, learners=5)

    paged = ashas.get(f"{RECORDS}?page_size=100").json()["results"]
    rows = csv.DictReader(io.StringIO(ashas.get(f"{RECORDS}?format=csv").content.decode("utf-8-sig")))

    assert list(rows) == [
        {
            name: "" if value is None else " ".join(value) if name == "flags" else str(value)
            for name, value in row.items()
        }
        for row in paged
    ]


def test_a_file_holds_so_many_rows_or_none(course: Course, ashas: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hold_classes(course, sessions=2, learners=3)
    monkeypatch.setattr(records, "MOST_ROWS_IN_A_SHEET", 6)
    assert ashas.get(f"{RECORDS}?format=csv").content.count(b"\r\n") == 7

    monkeypatch.setattr(records, "MOST_ROWS_IN_A_SHEET", 5)
    answer = ashas.get(f"{RECORDS}?format=csv")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_many_rows")
    assert ashas.get(f"{RECORDS}?format=csv&status=present").status_code == 200


def test_pages(course: Course, ashas: APIClient) -> None:
    hold_classes(course, sessions=3, learners=3)

    first, last = (ashas.get(f"{RECORDS}?page_size=5&page={page}").json() for page in (1, 2))

    assert first["count"] == 9
    assert [len(page["results"]) for page in (first, last)] == [5, 4]
    assert len({row["id"] for row in first["results"] + last["results"]}) == 9
    assert ashas.get(f"{RECORDS}?page_size=5&page=3").status_code == 404


@pytest.mark.parametrize("size", [1, 3])
def test_statements(course: Course, bilal: CustomUser, ashas: APIClient, bilals: APIClient, size: int) -> None:
    hold_classes(course, sessions=size, learners=size)
    mine = [hold(course, bilal) for _time in range(size)]

    def cost(client: APIClient, address: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    # Who asks; how many rows; the rows.
    assert [cost(client, RECORDS) for client in (ashas, bilals)] == [3, 3]
    assert [cost(ashas, f"{RECORDS}?format=csv"), cost(bilals, f"{RECORDS}{mine[0]}/")] == [2, 2]
