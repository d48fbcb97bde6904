"""How much of a course somebody attended: what counts, with which weight, and how it is rounded."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from attendance.models import AttendancePolicy, LiveSession
from attendance.selectors.percentages import Percentage, one_decimal, percentages_of
from attendance.services.keeping import keep_events
from courses.models import Course
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


def held(course: Course, user: CustomUser, *statuses: str, **fields: object) -> list[LiveSession]:
    """Hold a session for each status, marked so by hand."""
    start = timezone.now() - timedelta(days=30)
    sessions = []
    for number, status in enumerate(statuses):
        session = make_session(course, starts_at=start + timedelta(days=number), **fields)  # type: ignore[arg-type]  # whatever fields a session has
        keep_events(session, [event(session, user, "manual", session.starts_at, status=status)])
        sessions.append(session)
    return sessions


def test_late_is_half_and_excused_counts_for_nobody(course: Course, bilal: CustomUser) -> None:
    held(course, bilal, "present", "present", "late", "absent", "excused")

    assert percentages_of(course.pk) == {bilal.pk: Percentage(4, Decimal("62.5"))}


def test_the_policy_says_what_a_status_weighs(course: Course, bilal: CustomUser) -> None:
    AttendancePolicy.objects.create(course=course, weight_late=80, weight_excused=100, weight_absent=None)
    held(course, bilal, "late", "absent", "excused")

    assert percentages_of(course.pk) == {bilal.pk: Percentage(2, Decimal("90.0"))}


def test_who_was_only_excused_has_no_percentage(course: Course, bilal: CustomUser) -> None:
    held(course, bilal, "excused")

    assert percentages_of(course.pk) == {bilal.pk: Percentage(0, None)}


def test_what_does_not_count(course: Course, bilal: CustomUser) -> None:
    held(course, bilal, "present")
    held(course, bilal, "absent", state="cancelled")
    ahead = make_session(course, starts_at=timezone.now() + timedelta(days=1))
    keep_events(ahead, [event(ahead, bilal, "manual", timezone.now(), status="absent")])
    undecided = make_session(course, starts_at=timezone.now() - timedelta(days=1))
    keep_events(undecided, [event(undecided, bilal, "check_in", undecided.starts_at, refusal="too_far")])

    assert percentages_of(course.pk) == {bilal.pk: Percentage(1, Decimal("100.0"))}


def test_other_courses_and_other_learners_are_not_asked(course: Course, asha: CustomUser, bilal: CustomUser) -> None:
    held(make_course(asha), bilal, "absent")
    other, third = make_class(course, 2)
    held(course, other, "present")
    held(course, third, "present")

    assert percentages_of(course.pk, [other.pk, bilal.pk]) == {other.pk: Percentage(1, Decimal("100.0"))}


@pytest.mark.parametrize("size", [1, 3])
def test_two_statements_for_whatever_class(course: Course, size: int) -> None:
    for learner in make_class(course, size):
        held(course, learner, "present", "late")

    with CaptureQueriesContext(connection) as statements:
        found = percentages_of(course.pk)

    assert (len(found), len(statements)) == (size, 2)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (Fraction(0), "0.0"),
        (Fraction(100), "100.0"),
        (Fraction(200, 3), "66.7"),
        (Fraction(100, 3), "33.3"),
        (Fraction(25, 4), "6.3"),
        (Fraction(2505, 100), "25.1"),
        (Fraction(2504999, 100000), "25.0"),
    ],
)
def test_one_decimal_half_up(number: Fraction, shown: str) -> None:
    assert str(one_decimal(number)) == shown
