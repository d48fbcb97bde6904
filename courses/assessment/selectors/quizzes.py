"""Quizzes: what their owners may change, and the little that a content's page says of one."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.api import User
from courses.assessment.models import Question, Quiz, QuizAttempt
from courses.catalogue.models import Course
from e_learning.core.api.errors import NotThere


def quizzes_owned_by(user: User) -> QuerySet[Quiz]:
    """Return the quizzes that ``user`` may change, each with ``course_id`` and ``question_count``."""
    return (
        Quiz.objects.filter(content__module__course__in=Course.objects.owned_by(user))
        .select_related("content__module")
        .annotate(question_count=_counted(Question.objects.filter(quiz=OuterRef("pk"))))
        .order_by("id")
    )


def owned_quiz(user: User, quiz_id: int) -> Quiz:
    quiz = quizzes_owned_by(user).filter(pk=quiz_id).first()
    if quiz is None:
        raise NotThere
    return quiz


def quizzes_of_course(course_id: int) -> list[tuple[int, str]]:
    """Return the ids and titles of a course's quizzes, in the order of its contents."""
    rows = Quiz.objects.filter(content__module__course=course_id)
    ordered = rows.order_by("content__module__order", "content__module", "content__order", "pk")
    return list(ordered.values_list("pk", "title"))


def quiz_summary_of(*, content_id: int, user_id: int | None) -> dict[str, Any] | None:
    """Return what the page of a quiz's content says of it, or None where the content has no quiz. One statement."""
    taken = QuizAttempt.objects.filter(quiz=OuterRef("pk"), user_id=user_id)
    summary = (
        Quiz.objects.filter(content_id=content_id)
        .annotate(question_count=_counted(Question.objects.filter(quiz=OuterRef("pk"))), attempts_used=_counted(taken))
        .values("id", "question_count", "passing_score", "time_limit", "max_attempts", "attempts_used")
        .first()
    )
    return dict(summary) if summary else None


def _counted(rows: QuerySet[Any]) -> Coalesce:
    """Count ``rows`` of a quiz in a subquery: two joins beside each other would multiply each other's counts."""
    counted = rows.order_by().values("quiz").annotate(counted=Count("pk")).values("counted")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
