"""Neighbours are learnt from all enrolments, all at once, and say nothing of any one learner."""

import json
from collections.abc import Callable
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from chatbot.models import CourseNeighbour
from chatbot.recommendations import services, tasks
from chatbot.recommendations.services import learn_neighbours
from courses.models import Course, Enrollment
from tests.chatbot.recommendations.learners import taken_together
from tests.crowd import MOST_ROUNDS, all_at_once
from tests.factories.courses import enroll, leave_all, make_course

pytestmark = pytest.mark.django_db


def pairs() -> set[tuple[int, int, int]]:
    return set(CourseNeighbour.objects.values_list("course_id", "neighbour_id", "together"))


def test_courses_taken_together_are_neighbours(asha: CustomUser) -> None:
    first, second, third = (make_course(asha, contents=0, title=title) for title in ("A", "B", "C"))
    taken_together(first, second)
    taken_together(second, third, by=2)

    learned = learn_neighbours()

    assert pairs() == {(first.pk, second.pk, 3), (second.pk, first.pk, 3)}
    assert (learned.courses, learned.pairs) == (2, 2)


def test_enrolments_that_ended_count_and_a_second_one_adds_nobody(asha: CustomUser) -> None:
    first, second = make_course(asha, contents=0), make_course(asha, contents=0)
    [again, _other] = taken_together(first, second, by=2)
    leave_all(timezone.now())
    enroll(again, first)
    learn_neighbours()
    assert pairs() == set()

    taken_together(first, second, by=1)
    learn_neighbours()
    assert {together for _course, _neighbour, together in pairs()} == {3}


def test_who_completed_says_more_than_who_enrolled(asha: CustomUser) -> None:
    first, enrolled, completed = (make_course(asha, contents=0, title=title) for title in ("A", "B", "C"))
    taken_together(first, enrolled, completed)
    Enrollment.objects.exclude(course=enrolled).update(completed_at=timezone.now())
    taken_together(enrolled, completed, by=5)

    learn_neighbours()

    order = CourseNeighbour.objects.filter(course=first).order_by("-score").values_list("neighbour_id", flat=True)
    assert list(order) == [completed.pk, enrolled.pk]


def test_a_teacher_in_an_own_course_is_no_learner(asha: CustomUser) -> None:
    first, second = make_course(asha, contents=0), make_course(asha, contents=0)
    taken_together(first, second, by=2)
    enroll(asha, first)
    enroll(asha, second)

    learn_neighbours()

    assert pairs() == set()


@pytest.mark.parametrize("state", [{"is_published": False}, {"archived_at": timezone.now()}])
def test_a_course_taken_back_is_nobodys_neighbour_but_has_some(asha: CustomUser, state: dict[str, object]) -> None:
    gone, public = make_course(asha, contents=0), make_course(asha, contents=0)
    taken_together(gone, public)
    Course.objects.filter(pk=gone.pk).update(**state)

    learn_neighbours()

    assert pairs() == {(gone.pk, public.pk, 3)}


def test_what_is_no_longer_so_is_forgotten(asha: CustomUser) -> None:
    first, second = make_course(asha, contents=0), make_course(asha, contents=0)
    learners = taken_together(first, second)
    learn_neighbours()
    Enrollment.objects.filter(user=learners[0]).delete()

    learn_neighbours()

    assert pairs() == set()


def test_readers_see_the_old_rows_until_the_new_ones_are_there(
    asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_together(make_course(asha, contents=0), make_course(asha, contents=0))
    learn_neighbours()
    before = pairs()
    monkeypatch.setattr(services, "_AT_ONCE", -1)  # refused by bulk_create, after the old rows were deleted

    with pytest.raises(ValueError, match="atch size"):
        learn_neighbours()

    assert pairs() == before != set()


def test_as_many_statements_for_many_courses(asha: CustomUser) -> None:
    taken_together(*[make_course(asha, contents=0, title=f"Course {number}") for number in range(12)])

    with CaptureQueriesContext(connection) as asked:
        assert learn_neighbours().pairs == 12 * 11
    assert len(asked) <= 8


def test_the_task_and_the_command_do_the_same(asha: CustomUser) -> None:
    taken_together(make_course(asha, contents=0), make_course(asha, contents=0))

    assert tasks.learn_neighbours.delay().get() == 2
    printed = StringIO()
    call_command("learn_neighbours", "--json", stdout=printed)
    assert json.loads(printed.getvalue()) == {"courses": 2, "pairs": 2}
    call_command("learn_neighbours", stdout=printed)
    assert "2 courses have neighbours, 2 pairs are kept." in printed.getvalue()


@pytest.mark.django_db(transaction=True)
def test_many_that_learn_at_once(asha: CustomUser) -> None:
    taken_together(*[make_course(asha, contents=0, title=f"Course {number}") for number in range(4)])

    outcomes = all_at_once(*[learn_neighbours] * 6)

    assert {(one.courses, one.pairs) for one in outcomes} == {(4, 12)}
    assert len(pairs()) == CourseNeighbour.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_would_write_the_same_pairs(
    asha: CustomUser, on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")
    taken_together(*[make_course(asha, contents=0, title=f"Course {number}") for number in range(4)])
    monkeypatch.setattr(services, "_one_at_a_time", lambda: None)

    def has_failed() -> bool:
        outcomes = all_at_once(*[partial(caught, learn_neighbours)] * 6)
        return any(isinstance(one, DatabaseError) for one in outcomes)

    assert any(has_failed() for _round in range(MOST_ROUNDS))


def caught(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except DatabaseError as error:
        return error
