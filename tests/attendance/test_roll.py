"""The roll: who is in it, what it says, and who may see it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendanceRecord, Excuse, LiveSession
from attendance.selectors.counts import count_of
from attendance.services.keeping import keep_events
from courses.api import end_access, grant_access
from courses.models import Course
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import enroll
from tests.factories.people import person

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def address(session: LiveSession) -> str:
    return f"/api/attendance/sessions/{session.pk}/roll/"


def roll(client: APIClient, session: LiveSession) -> dict[str, Any]:
    response = client.get(address(session))
    assert response.status_code == 200, response.content
    return response.json()


def names(client: APIClient, session: LiveSession) -> list[str]:
    return [row["username"] for row in roll(client, session)["records"]]


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def test_whole_class_is_in_it_marked_or_not(
    ashas: APIClient, course: Course, session: LiveSession, bilal: CustomUser
) -> None:
    learner = person("learner1")
    enroll(learner, course, enrollment_date=timezone.now() - DAY)
    came_at, left_at = session.starts_at + 12 * MINUTE, session.starts_at + 40 * MINUTE
    events = [event(session, bilal, "check_in", came_at), event(session, bilal, "leave", left_at)]
    [record] = keep_events(session, events).values()
    Excuse.objects.create(session=session, user=learner, reason="The dentist")

    assert roll(ashas, session) == {
        "session_id": session.pk,
        "status": "scheduled",
        "counts": {"present": 0, "late": 1, "absent": 0, "excused": 0, "total": 2},
        "records": [
            {
                "user_id": bilal.pk, "username": "bilal", "full_name": "Bilal", "record_id": record.pk,
                "status": "late", "reason": "came_late", "version": 2, "minutes": 28, "checked_in_at": iso(came_at),
                "checked_out_at": iso(left_at), "flags": [], "note": "", "excuse": None,
            },
            {
                "user_id": learner.pk, "username": "learner1", "full_name": "Learner1", "record_id": None,
                "status": None, "reason": "", "version": 0, "minutes": 0, "checked_in_at": None,
                "checked_out_at": None, "flags": [], "note": "",
                "excuse": {"state": "requested", "reason": "The dentist"},
            },
        ],
    }  # fmt: skip


def test_refused_check_in_decides_nothing_and_is_shown(
    ashas: APIClient, session: LiveSession, bilal: CustomUser
) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at, refusal="too_far")])

    [row] = roll(ashas, session)["records"]
    assert (row["status"], row["version"], row["flags"], row["checked_in_at"]) == (None, 1, ["too_far"], None)


def test_it_is_ordered_by_name(ashas: APIClient, course: Course, session: LiveSession) -> None:
    for number, full_name in enumerate(["zoya", "Yusuf", "", "Åsa"]):
        enroll(person(f"learner{number}", full_name=full_name), course, enrollment_date=timezone.now() - DAY)

    assert names(ashas, session) == ["learner2", "bilal", "learner1", "learner0", "learner3"]


def test_roll_of_a_cancelled_session_can_be_read(ashas: APIClient, session: LiveSession) -> None:
    session.state = "cancelled"
    session.save()
    assert roll(ashas, session)["status"] == "cancelled"


# --- who was in the class -----------------------------------------------------------------------


def a_month_ago(course: Course) -> LiveSession:
    return make_session(course, starts_at=timezone.now() - 30 * DAY)


def test_whose_access_has_run_out_since_was_in_the_class(ashas: APIClient, course: Course) -> None:
    now = timezone.now()
    enroll(person("learner1"), course, enrollment_date=now - 60 * DAY, expiry_date=now - 10 * DAY)
    enroll(person("learner2"), course, enrollment_date=now - 60 * DAY, expiry_date=now - 40 * DAY)

    assert names(ashas, a_month_ago(course)) == ["bilal", "learner1"]


def test_who_enrolled_after_the_class_was_not_in_it(ashas: APIClient, course: Course) -> None:
    enroll(person("learner1"), course, enrollment_date=timezone.now() - DAY)
    assert names(ashas, a_month_ago(course)) == ["bilal"]


def granted(user: CustomUser, course: Course, reference: str, at: datetime, **fields: Any) -> None:
    grant_access(user_id=user.pk, course_id=course.pk, source="manual", reference=reference, reason="", at=at, **fields)


def test_whose_access_was_taken_back_since_was_in_the_class(
    ashas: APIClient, course: Course, session: LiveSession
) -> None:
    learner, now = person("learner1"), timezone.now()
    granted(learner, course, "first", now - 60 * DAY)
    end_access(source="manual", reference="first", reason="moved away", at=now - 10 * DAY)

    assert names(ashas, a_month_ago(course)) == ["bilal", "learner1"]
    assert names(ashas, session) == ["bilal"]


def test_who_enrolled_anew_was_in_the_classes_of_the_first_time_and_not_in_those_between(
    ashas: APIClient, course: Course, session: LiveSession
) -> None:
    learner, now = person("learner1"), timezone.now()
    granted(learner, course, "first", now - 90 * DAY, ends_at=now - 60 * DAY)
    granted(learner, course, "second", now - 10 * DAY)

    assert names(ashas, make_session(course, starts_at=now - 70 * DAY)) == ["bilal", "learner1"]
    assert names(ashas, a_month_ago(course)) == ["bilal"]
    assert names(ashas, session) == ["bilal", "learner1"]


def test_two_reasons_to_be_enrolled_make_one_row(ashas: APIClient, course: Course, bilal: CustomUser) -> None:
    granted(bilal, course, "again", timezone.now() - 50 * DAY)
    assert roll(ashas, a_month_ago(course))["counts"]["total"] == 1


def test_who_has_a_record_stays_in_it(ashas: APIClient, session: LiveSession, chitra: CustomUser) -> None:
    keep_events(session, [event(session, chitra, "import", session.starts_at, until=session.ends_at)])

    assert names(ashas, session) == ["bilal", "chitra"]
    assert roll(ashas, session)["counts"] == {"present": 1, "late": 0, "absent": 0, "excused": 0, "total": 2}
    assert count_of(session).total == 2  # the live count says the same


# --- who sees it --------------------------------------------------------------------------------


def test_owners_alone_see_it(
    ashas: APIClient, bilals: APIClient, chitras: APIClient, admins: APIClient, anonymous: APIClient, session: Any
) -> None:
    clients = [ashas, admins, bilals, chitras, anonymous]
    for ask in ("get", "put"):
        answers = [getattr(client, ask)(address(session), {"records": []}, format="json") for client in clients]
        assert [answer.status_code for answer in answers] == [200, 200, 403, 404, 401]
        assert answers[2].json()["errors"][0]["code"] == "owners_only"


def test_another_teacher_sees_nothing(client_for: Any, session: LiveSession) -> None:
    teacher = client_for(person("teacher", role="instructor"))
    assert teacher.get(address(session)).status_code == 404
    assert teacher.put(address(session), {"records": []}, format="json").status_code == 404


@pytest.mark.parametrize("size", [1, 300])
def test_it_takes_five_statements_whatever_the_class(
    ashas: APIClient, course: Course, session: LiveSession, size: int
) -> None:
    learners = make_class(course, size)
    keep_events(session, [event(session, learner, "check_in", session.starts_at) for learner in learners[::2]])
    keep_events(session, [event(session, person("stray"), "join", session.starts_at)])
    Excuse.objects.create(session=session, user=learners[0], reason="A cold")

    with CaptureQueriesContext(connection) as statements:
        found = roll(ashas, session)

    # The caller's session, the live session, the class, the records, the excuses.
    assert len(statements) == 5
    assert found["counts"]["total"] == size + 2
    assert found["counts"]["present"] == AttendanceRecord.objects.count()
