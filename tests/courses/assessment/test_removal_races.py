"""What is removed while learners are at it: an answer for everyone, no error, and nobody waits for ever."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from accounts.models import CustomUser
from courses.assessment.services import (
    AlreadySubmitted,
    DeadlinePassed,
    authoring,
    delete_question,
    delete_quiz,
    save_answers,
    start_attempt,
    submit_attempt,
)
from courses.assessment.services.holding import QuizIsBegun
from courses.catalogue.services import delete_content, delete_module
from courses.learning.services import uncount_removed_contents
from courses.models import Course, Enrollment, Progress, Question, Quiz, QuizAttempt
from e_learning.core.api.errors import ApiError, NotThere
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.factories.courses import enroll, make_course
from tests.factories.people import person
from tests.factories.quizzes import course_with_quiz, make_quiz, right_answers_to, true_false

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
LEARNERS = 6
ROUNDS = 5
HOOKS = "courses.catalogue.services.removal.on_content_removal"


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(3 * LEARNERS + 2) as run:
        yield run


@pytest.fixture
def learners(db: None) -> list[CustomUser]:
    return [person(f"learner{number}") for number in range(LEARNERS)]


def remove_quiz(asha: CustomUser, quiz: Quiz) -> None:
    delete_quiz(author=asha, quiz_id=quiz.pk)


def remove_content(asha: CustomUser, quiz: Quiz) -> None:
    delete_content(editor=asha, content_id=quiz.content_id)


def remove_module(asha: CustomUser, quiz: Quiz) -> None:
    delete_module(editor=asha, module_id=quiz.content.module_id)


Removal = Callable[[CustomUser, Quiz], None]
REMOVALS = [remove_quiz, remove_content, remove_module]


def remove_under_learners(
    all_at_once: AllAtOnce, remove: Removal, asha: CustomUser, learners: list[CustomUser]
) -> tuple[Course, list[Any]]:
    """Remove a quiz, or what holds it and another, while learners save and submit there and begin at both.

    Returns the course and what everybody got, the remover first.
    """
    course = make_course(asha)
    quiz, other = (make_quiz(course, [true_false(f"{n}?") for n in range(3)]) for _quiz in range(2))
    right = right_answers_to(quiz)
    works: list[Callable[[], Any]] = [partial(remove, asha, quiz)]
    for learner in learners:
        enroll(learner, course)
        attempt_id = start_attempt(learner=learner, quiz_id=quiz.pk).running.attempt.pk
        works += [
            partial(submit_attempt, learner=learner, attempt_id=attempt_id, answers=right),
            partial(save_answers, learner=learner, attempt_id=attempt_id, answers=right),
            partial(start_attempt, learner=learner, quiz_id=other.pk),
        ]
    return course, all_at_once(*works)


@pytest.mark.parametrize("remove", REMOVALS)
def test_removal_under_learners_is_an_answer_for_everyone(
    remove: Removal, all_at_once: AllAtOnce, asha: CustomUser, learners: list[CustomUser]
) -> None:
    for _round in range(ROUNDS):
        course, (removed, *others) = remove_under_learners(all_at_once, remove, asha, learners)
        assert removed is None
        assert {type(one) for one in others if isinstance(one, ApiError)} <= {NotThere, AlreadySubmitted}
        contents = course.modules.values("contents")
        for enrollment in Enrollment.objects.filter(course=course):
            done = Progress.objects.filter(enrollment=enrollment, is_completed=True, content__in=contents)
            assert enrollment.completed_count == done.count()
        Enrollment.objects.filter(course=course).delete()


@pytest.mark.parametrize("remove", REMOVALS)
def test_without_holding_the_attempts_first_one_waits_for_the_other(
    remove: Removal,
    all_at_once: AllAtOnce,
    asha: CustomUser,
    learners: list[CustomUser],
    monkeypatch: pytest.MonkeyPatch,
    on_postgresql: bool,
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: nobody holds what another waits for")
    monkeypatch.setattr(HOOKS, [uncount_removed_contents])
    monkeypatch.setattr(authoring, "hold_attempts_at", lambda quiz_ids: None)

    def rounds() -> None:
        for _round in range(MOST_ROUNDS):
            _course, (removed, *_others) = remove_under_learners(all_at_once, remove, asha, learners)
            assert removed is None

    with pytest.raises((OperationalError, AssertionError)):
        rounds()


def test_removal_is_refused_where_the_quiz_was_begun_before_it_could_be_held(
    asha: CustomUser, learners: list[CustomUser], on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: nobody begins meanwhile")
    course, quiz = course_with_quiz(asha)
    learner = learners[0]
    enroll(learner, course)
    right, holding, removed = right_answers_to(quiz), Event(), Event()

    def start_and_hold() -> None:
        try:
            attempt_id = start_attempt(learner=learner, quiz_id=quiz.pk).running.attempt.pk
            with transaction.atomic():
                save_answers(learner=learner, attempt_id=attempt_id, answers=right)
                holding.set()
                removed.wait(timeout=30)
        finally:
            connections.close_all()

    def begin_before_the_quiz_is_held(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if 'FROM "courses_quiz" WHERE' in sql and "FOR UPDATE" in sql and not holding.is_set():
            another.submit(start_and_hold)
            holding.wait(timeout=30)
        return execute(sql, *rest)

    with ThreadPoolExecutor(1) as another:
        with connection.execute_wrapper(begin_before_the_quiz_is_held), pytest.raises(QuizIsBegun):
            delete_quiz(author=asha, quiz_id=quiz.pk)
        removed.set()
    assert holding.is_set()
    assert Quiz.objects.filter(pk=quiz.pk).exists()


# --- a question removed under an answer ---------------------------------------------------------


def remove_while_answers_are_kept(
    all_at_once: AllAtOnce, quiz: Quiz, question: Question, asha: CustomUser, bilal: CustomUser
) -> QuizAttempt:
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    right = right_answers_to(quiz)
    outcomes = all_at_once(
        *[lambda: save_answers(learner=bilal, attempt_id=attempt.pk, answers=right)] * 4,
        lambda: delete_question(author=asha, question_id=question.pk),
        *[lambda: submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=right)] * 4,
    )
    assert {type(one) for one in outcomes if isinstance(one, ApiError)} <= {AlreadySubmitted, DeadlinePassed}
    attempt.refresh_from_db()
    return attempt


def test_question_removed_while_answers_are_kept_is_no_error(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser
) -> None:
    course, quiz = course_with_quiz(asha, [true_false(f"{n}?") for n in range(4)], time_limit=600)
    enroll(bilal, course)
    for question in list(Question.objects.filter(quiz=quiz))[:-1]:
        assert remove_while_answers_are_kept(all_at_once, quiz, question, asha, bilal).score == 100
