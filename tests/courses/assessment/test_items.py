"""Item statistics: the figures themselves, from which attempts they come, and where they are shown."""

import math
from decimal import Decimal
from statistics import correlation as correlation_in_floats
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import CustomUser
from courses.assessment.items import LEAST_LEARNERS, Graded, Item, correlation, items_of
from courses.assessment.selectors import QuestionStatistics, item_statistics
from courses.assessment.services import start_attempt, submit_attempt
from courses.models import Quiz, QuizAnswer
from tests.factories.courses import enroll
from tests.factories.people import person
from tests.factories.quizzes import course_with_quiz, every_type, questions_of, right_answers_to, wrong_answers_to

#: Five learners that nobody could mistake for a class, with what each earned by three questions of one point.
_ROWS: list[tuple[int, ...]] = [(1, 1, 1), (1, 1, 0), (1, 0, 0), (0, 0, 1), (0, 0, 0)]


def answers(rows: list[tuple[int, ...]]) -> list[Graded]:
    return [
        Graded(attempt, question, Decimal(points), {})
        for attempt, row in enumerate(rows)
        for question, points in enumerate(row)
    ]


def figures(rows: list[tuple[int, ...]], most: int = 1) -> list[Item]:
    return list(items_of(dict.fromkeys(range(len(rows[0])), most), answers(rows)).values())


def test_facility_is_what_was_earned_of_what_could_be() -> None:
    assert [item.facility for item in figures(_ROWS)] == [0.6, 0.4, 0.4]
    assert [item.facility for item in figures(_ROWS, most=2)] == [0.3, 0.2, 0.2]


def test_discrimination_is_the_correlation_with_the_rest() -> None:
    """By hand for the first question: earned 1,1,1,0,0 against the rest 2,1,0,1,0; r = 1 / sqrt(6 * 14)."""
    first = figures(_ROWS * 2)[0]
    assert first.n == 10
    assert first.discrimination == round((5 * 3 - 3 * 4) / math.sqrt((5 * 3 - 9) * (5 * 6 - 16)), 4)


def test_few_learners_have_a_facility_and_no_discrimination() -> None:
    for learners in range(1, 13):
        rows = (_ROWS * 3)[:learners]
        items = figures(rows)
        assert all(item.facility is not None for item in items)
        assert all((item.discrimination is None) == (learners < LEAST_LEARNERS) for item in items)


def test_what_is_the_same_for_all_discriminates_nobody() -> None:
    assert [item.discrimination for item in figures([(1, 1, 0), (1, 0, 0)] * 6)] == [None, None, None]


def test_question_nobody_answered_has_no_figures() -> None:
    assert items_of({1: 1}, []) == {1: Item(0, None, None, {})}


def test_essays_that_wait_are_left_out() -> None:
    waiting = [*answers(_ROWS), Graded(0, 3, None, {"text": "So."}), Graded(1, 3, Decimal(1), {"text": "So."})]
    item = items_of(dict.fromkeys(range(4), 1), waiting)[3]
    assert (item.n, item.facility) == (1, 1.0)


def test_options_are_counted_as_often_as_they_were_chosen() -> None:
    responses: list[dict[str, Any]] = [
        {"selected_option_id": 7}, {"selected_option_id": 7}, {"selected_option_ids": [7, 8]}, {}, {"order": [7, 8]},
    ]  # fmt: skip
    given_answers = [Graded(place, 1, Decimal(0), response) for place, response in enumerate(responses)]
    assert items_of({1: 1}, given_answers)[1].chosen == {7: 3, 8: 1}


_points = st.integers(0, 500)
_class = st.integers(1, 5).flatmap(
    lambda questions: st.lists(st.tuples(*[_points] * questions), min_size=LEAST_LEARNERS, max_size=40)
)


@given(rows=_class)
def test_figures_lie_in_their_ranges_whoever_comes_first(rows: list[tuple[int, ...]]) -> None:
    items = figures(rows, most=500)
    for item in items:
        assert item.n == len(rows)
        assert item.facility is not None
        assert 0 <= item.facility <= 1
        assert item.discrimination is None or -1 <= item.discrimination <= 1
    assert figures(rows[::-1], most=500) == items


@given(rows=_class)
def test_doubling_a_questions_points_changes_no_discrimination_of_its_own(rows: list[tuple[int, ...]]) -> None:
    doubled = [(2 * row[0], *row[1:]) for row in rows]
    assert figures(doubled, most=1000)[0].discrimination == figures(rows, most=500)[0].discrimination


@given(rows=st.lists(st.tuples(_points, _points), min_size=2, max_size=40))
def test_correlation_is_pearsons(rows: list[tuple[int, int]]) -> None:
    first, second = [row[0] for row in rows], [row[1] for row in rows]
    exact = correlation(first, second)
    if exact is None:
        assert 1 in {len(set(first)), len(set(second))}
    else:
        assert exact == pytest.approx(correlation_in_floats(first, second), abs=1e-4)
        assert correlation(first, [500 - one for one in second]) == -exact
        assert correlation(first, first) == 1


# --- of a real quiz -----------------------------------------------------------------------------


@pytest.fixture
def quiz(asha: CustomUser) -> Quiz:
    """Taken by three right and one wrong at first; the wrong one then by all right, and one is still at it."""
    course, quiz = course_with_quiz(asha, every_type())
    for number, answered in enumerate([right_answers_to, right_answers_to, right_answers_to, wrong_answers_to]):
        learner = person(f"learner{number}")
        enroll(learner, course)
        take(learner, quiz, answered(quiz))
    take(learner, quiz, right_answers_to(quiz))
    start_attempt(learner=learner, quiz_id=quiz.pk)
    return quiz


def take(learner: CustomUser, quiz: Quiz, given_answers: list[dict[str, Any]]) -> None:
    attempt = start_attempt(learner=learner, quiz_id=quiz.pk).running.attempt
    submit_attempt(learner=learner, attempt_id=attempt.pk, answers=given_answers)


def by_type(quiz: Quiz) -> dict[str, QuestionStatistics]:
    return {one.question_type: one for one in item_statistics(quiz)}


@pytest.mark.django_db
def test_each_learners_first_closed_attempt_counts(quiz: Quiz) -> None:
    told = by_type(quiz)
    assert [one.question_id for one in told.values()] == [question.pk for question in questions_of(quiz)]
    for question_type, one in told.items():
        expected = (0, None) if question_type == "essay" else (4, 0.75)
        assert (one.item.n, one.item.facility, one.item.discrimination) == (*expected, None)
    chosen = {choice.option_text: (choice.is_correct, choice.times) for choice in told["multiple_choice"].choices}
    assert chosen == {"no": (False, 1), "yes": (True, 3), "nor": (False, 0)}
    assert [choice.times for choice in told["multiple_select"].choices] == [1, 3, 3, 1]
    assert told["ordering"].choices == told["numeric"].choices == []


@pytest.mark.django_db
def test_essay_counts_once_it_is_graded(quiz: Quiz) -> None:
    QuizAnswer.objects.filter(question__question_type="essay").update(is_correct=False, points_earned=1)
    item = by_type(quiz)["essay"].item
    assert (item.n, item.facility) == (4, 0.3333)


@pytest.mark.django_db
def test_it_takes_two_statements(quiz: Quiz, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert len(item_statistics(quiz)) == 8


@pytest.mark.django_db
def test_quiz_that_nobody_took_has_questions_without_figures(asha: CustomUser) -> None:
    _course, quiz = course_with_quiz(asha)
    [one] = item_statistics(quiz)
    assert (one.item, [choice.times for choice in one.choices]) == (Item(0, None, None, {}), [0, 0])


@pytest.mark.django_db
def test_the_quiz_page_of_its_owner_shows_them(quiz: Quiz, asha: CustomUser, client: Client) -> None:
    asha.is_staff = True
    asha.save(update_fields=["is_staff"])
    asha.groups.add(Group.objects.get(name="instructor"))
    client.force_login(asha)
    page = client.get(f"/admin/courses/quiz/{quiz.pk}/change/").content.decode()
    assert "0.75" in page
    assert "yes ✓: 3" in page
