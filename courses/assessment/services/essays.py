"""Grading an essay by hand. The attempt's score, and what it completes, follow in the same transaction."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.assessment.grading import score_of
from courses.assessment.models import EssayAnswer, QuizAnswer, QuizAttempt
from courses.assessment.selectors import essays_owned_by, most_points_for
from courses.events import AttemptGraded
from courses.learning.services import complete_content
from e_learning.core.api.errors import InvalidInput, NotThere
from e_learning.core.events import publish_on_commit


class PointsOutOfRange(InvalidInput):
    code = "points_out_of_range"
    message = _("Give from 0 to %(most)s points, in hundredths at the finest.")

    def __init__(self, most: Decimal) -> None:
        super().__init__(self.message % {"most": f"{most.normalize():f}"}, attr="points")


@transaction.atomic
def grade_essay(
    *, grader: User, answer_id: int, points: Decimal, feedback: str = "", now: datetime | None = None
) -> EssayAnswer:
    """Give an essay its points, any number of times: the last grade counts, the same again changes nothing.

    The attempt's score and ``passed`` follow. Where it now passes, its content is completed as of ``now``;
    where a later grade takes the pass back, what was completed stays so. Refuses with 404 (no essay of a
    closed attempt in a course of the grader's) and 400 ``points_out_of_range``.
    """
    _hold_attempt_of(answer_id)
    essay = essays_owned_by(grader).filter(pk=answer_id).first()
    if essay is None:
        raise NotThere
    check_points(essay, points)
    is_correct = points == essay.question.points
    if (essay.is_correct, essay.points_earned, essay.feedback) != (is_correct, points, feedback):
        _change_score(essay.attempt, by=points - essay.points_earned, at=now or timezone.now())
        essay.is_correct, essay.points_earned, essay.feedback = is_correct, points, feedback
        essay.save(update_fields=["is_correct", "points_earned", "feedback"])
    return essay


def check_points(essay: EssayAnswer, points: Decimal) -> None:
    """Refuse (400) more points than there are to give, less than none, and finer ones than are kept."""
    most = most_points_for(essay)
    if not points.is_finite() or not 0 <= points <= most or points != round(points, 2):
        raise PointsOutOfRange(most)


def _hold_attempt_of(answer_id: int) -> None:
    """Hold the attempt's row until the commit: of two graders at once the second reads what the first wrote."""
    graded = QuizAnswer.objects.filter(pk=answer_id).values("attempt_id")
    QuizAttempt.objects.filter(pk__in=graded).update(status=F("status"))


def _change_score(attempt: QuizAttempt, *, by: Decimal, at: datetime) -> None:
    score = score_of(
        points_earned=attempt.points_earned + by,
        points_total=attempt.points_total,
        passing_score=attempt.quiz.passing_score if attempt.quiz else None,
    )
    attempt.points_earned, attempt.score, attempt.passed = score.points_earned, score.percent, score.passed
    attempt.save(update_fields=["points_earned", "score", "passed"])
    if attempt.quiz is not None and attempt.enrollment_id is not None and attempt.passed:
        complete_content(enrollment_id=attempt.enrollment_id, content_id=attempt.quiz.content_id, at=at)
    publish_on_commit(AttemptGraded(user_id=attempt.user_id, attempt_id=attempt.pk, at=at))
