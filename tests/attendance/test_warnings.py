"""Who attends too little is warned, once for each percentage."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.events import AttendanceWarned
from attendance.models import AttendancePolicy, AttendanceRecord, AttendanceWarning, LiveSession
from attendance.services import closing, warning
from attendance.services.closing import close_due_sessions, close_session
from attendance.services.keeping import keep_events
from attendance.services.warning import warn_learners
from courses.models import Course, Enrollment
from e_learning.core.events import listens_to
from tests.conftest import ClientFor
from tests.crowd import crowd
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import enroll, leave_all, make_course
from tests.factories.people import person
from tests.thorough import times

pytestmark = pytest.mark.django_db(transaction=True)

told: list[AttendanceWarned] = []
listens_to(AttendanceWarned)(told.append)


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    told.clear()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def past(course: Course, days: int, *came: CustomUser) -> LiveSession:
    """Return a session of so many days ago, not closed yet, with those who came to it."""
    session = make_session(course, starts_at=timezone.now() - timedelta(days=days))
    keep_events(session, [event(session, user, "check_in", session.starts_at) for user in came])
    return session


def warned() -> list[tuple[int, int, Decimal]]:
    return list(AttendanceWarning.objects.order_by("below").values_list("user_id", "below", "percent"))


def test_who_falls_below_is_warned_once(course: Course, bilal: CustomUser, now: datetime) -> None:
    for days in (9, 8):
        past(course, days, bilal)
    past(course, 7)
    close_due_sessions(at=now)
    assert warned() == [(bilal.pk, 75, Decimal("66.7"))]
    assert told == [AttendanceWarned(user_id=bilal.pk, course_id=course.pk, below=75, at=now)]

    past(course, 6)
    close_due_sessions(at=now + timedelta(seconds=1))
    assert (len(warned()), len(told)) == (1, 1)


def test_exactly_the_percentage_is_not_below_it(course: Course, bilal: CustomUser, now: datetime) -> None:
    for days in (9, 8, 7):
        past(course, days, bilal)
    past(course, 6)
    close_due_sessions(at=now)

    assert warned() == []


def test_nobody_is_warned_before_enough_sessions_count(course: Course, bilal: CustomUser, now: datetime) -> None:
    for days in (9, 8):
        past(course, days)
    close_due_sessions(at=now)
    assert warned() == []

    past(course, 7)
    close_due_sessions(at=now)
    assert warned() == [(bilal.pk, 75, Decimal("0.0"))]


def test_a_session_without_weight_does_not_count(course: Course, bilal: CustomUser, now: datetime) -> None:
    excused = past(course, 9)
    keep_events(excused, [event(excused, bilal, "excuse", now)])
    for days in (8, 7):
        past(course, days)
    close_due_sessions(at=now)

    assert warned() == []


def test_the_policys_weights_decide(course: Course, bilal: CustomUser, now: datetime) -> None:
    AttendancePolicy.objects.create(course=course, weight_absent=75)
    for days in (9, 8, 7):
        past(course, days)
    close_due_sessions(at=now)

    assert warned() == []


def test_below_several_at_once_the_lowest_is_told(course: Course, bilal: CustomUser, now: datetime) -> None:
    AttendancePolicy.objects.create(course=course, warn_below=[90, 75, 50, 20])
    past(course, 9, bilal)
    for days in (8, 7):
        past(course, days)
    close_due_sessions(at=now)

    assert [below for _user, below, _percent in warned()] == [50, 75, 90]
    assert [event.below for event in told] == [50]


def test_below_another_later_is_another_warning(course: Course, bilal: CustomUser, now: datetime) -> None:
    AttendancePolicy.objects.create(course=course, warn_below=[75, 50])
    for days, came in ((9, [bilal]), (8, [bilal]), (7, []), (6, []), (5, [])):
        past(course, days, *came)
        close_due_sessions(at=now)

    assert warned() == [(bilal.pk, 50, Decimal("40.0")), (bilal.pk, 75, Decimal("66.7"))]
    assert [event.below for event in told] == [75, 50]


def test_a_course_that_warns_of_nothing_asks_for_no_percentages(
    course: Course, now: datetime, django_assert_num_queries: Any
) -> None:
    AttendancePolicy.objects.create(course=course, warn_below=[])
    with django_assert_num_queries(1):
        warn_learners(course_id=course.pk, user_ids=[1], at=now)


def test_who_is_no_longer_in_the_class_is_not_warned(course: Course, bilal: CustomUser, now: datetime) -> None:
    for days in (9, 8, 7):
        past(course, days)
    AttendancePolicy.objects.create(course=course, warn_below=[])
    close_due_sessions(at=now)
    leave_all(now - timedelta(days=6, hours=12))
    AttendancePolicy.objects.update(warn_below=[75])
    past(course, 6)
    close_due_sessions(at=now)

    assert AttendanceRecord.objects.filter(status="absent").count() == 3
    assert warned() == []


def test_a_course_in_which_nobody_is_marked_absent_by_itself_warns_too(
    course: Course, bilal: CustomUser, asha: CustomUser, now: datetime
) -> None:
    for days in (9, 8, 7):
        session = past(course, days)
        keep_events(session, [event(session, bilal, "manual", now, status="absent", actor=asha)])
    LiveSession.objects.update(absent_at=None)
    close_due_sessions(at=now)

    assert [below for _user, below, _percent in warned()] == [75]


def test_a_crash_before_the_warning_loses_none(
    course: Course, bilal: CustomUser, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (9, 8, 7):
        past(course, days)

    def crashes(**_values: Any) -> None:
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as patched:
        patched.setattr(closing, "warn_learners", crashes)
        assert close_due_sessions(at=now) == 0
    assert (AttendanceRecord.objects.filter(status="absent").count(), warned()) == (3, [])

    assert close_due_sessions(at=now) == 3
    assert (len(warned()), len(told)) == (1, 1)


# --- at once ------------------------------------------------------------------------------------


def test_of_two_sessions_closed_at_once_whoever_looks_last_warns(asha: CustomUser, bilal: CustomUser) -> None:
    assert set(warned_at_once(asha, bilal, times(20, few=4))) == {(1, 1)}


def test_in_one_transaction_neither_might_see_the_other(
    asha: CustomUser, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why closing takes two transactions: in one, both look before the other has committed."""
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer: the second looks after the first has committed")
    from django.db import transaction

    two = closing.close_session
    monkeypatch.setattr(closing, "close_session", transaction.atomic(two))

    assert any(made == 0 for made, _told in warned_at_once(asha, bilal, 200))


def warned_at_once(asha: CustomUser, bilal: CustomUser, rounds: int) -> Iterator[tuple[int, int]]:
    """Close two sessions at once that only together bring Bilal to three; yields how many rows and events came."""
    with crowd(2) as all_at_once:
        for number in range(rounds):
            course = make_course(asha, title=f"Course {number}")
            enroll(bilal, course, enrollment_date=timezone.now() - timedelta(days=100))
            close_session(session_id=past(course, 9).pk, at=timezone.now())
            told.clear()
            sessions = [past(course, days).pk for days in (8, 7)]
            works = [lambda pk=pk: closing.close_session(session_id=pk, at=timezone.now()) for pk in sessions]
            assert all_at_once(*works) == [True, True]
            yield AttendanceWarning.objects.filter(course=course).count(), len(told)


def test_warned_at_once_is_told_once(course: Course, bilal: CustomUser) -> None:
    assert set(looked_at_once(course, times(20, few=4))) == {1}


def test_a_look_before_the_insert_would_tell_twice(
    course: Course, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the constraint decides with the insert: a look before it lets both tell."""

    def look_and_insert(rows: Any, returning: Any) -> list[tuple[int, int]]:
        fresh = [
            row for row in rows if not AttendanceWarning.objects.filter(user=row.user_id, below=row.below).exists()
        ]
        AttendanceWarning.objects.bulk_create(fresh, ignore_conflicts=True)
        return [(row.user_id, row.below) for row in fresh]

    monkeypatch.setattr(warning, "insert_new", look_and_insert)
    assert any(number > 1 for number in looked_at_once(course, 200))


def looked_at_once(course: Course, rounds: int) -> Iterator[int]:
    """Have three look at once, round after round; yields how often it was told."""
    for days in (9, 8, 7):
        session = past(course, days)
        keep_events(session, [event(session, row.user, "auto", session.ends_at, status="absent") for row in
                              Enrollment.objects.select_related("user")])  # fmt: skip
    user_ids = list(Enrollment.objects.values_list("user_id", flat=True))
    with crowd(3) as all_at_once:
        for _round in range(rounds):
            AttendanceWarning.objects.all().delete()
            told.clear()
            all_at_once(*[lambda: warn_learners(course_id=course.pk, user_ids=user_ids, at=timezone.now())] * 3)
            yield len(told)


# --- costs and the list ---------------------------------------------------------------------------


def test_warning_costs_the_same_for_one_and_for_many(
    course: Course, bilal: CustomUser, now: datetime, tasks_wait: None
) -> None:
    costs = []
    for size in (1, 30):
        if size > 1:
            for learner in range(size):
                enroll(person(f"learner{learner}"), course, enrollment_date=now - timedelta(days=100))
        for days in (9, 8, 7):
            past(course, days)
        AttendancePolicy.objects.get_or_create(course=course, defaults={"warn_below": []})
        AttendancePolicy.objects.update(warn_below=[])
        close_due_sessions(at=now)
        AttendancePolicy.objects.update(warn_below=[75, 50])
        AttendanceWarning.objects.all().delete()
        user_ids = list(Enrollment.objects.values_list("user_id", flat=True))
        with CaptureQueriesContext(connection) as statements:
            warn_learners(course_id=course.pk, user_ids=user_ids, at=now)
        costs.append(len(statements))
        assert AttendanceWarning.objects.count() == 2 * len(user_ids)

    assert costs == [4, 4]  # the policy, percentages in two, the rows


URL = "/api/attendance/warnings/"


def warn(course: Course, user: CustomUser, below: int = 75) -> AttendanceWarning:
    return AttendanceWarning.objects.create(course=course, user=user, below=below, percent="66.7")


def test_learners_see_their_own_and_owners_those_of_their_courses(
    ashas: APIClient, bilals: APIClient, chitras: APIClient, admins: APIClient, anonymous: APIClient,
    client_for: ClientFor, bilal: CustomUser, course: Course,
) -> None:  # fmt: skip
    [other] = make_class(course, 1)
    warn(course, bilal)
    warn(course, other)

    seen = [
        [row["user_id"] for row in client.get(URL).json()["results"]] for client in (ashas, bilals, chitras, admins)
    ]
    assert seen == [[other.pk, bilal.pk], [bilal.pk], [], [other.pk, bilal.pk]]
    assert client_for(person("teacher", role="instructor")).get(URL).json()["count"] == 0
    assert anonymous.get(URL).status_code == 401
    [row] = bilals.get(URL).json()["results"]
    assert row.pop("warned_at").endswith("Z")
    assert row.pop("id")
    assert row == {
        "course_id": course.pk,
        "course_title": course.title,
        "user_id": bilal.pk,
        "username": "bilal",
        "full_name": "Bilal",
        "below": 75,
        "percent": 66.7,
    }


def test_they_are_asked_by_course(bilals: APIClient, bilal: CustomUser, asha: CustomUser, course: Course) -> None:
    warn(course, bilal)
    warn(make_course(asha, title="Another"), bilal)

    assert [row["course_id"] for row in bilals.get(URL, {"course": course.pk}).json()["results"]] == [course.pk]
    assert bilals.get(URL, {"course": "x"}).status_code == 400


def test_listing_costs_the_same_for_one_and_for_three(
    ashas: APIClient, course: Course, bilal: CustomUser, on_postgresql: bool
) -> None:
    costs = []
    for below in (75, 50, 20):
        warn(course, bilal, below)
        with CaptureQueriesContext(connection) as statements:
            assert ashas.get(URL).status_code == 200
        costs.append(len(statements))

    assert costs[0] == costs[2]
    if on_postgresql:
        assert costs[0] == 3  # whose token it is, the count, the rows
