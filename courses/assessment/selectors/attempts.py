"""Attempts as those who may see them see them: an open one with its questions, a closed one with what was right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.api import User
from courses.assessment.grading import GradedAnswer, Shown, question_ids
from courses.assessment.kinds import Response, RightAnswer, kind_of
from courses.assessment.models import Question, QuizAnswer, QuizAttempt
from courses.assessment.selectors.bank import running_quizzes_of
from courses.assessment.selectors.questions import questions_as_shown, right_answers
from courses.learning.completion import percent_of
from e_learning.core.api.errors import NotThere


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that is running, what it asks and what was saved of it so far."""

    attempt: QuizAttempt
    shown: Shown
    saved: dict[int, Response]


@dataclass(frozen=True, slots=True)
class ClosedAttempt:
    """An attempt that has been graded. ``progress_percent`` is the course's, as it stands now; None of an assessment.

    Of an assessment, answers to questions of a quiz that its learner is taking are left out until that is over.
    """

    attempt: QuizAttempt
    answers: Sequence[GradedAnswer]
    progress_percent: float | None


def attempts_visible_to(user: User, *, quiz_id: int | None = None) -> QuerySet[QuizAttempt]:
    """Return own attempts and all of the courses that ``user`` owns, latest first; of one quiz where asked.

    Somebody else's assessment, which is of no one course, is seen by admins only.
    """
    attempts = _read()
    if not user.is_admin:
        mine = Q(user=user)
        # Asked of teachers only: the "or" keeps the database from the index on learners, which most callers are.
        taught = Q(quiz__content__module__course__instructor=user)
        attempts = attempts.filter(mine | taught if user.may_teach else mine)
    return attempts if quiz_id is None else attempts.filter(quiz_id=quiz_id)


def visible_attempt(user: User, attempt_id: int) -> QuizAttempt:
    attempt: QuizAttempt | None = attempts_visible_to(user).filter(pk=attempt_id).first()
    if attempt is None:
        raise NotThere
    return attempt


def own_attempt(learner: User, attempt_id: int) -> QuizAttempt:
    """Return the learner's attempt; anybody else's is not there (404), also for the course's owner."""
    attempt: QuizAttempt | None = _read().filter(user=learner, pk=attempt_id).first()
    if attempt is None:
        raise NotThere
    return attempt


def attempts_now(ids: Iterable[int]) -> dict[int, QuizAttempt]:
    return _read().in_bulk(list(ids))


def attempts_as_seen(attempts: Sequence[QuizAttempt]) -> list[OpenAttempt | ClosedAttempt]:
    """Return each attempt as it may be seen in its stage, in the same order; six statements for any number."""
    saved: dict[int, dict[int, QuizAnswer]] = {}
    for answer in QuizAnswer.objects.filter(attempt__in=[attempt.pk for attempt in attempts]):
        saved.setdefault(answer.attempt_id, {})[answer.question_id] = answer
    running = {id_ for attempt in attempts if attempt.is_open for id_ in question_ids(attempt.layout)}
    shown = questions_as_shown(ids=running) if running else Shown({})
    done = {id_ for attempt in attempts if not attempt.is_open for id_ in question_ids(attempt.layout)}
    right = right_answers(Question.objects.filter(pk__in=done)) if done else {}
    practised = {attempt.user_id for attempt in attempts if attempt.is_assessment and not attempt.is_open}
    being_taken = running_quizzes_of(practised, timezone.now()) if practised else set()
    return [
        OpenAttempt(attempt, shown, {id_: row.response for id_, row in saved.get(attempt.pk, {}).items()})
        if attempt.is_open
        else _closed(attempt, saved.get(attempt.pk, {}), _may_be_told(attempt, right, being_taken))
        for attempt in attempts
    ]


def _may_be_told(
    attempt: QuizAttempt, right: dict[int, RightAnswer], being_taken: set[tuple[int, int]]
) -> dict[int, RightAnswer]:
    """Withhold from an assessment the keys of quizzes that its learner is taking right now."""
    if not attempt.is_assessment or not being_taken:
        return right
    return {id_: one for id_, one in right.items() if (attempt.user_id, one.question.quiz_id) not in being_taken}


def _closed(attempt: QuizAttempt, answers: dict[int, QuizAnswer], right: dict[int, RightAnswer]) -> ClosedAttempt:
    # In the layout's order; a question that its author has removed since is gone with its answers.
    asked = [id_ for id_ in question_ids(attempt.layout) if id_ in answers and id_ in right]
    enrollment = attempt.enrollment
    return ClosedAttempt(
        attempt,
        [_as_graded(answers[id_], right[id_]) for id_ in asked],
        percent_of(enrollment.completed_count, enrollment.course.content_count) if enrollment else None,
    )


def _as_graded(answer: QuizAnswer, right: RightAnswer) -> GradedAnswer:
    return GradedAnswer(
        question_id=answer.question_id,
        response=answer.response,
        is_correct=answer.is_correct,
        points_earned=Decimal(answer.points_earned),
        correct=kind_of(right.question.question_type).correct(right),
        explanation=right.key.explanation,
        feedback=answer.feedback,
    )


def _read() -> QuerySet[QuizAttempt, Any]:
    return QuizAttempt.objects.select_related("quiz", "user", "enrollment__course").defer(
        "enrollment__course__description"
    )
