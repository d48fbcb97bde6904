"""Essays that are handed in: who may grade them, and how many points each has to give."""

from decimal import Decimal

from django.db.models import QuerySet

from accounts.api import User
from courses.assessment.models import EssayAnswer, QuestionType, QuizAttempt
from courses.catalogue.models import Course


def essays_owned_by(user: User) -> QuerySet[EssayAnswer]:
    """Return the essays that ``user`` may grade: of closed attempts, to questions of courses they own.

    Of an assessment, which may ask questions of several courses, each owner sees the essays of their own only.
    """
    return (
        EssayAnswer.objects.filter(
            question__question_type=QuestionType.ESSAY,
            question__quiz__content__module__course__in=Course.objects.owned_by(user),
        )
        .exclude(attempt__status=QuizAttempt.Status.OPEN)
        .select_related("attempt__user", "attempt__quiz", "question__quiz")
    )


def most_points_for(essay: EssayAnswer) -> Decimal:
    """Return the most that may be given: the question's points, and never more than the attempt had to give.

    An attempt keeps the total that it was closed with; points of a question that were raised since don't count.
    """
    attempt = essay.attempt
    others = attempt.points_earned - essay.points_earned
    return max(Decimal(0), min(Decimal(essay.question.points), attempt.points_total - others))
