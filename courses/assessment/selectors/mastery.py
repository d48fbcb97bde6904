"""What a learner answered right and wrong, as far as they may know it themselves."""

from typing import NamedTuple

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, When
from django.utils import timezone

from accounts.api import User
from courses.assessment.models import QuizAnswer, QuizAttempt, running_attempt
from courses.learning.models import Enrollment

#: What is older says little of what somebody knows now.
MOST_ANSWERS = 5000
_CONTENT = "question__quiz__content__"


class ToldAnswer(NamedTuple):
    """One graded answer. ``topic`` is the question's, else its content's, else the title of its module.

    ``is_module``: the last of these, which in another course would be another topic.
    """

    question_id: int
    course_id: int
    module_id: int
    topic: str
    is_module: bool
    is_correct: bool


def told_answers(user_id: int, *, course_id: int | None = None, in_quizzes_only: bool = False) -> list[ToldAnswer]:
    """Return the graded answers of a learner's closed attempts, the latest first, of one course where asked.

    Left out are what was left open, essays that nobody graded yet, and answers of an assessment to questions of a quiz
    that the learner is taking right now: these are told when it is over (``attempts_as_seen``). ``in_quizzes_only``
    leaves out assessments, which are of no one course, and so none of its teacher's. One statement.
    """
    running = QuizAttempt.objects.filter(running_attempt(timezone.now()), user=user_id, quiz=OuterRef("question__quiz"))
    of_quizzes = Q(attempt__quiz__isnull=False)
    asked = of_quizzes if in_quizzes_only else of_quizzes | ~Exists(running)
    if course_id is not None:
        asked &= Q(**{f"{_CONTENT}module__course": course_id})
    named = [When(~Q(**{name: ""}), then=F(name)) for name in ("question__topic", f"{_CONTENT}topic")]
    rows = (
        QuizAnswer.objects.filter(asked, attempt__user=user_id, is_correct__isnull=False)
        .exclude(attempt__status=QuizAttempt.Status.OPEN)
        .exclude(response={})
        .annotate(
            subject=Case(*named, default=F(f"{_CONTENT}module__title"), output_field=CharField()),
            is_module=Q(**{"question__topic": "", f"{_CONTENT}topic": ""}),
        )
        .order_by("-attempt__completed_at", "-pk")
    )
    columns = (
        "question_id",
        f"{_CONTENT}module__course_id",
        f"{_CONTENT}module_id",
        "subject",
        "is_module",
        "is_correct",
    )
    return [ToldAnswer._make(row) for row in rows.values_list(*columns)[:MOST_ANSWERS]]


def may_read_answers_of(reader: User, student_id: int, course_id: int | None) -> bool:
    """Say whether ``reader`` teaches this student in this course, now or before, or runs the platform."""
    if reader.is_admin:
        return User.objects.filter(pk=student_id).exists()
    return Enrollment.objects.filter(user=student_id, course=course_id, course__instructor=reader).exists()
