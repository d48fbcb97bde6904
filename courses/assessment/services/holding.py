"""Holding attempts and their quizzes before they are removed.

The order of locks is attempts, quizzes, enrolments, contents: a submit holds its attempt when it
counts in the enrolment, and its commit looks for the quiz and the content that it names. Whoever
removes a quiz, or what holds one, takes them in the same order, or each would wait for the other.
"""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from courses.assessment.models import Quiz, QuizAttempt
from courses.catalogue.models import Content
from e_learning.core.api.errors import Conflict


class QuizIsBegun(Conflict):
    code = "quiz_is_begun"
    message = _("Somebody began this quiz in this moment. Try again.")


def hold_attempts(contents: Sequence[Content]) -> None:
    """Hold what learners do with the quizzes of contents that are about to be removed, until the commit.

    Registered for the removal of contents (``courses.apps``), before the room below counts anything.
    """
    hold_attempts_at(Quiz.objects.filter(content__in=contents).values_list("pk", flat=True))


def hold_attempts_at(quiz_ids: Iterable[int]) -> None:
    """Hold every attempt at the quizzes in the order of their ids, and then the quizzes: no other attempt begins.

    Refuses (409) where one began before the quiz was held and is in use already: waiting for it now
    would be waiting in the wrong order.
    """
    quizzes = sorted(quiz_ids)
    attempts = QuizAttempt.objects.filter(quiz__in=quizzes).order_by("pk")
    held = set(attempts.select_for_update().values_list("pk", flat=True))
    list(Quiz.objects.select_for_update().filter(pk__in=quizzes).order_by("pk").values_list("pk"))
    late = set(attempts.values_list("pk", flat=True)) - held
    free = attempts.select_for_update(skip_locked=True).filter(pk__in=late)
    if late and len(free.values_list("pk")) < len(late):
        raise QuizIsBegun
