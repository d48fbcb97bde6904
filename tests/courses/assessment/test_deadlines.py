"""More time for attempts that run: who may give it, to what, and what happens when they close in that moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from courses.assessment.services import (
    close_expired_attempts,
    closing,
    deadlines,
    extend_deadlines,
    save_answers,
    start_attempt,
    submit_attempt,
    update_quiz,
)
from courses.models import Quiz, QuizAnswer, QuizAttempt
from e_learning.core.api.errors import InvalidInput
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.factories.courses import enroll
from tests.factories.quizzes import course_with_quiz, right_answers_to, true_false, wrong_answers_to

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
ROUNDS = 20
SECOND = timedelta(seconds=1)


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(5) as run:
        yield run


@pytest.fixture
def quiz(asha: CustomUser, bilal: CustomUser) -> Quiz:
    course, quiz = course_with_quiz(asha, [true_false(f"{n}?") for n in range(4)], time_limit=600)
    enroll(bilal, course)
    return quiz


@pytest.fixture
def running(quiz: Quiz, bilal: CustomUser) -> QuizAttempt:
    return start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt


def deadline_of(attempt: QuizAttempt) -> datetime:
    deadline = QuizAttempt.objects.values_list("deadline", flat=True).get(pk=attempt.pk)
    assert deadline is not None
    return deadline


# --- who, and what ------------------------------------------------------------------------------


def test_attempt_that_runs_gets_more_time(running: QuizAttempt, asha: CustomUser) -> None:
    before = deadline_of(running)
    assert extend_deadlines(author=asha, attempt_ids=[running.pk], seconds=90) == 1
    assert deadline_of(running) == before + 90 * SECOND


def test_attempt_of_somebody_elses_course_gets_none(
    running: QuizAttempt, bilal: CustomUser, chitra: CustomUser
) -> None:
    before = deadline_of(running)
    for stranger in (bilal, chitra):
        assert extend_deadlines(author=stranger, attempt_ids=[running.pk], seconds=90) == 0
    assert deadline_of(running) == before


def test_attempt_that_is_closed_or_over_or_has_no_end_gets_none(
    running: QuizAttempt, asha: CustomUser, bilal: CustomUser
) -> None:
    over = deadline_of(running)
    assert extend_deadlines(author=asha, attempt_ids=[running.pk], seconds=90, now=over) == 0
    QuizAttempt.objects.update(deadline=None)
    assert extend_deadlines(author=asha, attempt_ids=[running.pk], seconds=90) == 0
    submit_attempt(learner=bilal, attempt_id=running.pk, answers=[])
    QuizAttempt.objects.update(deadline=over)
    assert extend_deadlines(author=asha, attempt_ids=[running.pk], seconds=90) == 0


@pytest.mark.parametrize("seconds", [0, -1, deadlines.MOST_SECONDS + 1])
def test_no_time_and_too_much_time_are_refused(seconds: int, running: QuizAttempt, asha: CustomUser) -> None:
    with pytest.raises(InvalidInput):
        extend_deadlines(author=asha, attempt_ids=[running.pk], seconds=seconds)


def test_new_time_limit_is_for_attempts_that_begin_later(
    quiz: Quiz, running: QuizAttempt, asha: CustomUser, bilal: CustomUser
) -> None:
    before = deadline_of(running)
    update_quiz(author=asha, quiz_id=quiz.pk, time_limit=5)
    assert deadline_of(running) == before
    submit_attempt(learner=bilal, attempt_id=running.pk, answers=[])
    later = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    assert deadline_of(later) == later.started_at + 5 * SECOND


def give_ten_minutes(office: Client, attempt: QuizAttempt) -> int:
    chosen = {"action": "give_ten_minutes", "_selected_action": [attempt.pk]}
    return office.post("/admin/courses/quizattempt/", chosen).status_code


def test_instructor_gives_ten_minutes_in_the_back_office(
    running: QuizAttempt, asha: CustomUser, chitra: CustomUser
) -> None:
    before = deadline_of(running)
    for teacher, got in ((chitra, 0), (asha, 600)):
        CustomUser.objects.filter(pk=teacher.pk).update(is_staff=True, role="instructor")
        teacher.groups.add(Group.objects.get_or_create(name="instructor")[0])
        office = Client()
        office.force_login(teacher)
        assert give_ten_minutes(office, running) == 302
        assert deadline_of(running) == before + got * SECOND


# --- at once ------------------------------------------------------------------------------------


def begun_with_wrong_answers(quiz: Quiz, bilal: CustomUser) -> tuple[QuizAttempt, datetime]:
    """Saved are all wrong; who submits all right shows whose answers were graded. With its deadline, a minute ahead."""
    attempt = start_attempt(learner=bilal, quiz_id=quiz.pk).running.attempt
    save_answers(learner=bilal, attempt_id=attempt.pk, answers=wrong_answers_to(quiz))
    deadline = timezone.now() + 60 * SECOND
    QuizAttempt.objects.filter(pk=attempt.pk).update(deadline=deadline)
    return attempt, deadline


def is_graded_as_one(attempt: QuizAttempt, submitted: Any, *, in_time: bool) -> bool:
    """Say whether score, points and every answer are those of one side, and the submit was told the same."""
    attempt.refresh_from_db()
    rows = list(QuizAnswer.objects.filter(attempt=attempt))
    return (
        attempt.status == "submitted"
        and isinstance(submitted, closing.ClosedAttempt)
        and (submitted.attempt.completed_at, submitted.attempt.score) == (attempt.completed_at, attempt.score)
        and {row.is_correct for row in rows} == {in_time}
        and sum(row.points_earned for row in rows) == attempt.points_earned
    )


def is_whole_after_submit_and_sweep(all_at_once: AllAtOnce, quiz: Quiz, asha: CustomUser, bilal: CustomUser) -> bool:
    """Let a submit in time, two late sweeps and an edit that takes time away meet; say whether one of them won."""
    attempt, deadline = begun_with_wrong_answers(quiz, bilal)
    right = right_answers_to(quiz)
    early, late, edited = deadline - SECOND, deadline + SECOND, deadline - 30 * SECOND
    submitted, first, second, _edit = all_at_once(
        lambda: submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=right, now=early),
        lambda: close_expired_attempts(now=late),
        lambda: close_expired_attempts(now=late),
        lambda: QuizAttempt.objects.filter(pk=attempt.pk, status="open").update(deadline=edited),
    )
    attempt.refresh_from_db()
    in_time = attempt.completed_at == early
    return (
        is_graded_as_one(attempt, submitted, in_time=in_time)
        # Graded once: by the submit, or by a sweep, or past its edited deadline by the submit that met it there.
        and first + second <= (0 if in_time else 1)
        and (in_time or attempt.completed_at == attempt.deadline)
    )


def is_whole_after_more_time(all_at_once: AllAtOnce, quiz: Quiz, asha: CustomUser, bilal: CustomUser) -> bool:
    """Let more time meet a submit and two sweeps between the old end and the new; say whether all agree who was first.

    With the time given first the submit is in time and nobody sweeps; given later, it comes too late for anything.
    """
    attempt, deadline = begun_with_wrong_answers(quiz, bilal)
    right = right_answers_to(quiz)
    early, between = deadline - SECOND, deadline + SECOND
    given, submitted, first, second = all_at_once(
        lambda: extend_deadlines(author=asha, attempt_ids=[attempt.pk], seconds=600, now=early),
        lambda: submit_attempt(learner=bilal, attempt_id=attempt.pk, answers=right, now=between),
        lambda: close_expired_attempts(now=between),
        lambda: close_expired_attempts(now=between),
    )
    attempt.refresh_from_db()
    expected = (deadline + 600 * SECOND, between) if given else (deadline, deadline)
    return (
        is_graded_as_one(attempt, submitted, in_time=bool(given))
        and (attempt.deadline, attempt.completed_at) == expected
        and first + second <= (0 if given else 1)
    )


Meeting = Callable[[AllAtOnce, Quiz, CustomUser, CustomUser], bool]
MEETINGS = [is_whole_after_submit_and_sweep, is_whole_after_more_time]


@pytest.mark.parametrize("is_whole", MEETINGS)
def test_submit_sweep_and_an_edited_deadline_leave_no_mixed_state(
    is_whole: Meeting, all_at_once: AllAtOnce, quiz: Quiz, asha: CustomUser, bilal: CustomUser
) -> None:
    assert all(is_whole(all_at_once, quiz, asha, bilal) for _round in range(ROUNDS))


def unguarded_claim(attempt_id: int, condition: Q, **changes: Any) -> bool:
    return bool(QuizAttempt.objects.filter(pk=attempt_id).update(**changes))


@pytest.mark.parametrize("is_whole", MEETINGS)
def test_without_the_condition_submit_and_sweep_both_grade(
    is_whole: Meeting,
    all_at_once: AllAtOnce,
    quiz: Quiz,
    asha: CustomUser,
    bilal: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(closing, "_claim", unguarded_claim)
    assert not all(is_whole(all_at_once, quiz, asha, bilal) for _round in range(MOST_ROUNDS))


def test_without_the_condition_a_closed_attempt_gets_more_time(
    all_at_once: AllAtOnce, quiz: Quiz, asha: CustomUser, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "_in_time", lambda now: Q())
    assert not all(is_whole_after_more_time(all_at_once, quiz, asha, bilal) for _round in range(MOST_ROUNDS))


def test_more_time_that_comes_between_the_two_looks_of_a_submit_counts(
    quiz: Quiz, running: QuizAttempt, asha: CustomUser, bilal: CustomUser, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: nothing comes between")
    deadline = deadline_of(running)

    def give_time() -> None:
        try:
            extend_deadlines(author=asha, attempt_ids=[running.pk], seconds=600, now=deadline - SECOND)
        finally:
            connections.close_all()

    looks = []

    def then_give_time(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if sql.startswith("UPDATE") and not looks:
            looks.append(sql)
            with ThreadPoolExecutor(1) as another:
                another.submit(give_time).result()
        return result

    with connection.execute_wrapper(then_give_time):
        closed = submit_attempt(
            learner=bilal, attempt_id=running.pk, answers=right_answers_to(quiz), now=deadline + SECOND
        )
    assert looks
    assert (closed.attempt.score, closed.attempt.completed_at) == (Decimal(100), deadline + SECOND)
