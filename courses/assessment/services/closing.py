"""Closing an attempt: claimed by one conditional update, then graded, in one transaction.

Whoever claims first (the learner's submit, the sweep, a page that met it past its deadline) grades;
everybody else finds nothing to claim. The claim's own condition decides whether it was in time,
so an edit of the deadline at the same moment is wholly before or wholly after it.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.assessment.grading import GradedAnswer, graded, question_ids, read_answers, score_of
from courses.assessment.kinds import Response
from courses.assessment.models import Question, QuizAnswer, QuizAttempt, running_attempt
from courses.assessment.selectors import (
    ClosedAttempt,
    attempts_as_seen,
    attempts_now,
    is_any_asked_now,
    own_attempt,
    right_answers,
)
from courses.assessment.services.again import again_if_torn
from courses.learning.selectors import standing_of
from courses.learning.services import complete_content
from e_learning.core.api.errors import Conflict

logger = logging.getLogger(__name__)
_Status = QuizAttempt.Status


class AlreadySubmitted(Conflict):
    code = "already_submitted"
    message = _("This attempt has been submitted already.")


class QuizIsRunning(Conflict):
    code = "quiz_is_running"
    message = _("Finish the quiz that asks the same questions first.")


def submit_attempt(
    *, learner: User, attempt_id: int, answers: Iterable[Mapping[str, Any]], now: datetime | None = None
) -> ClosedAttempt:
    """Close the learner's attempt with ``answers`` over what was saved, and return it graded.

    After the deadline only what was saved counts, whether or not the sweep was here before. Refuses
    with 404 (not the learner's, or removed meanwhile), 400 (see ``read_answers``; the attempt stays
    open) and, from the second submit on, 409 ``already_submitted``. An assessment waits (409
    ``quiz_is_running``) while its learner takes a quiz with a question of it, whose key the answer
    would tell. An enrolment that has ended meanwhile hinders nobody from ending what was begun.
    """
    now = now or timezone.now()
    return again_if_torn(lambda: _submit(learner, attempt_id, list(answers), now))


@transaction.atomic
def _submit(learner: User, attempt_id: int, answers: list[Mapping[str, Any]], now: datetime) -> ClosedAttempt:
    attempt = own_attempt(learner, attempt_id)
    responses = read_answers(attempt.layout, answers)
    if attempt.is_assessment and attempt.is_open and is_any_asked_now(learner, question_ids(attempt.layout), now):
        raise QuizIsRunning
    if _claim(attempt.pk, running_attempt(now), status=_Status.SUBMITTED, completed_at=now):
        attempt.status, attempt.completed_at = _Status.SUBMITTED, now
        return _grade(attempt, responses)
    close_overdue_attempt(attempt_id=attempt_id, now=now)
    if not _claim(attempt.pk, Q(status=_Status.EXPIRED), status=_Status.SUBMITTED):
        if own_attempt(learner, attempt_id).is_open:  # its deadline was moved between the two looks at it
            return _submit(learner, attempt_id, answers, now)
        raise AlreadySubmitted
    [closed] = attempts_as_seen([own_attempt(learner, attempt_id)])
    assert isinstance(closed, ClosedAttempt)
    return closed


def close_overdue_attempt(*, attempt_id: int, now: datetime) -> bool:
    """Close and grade the attempt if it is open past its deadline; says whether this call did it."""
    return again_if_torn(lambda: _close_overdue(attempt_id, now))


@transaction.atomic
def _close_overdue(attempt_id: int, now: datetime) -> bool:
    overdue = Q(status=_Status.OPEN, deadline__lte=now)
    if not _claim(attempt_id, overdue, status=_Status.EXPIRED, completed_at=F("deadline")):
        return False
    _grade(attempts_now([attempt_id])[attempt_id], {})
    return True


def settled(attempts: Sequence[QuizAttempt], *, now: datetime | None = None) -> list[QuizAttempt]:
    """Return the attempts, those past their deadline closed then and there, in the same order."""
    now = now or timezone.now()
    overdue = [attempt.pk for attempt in attempts if attempt.is_overdue(now)]
    for attempt_id in overdue:
        close_overdue_attempt(attempt_id=attempt_id, now=now)
    closed = attempts_now(overdue) if overdue else {}
    return [closed.get(attempt.pk, attempt) for attempt in attempts]


def close_expired_attempts(*, now: datetime | None = None, batch: int = 200) -> int:
    """Close every attempt that is open past its deadline; returns how many this call closed.

    In order of their ids, each in its own transaction: one that can't be graded is logged and
    doesn't keep the others open.
    """
    now = now or timezone.now()
    closed, last = 0, 0
    overdue = QuizAttempt.objects.filter(status=_Status.OPEN, deadline__lte=now).order_by("pk")
    while ids := list(overdue.filter(pk__gt=last).values_list("pk", flat=True)[:batch]):
        for attempt_id in ids:
            closed += _closed_or_logged(attempt_id, now)
        last = ids[-1]
    return closed


def _closed_or_logged(attempt_id: int, now: datetime) -> bool:
    try:
        return close_overdue_attempt(attempt_id=attempt_id, now=now)
    except Exception:  # whatever it is, the next attempt is not to wait for it
        logger.exception("attempt %s could not be closed", attempt_id)
        return False


def _claim(attempt_id: int, condition: Q, **changes: Any) -> bool:
    """Change the attempt if ``condition`` still holds, and say whether it did: the one way an attempt is closed.

    The row is the winner's until the commit; the condition is false for whoever comes after.
    """
    return bool(QuizAttempt.objects.filter(condition, pk=attempt_id).update(**changes))


def _grade(attempt: QuizAttempt, responses: Mapping[int, Response]) -> ClosedAttempt:
    """Grade a claimed attempt: what was submitted over what was saved. Passing completes the content."""
    saved = QuizAnswer.objects.filter(attempt=attempt, question=OuterRef("pk"))
    asked = Question.objects.filter(pk__in=question_ids(attempt.layout))
    right = right_answers(asked.annotate(saved=Subquery(saved.values("response")[:1])))
    answers = [
        graded(right[id_], responses.get(id_, right[id_].question.saved or {}))  # type: ignore[attr-defined]  # annotated
        for id_ in question_ids(attempt.layout)
        if id_ in right
    ]
    _keep(attempt, answers, points_total=sum(answer.question.points for answer in right.values()))
    return ClosedAttempt(attempt, answers, _progress_after(attempt))


def _progress_after(attempt: QuizAttempt) -> float | None:
    """Complete the content where its quiz is passed; returns the course's percent. An assessment touches no course."""
    if attempt.quiz is None or attempt.enrollment_id is None:
        return None
    assert attempt.completed_at is not None
    standing = (
        complete_content(
            enrollment_id=attempt.enrollment_id, content_id=attempt.quiz.content_id, at=attempt.completed_at
        )
        if attempt.passed
        else standing_of(enrollment_id=attempt.enrollment_id)
    )
    return standing.progress_percent


def _keep(attempt: QuizAttempt, answers: Sequence[GradedAnswer], *, points_total: int) -> None:
    """Write the grades: one row a question, also for those left open, and the score."""
    QuizAnswer.objects.bulk_create(
        [
            QuizAnswer(
                attempt=attempt,
                question_id=answer.question_id,
                response=answer.response,
                is_correct=answer.is_correct,
                points_earned=answer.points_earned,
            )
            for answer in sorted(answers, key=lambda answer: answer.question_id)
        ],
        update_conflicts=True,
        unique_fields=["attempt", "question"],
        update_fields=["response", "is_correct", "points_earned"],
    )
    earned = sum((answer.points_earned for answer in answers), Decimal(0))
    passing_score = attempt.quiz.passing_score if attempt.quiz else None
    score = score_of(points_earned=earned, points_total=points_total, passing_score=passing_score)
    attempt.score, attempt.passed = score.percent, score.passed
    attempt.points_earned, attempt.points_total = score.points_earned, score.points_total
    attempt.save(update_fields=["score", "passed", "points_earned", "points_total"])
