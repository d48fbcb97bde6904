"""The bank: every question of the quizzes that a learner may take, and which of them they may be asked now."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.api import User
from courses.assessment.models import Question, QuizAnswer, QuizAttempt, running_attempt
from courses.learning.models import current_enrollment

_Status = QuizAttempt.Status


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a learner wants to practise; what is empty leaves that side open. Letter case doesn't count."""

    subject: str
    topic: str | None = None
    grade: str | None = None
    difficulty: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A question that may be drawn, when the learner was last asked it, and how many assessments they have."""

    id: int
    seen_at: datetime | None
    open_assessments: int
    last_number: int


def questions_in_bank(learner: User, wanted: Wanted, now: datetime) -> list[Found]:
    """Return what may be drawn for the learner, in one statement.

    Only from courses that a current enrolment opens, also for owners and admins. Left out are quizzes whose
    keys the learner must not see yet: those of which an attempt is running, and those that may be taken once
    and weren't. (Of any other quiz a first attempt, handed in empty, shows the same keys.)
    """
    mine = QuizAttempt.objects.filter(user=learner)
    at_its_quiz = mine.filter(quiz=OuterRef("quiz"))
    seen = QuizAnswer.objects.filter(question=OuterRef("pk"), attempt__user=learner).order_by()
    rows: Any = (
        _matching(wanted)
        .filter(
            Q(Exists(_enrolled(learner, now))),
            ~Exists(at_its_quiz.filter(running_attempt(now))),
            ~Q(quiz__max_attempts=1) | Exists(at_its_quiz.exclude(status=_Status.OPEN)),
        )
        .values_list(
            "pk",
            Subquery(seen.values("question").annotate(last=Max("attempt__started_at")).values("last")),
            _of_assessments(mine.filter(status=_Status.OPEN), Count("pk")),
            _of_assessments(mine, Max("attempt_number")),
        )
    )
    return [Found(*row) for row in rows.order_by("pk")]


def running_quizzes_of(user_ids: Iterable[int], now: datetime) -> set[tuple[int, int]]:
    """Return ``(user_id, quiz_id)`` of every attempt at a quiz that runs, in one statement."""
    running = QuizAttempt.objects.filter(running_attempt(now), user__in=set(user_ids), quiz__isnull=False)
    return set(running.values_list("user_id", "quiz_id"))


def is_any_asked_now(learner: User, question_ids: Collection[int], now: datetime) -> bool:
    """Say whether one of the questions belongs to a quiz of which the learner has an attempt running."""
    running = QuizAttempt.objects.filter(running_attempt(now), user=learner, quiz=OuterRef("quiz"))
    return Question.objects.filter(Exists(running), pk__in=question_ids).exists()


def _matching(wanted: Wanted) -> QuerySet[Question]:
    """Questions whose content or course is of the subject and grade, and who are, or whose content is, of the topic."""
    content, course = "quiz__content__", "quiz__content__module__course__"
    asked = _either(wanted.subject, f"{content}subject", f"{course}subject")
    asked &= _either(wanted.grade, f"{content}grade", f"{course}grade")
    asked &= _either(wanted.topic, "topic", f"{content}topic")
    asked &= Q(difficulty=wanted.difficulty) if wanted.difficulty else Q()
    return Question.objects.filter(asked)


def _either(value: str | None, *fields: str) -> Q:
    matches = Q()
    for field in fields if value else ():
        matches |= Q(**{f"{field}__iexact": value})
    return matches


def _enrolled(learner: User, now: datetime) -> QuerySet[Any]:
    enrollments = learner.enrollments.filter(current_enrollment(now))
    return enrollments.filter(course=OuterRef("quiz__content__module__course"))


def _of_assessments(attempts: QuerySet[QuizAttempt], counted: Count | Max) -> Coalesce:
    """Reckon over the learner's assessments; the same for each row, so the database does it once."""
    assessments = attempts.filter(quiz=None).order_by().values("user")
    return Coalesce(Subquery(assessments.annotate(reckoned=counted).values("reckoned")), 0)
