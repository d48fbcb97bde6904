"""Many at once. Each race also runs with its guard taken away, and has to go wrong then."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db.models import Q

from accounts.models import CustomUser
from courses.assessment.services import (
    AlreadySubmitted,
    NoAttemptsLeft,
    attempts,
    closing,
    save_answers,
    start_attempt,
    submit_attempt,
)
from courses.models import Enrollment, Quiz, QuizAnswer, QuizAttempt
from e_learning.core.api.errors import ApiError
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.factories.courses import enroll
from tests.factories.quizzes import course_with_quiz, right_answers_to, true_false, wrong_answers_to
from tests.guards import without
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 32
#: Of starts, which are cheap to repeat: each round begins one attempt, and ``max_attempts`` is as many.
ROUNDS_OF_STARTS = times(100, few=20)
#: Of submits: on SQLite 32 of them queue for the one writer, two seconds a round.
ROUNDS_OF_SUBMITS = 4
ROUNDS = 20


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


@pytest.fixture
def quiz(asha: CustomUser, bilal: CustomUser) -> Quiz:
    course, quiz = course_with_quiz(asha, [true_false(f"{n}?") for n in range(4)], max_attempts=ROUNDS, time_limit=600)
    enroll(bilal, course)
    return quiz


# --- starting -----------------------------------------------------------------------------------


def start_in_all(all_at_once: AllAtOnce, bilal: CustomUser, quiz: Quiz) -> list[Any]:
    return all_at_once(*[lambda: start_attempt(learner=bilal, quiz_id=quiz.pk)] * AT_ONCE)


def is_one_open_within(most: int, started: list[Any]) -> bool:
    """Say whether the starts began one attempt, all were given it, and the quiz has no more than it allows."""
    return (
        sum(getattr(one, "is_new", False) for one in started) == 1
        and len({one.running.attempt.pk for one in started}) == 1
        and QuizAttempt.objects.filter(status="open").count() == 1
        and QuizAttempt.objects.count() <= most
    )


def test_of_32_starts_one_begins_and_never_more_than_max_attempts(
    all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser
) -> None:
    Quiz.objects.update(max_attempts=ROUNDS_OF_STARTS)
    for number in range(1, ROUNDS_OF_STARTS + 1):
        started = start_in_all(all_at_once, bilal, quiz)
        assert is_one_open_within(number, started)
        submit_attempt(learner=bilal, attempt_id=started[0].running.attempt.pk, answers=[])
    assert {type(refusal) for refusal in start_in_all(all_at_once, bilal, quiz)} == {NoAttemptsLeft}
    numbers = QuizAttempt.objects.values_list("attempt_number", flat=True)
    assert sorted(numbers) == list(range(1, ROUNDS_OF_STARTS + 1))


def test_starting_and_submitting_at_once_never_passes_max_attempts(
    all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser
) -> None:
    Quiz.objects.update(max_attempts=10)

    def start_and_submit_until_none_is_left() -> None:
        while True:
            try:
                started = start_attempt(learner=bilal, quiz_id=quiz.pk)
            except NoAttemptsLeft:
                return
            try:
                submit_attempt(learner=bilal, attempt_id=started.running.attempt.pk, answers=[])
            except AlreadySubmitted:
                continue

    assert all_at_once(*[start_and_submit_until_none_is_left] * 16) == [None] * 16
    assert QuizAttempt.objects.filter(status="submitted").count() == QuizAttempt.objects.count() == 10


def is_right_in_a_round(all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser) -> bool:
    """Start 32 times a quiz that allows one attempt."""
    is_right = is_one_open_within(1, start_in_all(all_at_once, bilal, quiz))
    QuizAttempt.objects.all().delete()
    return is_right


def test_without_the_constraints_several_are_begun(all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser) -> None:
    Quiz.objects.update(max_attempts=1)
    with without(QuizAttempt, "one_open_attempt", "one_attempt_per_number"):
        assert not all(is_right_in_a_round(all_at_once, quiz, bilal) for _round in range(MOST_ROUNDS))


# --- submitting ---------------------------------------------------------------------------------


def submits(all_at_once: AllAtOnce, bilal: CustomUser, quiz: Quiz) -> tuple[list[Any], QuizAttempt]:
    """Submit a new attempt 32 times at once, every other time with all wrong."""
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    right, wrong = right_answers_to(quiz), wrong_answers_to(quiz)
    works = [
        lambda answers=answers: submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=answers)
        for answers in [right, wrong] * (AT_ONCE // 2)
    ]
    outcomes = all_at_once(*works)
    attempt.refresh_from_db()
    return outcomes, attempt


def test_one_submit_is_graded_and_the_rest_are_refused(all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser) -> None:
    for _round in range(ROUNDS_OF_SUBMITS):
        outcomes, attempt = submits(all_at_once, bilal, quiz)
        graded = [one for one in outcomes if not isinstance(one, ApiError)]
        assert {type(one) for one in outcomes if isinstance(one, ApiError)} == {AlreadySubmitted}
        assert len(graded) == 1
        assert graded[0].attempt.score == attempt.score
        assert {answer.is_correct for answer in attempt.answers.all()} == {attempt.score == 100}
    assert Enrollment.objects.get(user=bilal).completed_count <= 1


def unguarded_claim(attempt_id: int, condition: Q, **changes: Any) -> bool:
    return bool(QuizAttempt.objects.filter(pk=attempt_id).update(**changes))


def test_without_the_condition_several_submits_are_graded(
    all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    Quiz.objects.update(max_attempts=None)
    monkeypatch.setattr(closing, "_claim", unguarded_claim)
    rounds = (submits(all_at_once, bilal, quiz)[0] for _round in range(MOST_ROUNDS))
    graded = (sum(not isinstance(one, ApiError) for one in outcomes) for outcomes in rounds)
    assert any(number > 1 for number in graded)


# --- saving while it closes ---------------------------------------------------------------------


def is_whole_after_saving_and_submit(all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser) -> bool:
    """Save and submit at once; say whether every answer that is kept was graded as it is kept."""
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    right, wrong = right_answers_to(quiz), wrong_answers_to(quiz)
    save_answers(learner=bilal, attempt_id=attempt.pk, answers=wrong)
    saves = [lambda: save_answers(learner=bilal, attempt_id=attempt.pk, answers=right)] * 8
    all_at_once(*saves, lambda: submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=[]))
    attempt.refresh_from_db()
    kept = {row.question_id: row for row in QuizAnswer.objects.filter(attempt=attempt)}
    is_right = {answer["question_id"]: answer["selected_option_id"] for answer in right}
    return all(
        row.is_correct == (row.response["selected_option_id"] == is_right[id_]) for id_, row in kept.items()
    ) and attempt.points_earned == sum(row.points_earned for row in kept.values())


def test_nothing_is_saved_past_the_grading(all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser) -> None:
    Quiz.objects.update(max_attempts=None)
    assert all(is_whole_after_saving_and_submit(all_at_once, quiz, bilal) for _round in range(ROUNDS))


def test_without_holding_the_row_something_is_saved_past_the_grading(
    all_at_once: AllAtOnce, quiz: Quiz, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    Quiz.objects.update(max_attempts=None)

    def believed_open(attempt_id: int, now: datetime) -> bool:
        time.sleep(0.05)  # between looking and writing, where the grading gets in
        return True

    monkeypatch.setattr(attempts, "_held_open", believed_open)
    assert not all(is_whole_after_saving_and_submit(all_at_once, quiz, bilal) for _round in range(MOST_ROUNDS))
