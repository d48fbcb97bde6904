"""A course's register in one table: it agrees with the records, and is quick."""

import csv
import io
import time
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendanceRecord, LiveSession
from attendance.selectors.percentages import percentages_of
from attendance.services.keeping import keep_events
from courses.models import Course, Enrollment
from tests.attendance.registers import hold_classes
from tests.factories.classes import event, make_session
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db
WEIGHTS = {"present": 100, "late": 50, "absent": 0}


def summary(course: Course, **query: str) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/api/attendance/courses/{course.pk}/summary/?{asked}"


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def mark(course: Course, user: CustomUser, status: str, *, days: int, **fields: Any) -> LiveSession:
    session = make_session(course, starts_at=days_ago(days), **fields)
    keep_events(session, [event(session, user, "manual", session.starts_at, status=status)])
    return session


def by_hand(course: Course) -> dict[int, tuple[int, Decimal | None]]:
    """Count every record of the course, one after the other."""
    marks: dict[int, list[int]] = {}
    for record in AttendanceRecord.objects.filter(session__course=course).select_related("session"):
        theirs = marks.setdefault(record.user_id, [])
        if record.session.is_standing and record.session.starts_at <= timezone.now() and record.status in WEIGHTS:
            theirs.append(WEIGHTS[record.status])
    return {
        user_id: (len(theirs), (Decimal(sum(theirs)) / len(theirs)).quantize(Decimal("0.1"), ROUND_HALF_UP))
        if theirs
        else (0, None)
        for user_id, theirs in marks.items()
    }


def test_asha_sees_her_class(course: Course, bilal: CustomUser, ashas: APIClient) -> None:
    first = mark(course, bilal, "present", days=5)
    keep_events(first, [event(first, bilal, "check_in", first.starts_at)])
    mark(course, bilal, "late", days=4)
    mark(course, bilal, "excused", days=3)
    make_session(course, starts_at=days_ago(2))  # nothing is said of anybody
    mark(course, bilal, "absent", days=1, state="cancelled")

    assert ashas.get(summary(course)).json() == {
        "course_id": course.pk,
        "sessions": {"held": 4, "counted": 2},
        "average_percent": 75.0,
        "learners": [
            {"user_id": bilal.pk, "full_name": "Bilal", "username": "bilal", "present": 1, "late": 1, "absent": 0,
             "excused": 1, "counted": 2, "minutes": 60, "percent": 75.0},
        ],
    }  # fmt: skip


def test_who_was_never_there_is_listed_without_a_percentage(
    course: Course, bilal: CustomUser, ashas: APIClient
) -> None:
    make_session(course, starts_at=days_ago(1))

    answer = ashas.get(summary(course)).json()

    assert answer["average_percent"] is None
    assert [(row["user_id"], row["counted"], row["percent"]) for row in answer["learners"]] == [(bilal.pk, 0, None)]


def test_who_left_stays_in_the_register(course: Course, bilal: CustomUser, ashas: APIClient) -> None:
    mark(course, bilal, "present", days=1)
    Enrollment.objects.update(is_active=False)

    assert [row["percent"] for row in ashas.get(summary(course)).json()["learners"]] == [100.0]


def test_it_agrees_with_the_records_and_with_the_percentages_that_warnings_go_by(
    course: Course, asha: CustomUser, ashas: APIClient
) -> None:
    hold_classes(course, sessions=12, learners=15)
    hold_classes(make_course(asha), sessions=3, learners=2, seed=2)
    LiveSession.objects.filter(pk=LiveSession.objects.filter(course=course)[3].pk).update(state="cancelled")

    rows = ashas.get(summary(course)).json()["learners"]
    shown = {row["user_id"]: (row["counted"], row["percent"]) for row in rows if row["user_id"] in by_hand(course)}

    assert shown == {user_id: (n, p if p is None else float(p)) for user_id, (n, p) in by_hand(course).items()}
    told = {user_id: (each.counted_sessions, each.percent) for user_id, each in percentages_of(course.pk).items()}
    assert told == {user_id: found for user_id, found in by_hand(course).items() if user_id in told}
    assert {user_id for user_id, (counted, _percent) in by_hand(course).items() if counted} <= set(told)


def test_the_mean_is_that_of_the_percentages_shown(course: Course, ashas: APIClient) -> None:
    hold_classes(course, sessions=7, learners=9)

    answer = ashas.get(summary(course)).json()
    percents = [Decimal(str(row["percent"])) for row in answer["learners"] if row["percent"] is not None]

    mean = (sum(percents, Decimal(0)) / len(percents)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert answer["average_percent"] == float(mean)


def test_the_file_says_what_the_answer_says(course: Course, ashas: APIClient) -> None:
    hold_classes(course, sessions=5, learners=6)

    file = ashas.get(summary(course, format="csv"))
    learners = ashas.get(summary(course)).json()["learners"]

    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"] == f'attachment; filename="attendance-course-{course.pk}.csv"'
    read = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert read == [{name: "" if value is None else str(value) for name, value in row.items()} for row in learners]


def test_from_and_to_choose_sessions_by_their_start(course: Course, bilal: CustomUser, ashas: APIClient) -> None:
    early = mark(course, bilal, "absent", days=9)
    late = mark(course, bilal, "present", days=2)

    def percent(**query: Any) -> Any:
        asked = {name.strip("_"): moment.isoformat().replace("+00:00", "Z") for name, moment in query.items()}
        answer = ashas.get(summary(course, **asked)).json()
        return answer["sessions"]["held"], answer["average_percent"]

    assert percent() == (2, 50.0)
    assert percent(from_=late.starts_at) == (1, 100.0)
    assert percent(to=late.starts_at) == (1, 0.0)
    assert percent(from_=early.starts_at, to=late.starts_at) == (1, 0.0)


def test_bilal_sees_himself_alone(course: Course, bilal: CustomUser, bilals: APIClient) -> None:
    others = hold_classes(course, sessions=4, learners=3)
    mark(course, bilal, "late", days=1)

    answer = bilals.get(summary(course)).json()

    assert [row["user_id"] for row in answer["learners"]] == [bilal.pk]
    assert (answer["average_percent"], answer["sessions"]) == (50.0, {"held": 5, "counted": 1})
    assert others[1].full_name not in bilals.get(summary(course, format="csv")).content.decode()


def test_who_sees_no_summary(
    course: Course, asha: CustomUser, bilal: CustomUser, chitras: APIClient, anonymous: APIClient, bilals: APIClient,
    admins: APIClient,
) -> None:  # fmt: skip
    assert admins.get(summary(course)).status_code == 200
    assert anonymous.get(summary(course)).status_code == 401
    for query in ({}, {"format": "csv"}):
        assert chitras.get(summary(course, **query)).status_code == 404
        assert bilals.get(summary(make_course(asha), **query)).status_code == 404
    Enrollment.objects.update(is_active=False)
    assert bilals.get(summary(course)).status_code == 404


@pytest.mark.parametrize("query", [{"format": "xml"}, {"from": "yesterday"}, {"to": "0001-01-01T00:00:00+14:00"}])
def test_a_query_that_can_not_be_answered(course: Course, ashas: APIClient, query: dict[str, str]) -> None:
    answer = ashas.get(summary(course, **query))
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, next(iter(query)))


@pytest.mark.parametrize("size", [1, 3])
def test_statements(course: Course, ashas: APIClient, bilals: APIClient, size: int) -> None:
    hold_classes(course, sessions=size, learners=size)

    def cost(client: APIClient, **query: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            assert client.get(summary(course, **query)).status_code == 200
        return len(statements)

    # Who asks; the course; its policy; its learners (a learner knows their own name); the register; the sessions.
    assert [cost(ashas), cost(ashas, format="csv"), cost(bilals)] == [6, 6, 5]


def test_three_hundred_learners_in_forty_sessions_take_less_than_300_ms(
    course: Course, ashas: APIClient, on_postgresql: bool
) -> None:
    hold_classes(course, sessions=40, learners=300)
    taken = []
    for _time in range(5):
        began = time.perf_counter()
        assert len(ashas.get(summary(course)).json()["learners"]) == 301
        taken.append(time.perf_counter() - began)

    if on_postgresql:
        assert min(taken) < 0.3
