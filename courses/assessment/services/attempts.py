"""Starting an attempt and saving what is answered so far.

The two constraints of ``QuizAttempt`` decide who starts what: a start counts, tries to insert the
next number, and where another request was first it looks again. Never more than ``max_attempts``,
never two open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, FilteredRelation, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.assessment.grading import lay_out, read_answers
from courses.assessment.kinds import Response
from courses.assessment.models import Question, Quiz, QuizAnswer, QuizAttempt, running_attempt
from courses.assessment.selectors import OpenAttempt, attempts_as_seen, own_attempt, questions_as_shown
from courses.assessment.services.again import again_if_torn
from courses.assessment.services.closing import AlreadySubmitted, close_overdue_attempt
from courses.catalogue.models import Course
from courses.learning.access import EnrollmentRequired
from courses.learning.models import Enrollment, current_enrollment
from e_learning.core.api.errors import Conflict, NotThere

_rng = SystemRandom()
#: Each try that fails means that another request of the same learner began or ended an attempt in that moment.
_MOST_TRIES = 8
_Status = QuizAttempt.Status


class NoAttemptsLeft(Conflict):
    code = "no_attempts_left"
    message = _("You have used all attempts at this quiz.")


class QuizIsEmpty(Conflict):
    code = "quiz_is_empty"
    message = _("This quiz has no questions yet.")


class DeadlinePassed(Conflict):
    code = "deadline_passed"
    message = _("The time for this attempt is over. What was saved counts.")


@dataclass(frozen=True, slots=True)
class StartedAttempt:
    running: OpenAttempt
    is_new: bool


def start_attempt(*, learner: User, quiz_id: int, now: datetime | None = None) -> StartedAttempt:
    """Begin an attempt, or hand back the one that is running.

    Refuses, in this order: 404 (no such quiz, or in a course the learner may not know of), 403
    ``enrollment_required``, 409 ``no_attempts_left``, 409 ``quiz_is_empty``. An attempt found past its
    deadline is closed first and counts.
    """
    now = now or timezone.now()
    for _try in range(_MOST_TRIES):
        quiz = _quiz_for(learner, quiz_id, now)
        if quiz.open_id is not None:
            running = _running(learner, quiz.open_id, now)
            if running is not None:
                return StartedAttempt(running, is_new=False)
            continue
        if quiz.max_attempts is not None and quiz.taken >= quiz.max_attempts:
            raise NoAttemptsLeft
        begun = _begin(learner, quiz, now)
        if begun is not None:
            return StartedAttempt(begun, is_new=True)
    raise Conflict


def _quiz_for(learner: User, quiz_id: int, now: datetime) -> Any:
    """Return the quiz with ``enrollment_id, taken, last_number, open_id`` of the learner, in one statement."""
    enrolled = Enrollment.objects.filter(
        current_enrollment(now), user=learner, course=OuterRef("content__module__course")
    )
    visible = Course.objects.visible_to(learner).filter(pk=OuterRef("content__module__course"))
    quiz: Any = (
        Quiz.objects.filter(Exists(visible), pk=quiz_id)
        .annotate(
            mine=FilteredRelation("attempts", condition=Q(attempts__user=learner)),
            taken=Count("mine"),
            last_number=Max("mine__attempt_number"),
            open_id=Max("mine__pk", filter=Q(mine__status=_Status.OPEN)),
            enrollment_id=Subquery(enrolled.values("pk")[:1]),
        )
        .first()
    )
    if quiz is None:
        raise NotThere
    if quiz.enrollment_id is None:
        raise EnrollmentRequired
    return quiz


def _running(learner: User, attempt_id: int, now: datetime) -> OpenAttempt | None:
    """Return the attempt if it still runs; one past its deadline is closed."""
    attempt = own_attempt(learner, attempt_id)
    if attempt.is_overdue(now):
        close_overdue_attempt(attempt_id=attempt_id, now=now)
        return None
    [seen] = attempts_as_seen([attempt])
    return seen if isinstance(seen, OpenAttempt) else None


def _begin(learner: User, quiz: Any, now: datetime) -> OpenAttempt | None:
    """Insert the next attempt; None where a constraint says that another request was first."""
    shown = questions_as_shown(quiz_id=quiz.pk)
    if not shown.questions:
        raise QuizIsEmpty
    attempt = QuizAttempt(
        user=learner,
        quiz=quiz,
        enrollment_id=quiz.enrollment_id,
        # By the highest number, not by the count: an attempt that staff removed must not block the next.
        attempt_number=(quiz.last_number or 0) + 1,
        started_at=now,
        deadline=now + timedelta(seconds=quiz.time_limit) if quiz.time_limit else None,
        layout=lay_out(shown, _rng),
    )
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
    except IntegrityError:
        return None
    return OpenAttempt(attempt, shown, {})


def _held_open(attempt_id: int, now: datetime) -> bool:
    """Say whether the attempt runs, and hold its row until the commit; the update changes nothing else.

    Whoever closes the attempt comes before, and then no row is found here, or after, and then the
    closing sees what was saved.
    """
    return bool(QuizAttempt.objects.filter(running_attempt(now), pk=attempt_id).update(status=_Status.OPEN))


def save_answers(
    *, learner: User, attempt_id: int, answers: Iterable[Mapping[str, Any]], now: datetime | None = None
) -> dict[int, Response]:
    """Keep answers of a running attempt, each over what was saved for its question; returns what was kept now.

    Refuses with 404 (not the learner's), 400 (see ``read_answers``), 409 ``already_submitted`` and 409
    ``deadline_passed``.
    """
    now = now or timezone.now()
    return again_if_torn(lambda: _save(own_attempt(learner, attempt_id), list(answers), now))


@transaction.atomic
def _save(attempt: QuizAttempt, answers: list[Mapping[str, Any]], now: datetime) -> dict[int, Response]:
    responses = read_answers(attempt.layout, answers)
    if not _held_open(attempt.pk, now):
        now_is = QuizAttempt.objects.filter(pk=attempt.pk).values_list("status", flat=True).first()
        if now_is is None:  # its quiz was removed in this moment
            raise NotThere
        raise AlreadySubmitted if now_is == _Status.SUBMITTED else DeadlinePassed
    # A question that its author removed meanwhile is no longer asked.
    standing = set(Question.objects.filter(pk__in=responses).values_list("pk", flat=True))
    QuizAnswer.objects.bulk_create(
        [
            QuizAnswer(attempt=attempt, question_id=id_, response=responses[id_])
            for id_ in sorted(responses)
            if id_ in standing
        ],
        update_conflicts=True,
        unique_fields=["attempt", "question"],
        update_fields=["response"],
    )
    return responses
