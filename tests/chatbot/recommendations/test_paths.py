"""The way to a course and through it, for who stands where."""

from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.learning.paths import before
from courses.models import Content, Course
from tests.chatbot.recommendations.learners import PATH, answer, complete, found
from tests.factories.catalogue import findable_course
from tests.factories.courses import contents_of, enroll, make_course
from tests.factories.quizzes import make_quiz, true_false

pytestmark = pytest.mark.django_db


def steps(client: APIClient, **query: Any) -> list[tuple[str, str]]:
    return [(step["title"], step["state"]) for step in found(client, PATH, **query)["steps"]]


def chain(teacher: CustomUser, *titles: str) -> list[Course]:
    """Return courses of which each needs the one before it."""
    courses = [make_course(teacher, contents=0, title=title) for title in titles]
    for needed, course in pairwise(courses):
        course.prerequisites.add(needed)
    return courses


def test_a_stranger_enrols_first(asha: CustomUser, chitras: APIClient) -> None:
    course = make_course(asha, title="Numbers", contents=2)
    Content.objects.filter(pk=contents_of(course)[0].pk).update(is_preview=True)

    path = found(chitras, PATH, course=course.pk)

    assert (path["course_id"], path["title"]) == (course.pk, "Numbers")
    assert path["steps"][0] == {
        "kind": "course",
        "course_id": course.pk,
        "content_id": None,
        "title": "Numbers",
        "module": "",
        "state": "to_take",
        "reason": "Enrol to open its lessons.",
    }
    assert [(step["title"], step["module"], step["state"]) for step in path["steps"][1:]] == [
        ("Lesson 1", "First steps", "next"),
        ("Lesson 2", "First steps", "locked"),
    ]


def test_who_is_enrolled_goes_on_where_they_are(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, contents=3)
    enroll(bilal, course)
    complete(bilal, contents_of(course)[0])

    assert steps(bilals, course=course.pk) == [("Lesson 1", "done"), ("Lesson 2", "next"), ("Lesson 3", "later")]


def test_what_is_answered_well_is_mastered(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    course = make_course(asha, contents=3)
    Content.objects.filter(pk=contents_of(course)[0].pk).update(topic="vowels")
    quiz = make_quiz(course, [true_false(f"{number}?", topic="Vowels") for number in range(3)], passing_score=100)
    enroll(bilal, course)
    answer(bilal, quiz, True, True, True)

    assert steps(bilals, course=course.pk) == [
        ("Lesson 1", "mastered"),
        ("Lesson 2", "next"),
        ("Lesson 3", "later"),
        ("Quiz", "done"),
    ]


def test_what_is_needed_comes_first_and_each_after_what_it_needs(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient
) -> None:
    first, _second, _third, last = chain(asha, "First", "Second", "Third", "Last")
    enroll(bilal, first, completed_at=timezone.now())

    assert steps(bilals, course=last.pk) == [
        ("First", "done"),
        ("Second", "to_take"),
        ("Third", "locked"),
        ("Last", "locked"),
    ]


def test_a_course_on_the_way(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    first, last = chain(asha, "First", "Last")
    enroll(bilal, first)

    assert steps(bilals, course=last.pk) == [("First", "in_progress"), ("Last", "locked")]


def test_rings_end(asha: CustomUser, chitras: APIClient) -> None:
    first, _second, third = chain(asha, "First", "Second", "Third")
    first.prerequisites.add(third, first)

    assert [title for title, _state in steps(chitras, course=third.pk)] == ["First", "Second", "Third"]
    assert [title for title, _state in steps(chitras, course=first.pk)] == ["Second", "Third", "First"]


EDGES = st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 8)), max_size=9)


@given(EDGES)
def test_all_that_is_needed_is_there_once_and_in_order_where_there_is_no_ring(needs: dict[int, set[int]]) -> None:
    ordered = before(0, needs)

    reached, open_ = {0}, [0]
    while open_:
        new = needs.get(open_.pop(), set()) - reached
        reached |= new
        open_ += new
    assert sorted(ordered) == sorted(reached - {0})
    forward = {one: {other for other in others if other > one} for one, others in needs.items()}
    places = {one: place for place, one in enumerate(before(0, forward))}
    assert all(places[other] < places[one] for one in places for other in forward.get(one, ()))


def test_a_very_long_way(asha: CustomUser) -> None:
    assert before(0, {number: {number + 1} for number in range(50_000)})[:2] == [50_000, 49_999]


@pytest.mark.parametrize("state", [{"is_published": False}, {"archived_at": timezone.now()}])
def test_nothing_of_a_course_taken_back(
    asha: CustomUser, bilal: CustomUser, chitras: APIClient, bilals: APIClient, ashas: APIClient, state: dict[str, Any]
) -> None:
    hidden, public = chain(asha, "Secret plan", "Public")
    enroll(bilal, hidden)
    Course.objects.filter(pk=hidden.pk).update(**state)

    assert steps(chitras, course=public.pk) == [("Public", "locked")]
    refused = chitras.get(PATH, {"course": hidden.pk})
    assert refused.status_code == 404
    assert refused.json() == chitras.get(PATH, {"course": 10**6}).json()
    assert steps(bilals, course=hidden.pk) == []
    assert bilals.get(PATH, {"course": hidden.pk}).status_code == 200
    assert ashas.get(PATH, {"course": hidden.pk}).status_code == 200


def test_a_goal_leads_to_the_public_course_that_fits_best(
    asha: CustomUser, chitras: APIClient, ashas: APIClient
) -> None:
    course = findable_course(asha, "Spoken English", contents=1)
    findable_course(asha, "Numbers in Signs")
    findable_course(asha, "Secret chemistry", published=False)

    assert found(chitras, PATH, goal="I want to learn spoken Englsh")["course_id"] == course.pk
    for client in (chitras, ashas):
        for goal in ("chemistry", "I want to learn", "?!", "quantum entanglement"):
            refused = client.get(PATH, {"goal": goal})
            assert refused.status_code == 404
            assert refused.json()["errors"][0]["code"] == "no_course_for_goal"


def test_a_course_or_a_goal_and_not_both(asha: CustomUser, chitras: APIClient) -> None:
    course = make_course(asha)

    queries: list[dict[str, Any]] = [
        {},
        {"course": course.pk, "goal": "x"},
        {"course": "x"},
        {"course": "0"},
        {"goal": "x" * 201},
    ]
    for query in queries:
        refused = chitras.get(PATH, query)
        assert refused.status_code == 400
        assert refused.json()["type"] == "validation_error"
    assert chitras.get(PATH, {"course": 2**63}).status_code == 400
    assert chitras.get(PATH, {"goal": "\x00"}).status_code in {400, 404}


def test_for_who_is_signed_in(anonymous: APIClient) -> None:
    assert anonymous.get(PATH, {"goal": "English"}).status_code == 401


@pytest.mark.parametrize("size", [1, 5])
def test_a_few_statements_however_long_the_way(asha: CustomUser, bilals: APIClient, size: int) -> None:
    courses = chain(asha, *[f"Course {number}" for number in range(size + 1)])

    with CaptureQueriesContext(connection) as asked:
        assert len(steps(bilals, course=courses[-1].pk)) == size + 1
    assert len(asked) <= 6
