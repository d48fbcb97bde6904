"""Quizzes, what they ask, what is right, and what learners answered."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.catalogue.models import Content
from courses.learning.models import Enrollment


class QuestionType(models.TextChoices):
    MULTIPLE_CHOICE = "multiple_choice", _("one right option")
    MULTIPLE_SELECT = "multiple_select", _("several right options")
    TRUE_FALSE = "true_false", _("true or false")
    FILL_IN_BLANK = "fill_in_blank", _("a word or phrase")
    NUMERIC = "numeric", _("a number")
    MATCHING = "matching", _("pairs")
    ORDERING = "ordering", _("an order")
    ESSAY = "essay", _("an essay")


class Quiz(models.Model):
    """The quiz of one content. ``passing_score`` in percent, ``time_limit`` in seconds; null means none."""

    content = models.OneToOneField(Content, on_delete=models.CASCADE, related_name="quiz", verbose_name=_("content"))
    title = models.CharField(_("title"), max_length=200)
    passing_score = models.PositiveSmallIntegerField(
        _("percent to pass"), default=60, validators=[MaxValueValidator(100)]
    )
    time_limit = models.PositiveIntegerField(
        _("seconds allowed"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    max_attempts = models.PositiveSmallIntegerField(
        _("attempts allowed"), null=True, blank=True, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        constraints = [models.CheckConstraint(condition=Q(passing_score__lte=100), name="passing_score_is_a_percent")]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """What is asked, as learners may see it. What is right is in AnswerKey and in the options' key fields."""

    class Difficulty(models.TextChoices):
        EASY = "easy", _("easy")
        MEDIUM = "medium", _("medium")
        HARD = "hard", _("hard")

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="questions", verbose_name=_("quiz"))
    question_text = models.TextField(_("question"))
    question_type = models.CharField(_("type"), max_length=20, choices=QuestionType)
    points = models.PositiveSmallIntegerField(_("points"), default=1)
    order = models.PositiveIntegerField(_("order"), default=0)
    difficulty = models.CharField(_("difficulty"), max_length=10, choices=Difficulty, default=Difficulty.MEDIUM)
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    external_id = models.CharField(_("imported as"), max_length=255, blank=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "external_id"], condition=~Q(external_id=""), name="one_question_per_external_id"
            )
        ]

    def __str__(self) -> str:
        return self.question_text[:80]


class QuestionOption(models.Model):
    """Something to choose, order or pair. A pair is a ``left`` row whose ``match`` is its ``right`` row.

    ``is_correct``, ``match`` and (for an ordering question) ``order`` are the key: learner queries name
    ``id, question_id, option_text, side`` and nothing else (assessment.selectors). Rows of ordering and
    matching questions are inserted in a shuffled order, so that ids tell nothing.
    """

    class Side(models.TextChoices):
        CHOICE = "choice", _("to choose or order")
        LEFT = "left", _("left of a pair")
        RIGHT = "right", _("right of a pair")

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options", verbose_name=_("question"))
    option_text = models.CharField(_("text"), max_length=1000)
    side = models.CharField(_("place"), max_length=6, choices=Side, default=Side.CHOICE)
    is_correct = models.BooleanField(_("right"), default=False)
    match = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("belongs to")
    )
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self) -> str:
        return self.option_text[:80]


class AnswerKey(models.Model):
    """What is right and why, for one question: a table of its own, which no learner query joins before its time."""

    question = models.OneToOneField(
        Question, on_delete=models.CASCADE, primary_key=True, related_name="key", verbose_name=_("question")
    )
    explanation = models.TextField(_("explanation"), blank=True)
    accepted_answers = models.JSONField(_("accepted answers"), default=list, blank=True)
    number = models.DecimalField(_("number"), max_digits=24, decimal_places=8, null=True, blank=True)
    tolerance = models.DecimalField(_("tolerance"), max_digits=24, decimal_places=8, default=Decimal(0))

    class Meta:
        verbose_name = _("what is right and why")
        verbose_name_plural = _("what is right and why")

    def __str__(self) -> str:
        return str(self.question_id)


def running_attempt(now: datetime) -> Q:
    """Return the condition under which an attempt takes answers: open, and not past its deadline."""
    return Q(status=QuizAttempt.Status.OPEN) & (Q(deadline=None) | Q(deadline__gt=now))


class QuizAttempt(models.Model):
    """One learner's go at one quiz, or at questions drawn for them from the bank: an assessment.

    Always true: at most one open attempt a learner and quiz; numbers are 1, 2, 3… without doubles. Both
    are constraints, so that starts at the same moment can't break ``max_attempts``. It is closed by one
    conditional update, whoever comes first: the learner's submit or the closing task.
    ``layout`` is how the questions were laid out for this learner (order of options and questions).
    An assessment has no quiz, enrolment, deadline or ``passed``, and is numbered among its learner's own;
    it has an answer row for each question from the start, which is how a draw knows what was seen when.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        SUBMITTED = "submitted", _("submitted")
        EXPIRED = "expired", _("closed at its deadline")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="quiz_attempts", verbose_name=_("user")
    )
    quiz = models.ForeignKey(
        Quiz, on_delete=models.CASCADE, null=True, blank=True, related_name="attempts", verbose_name=_("quiz")
    )
    enrollment = models.ForeignKey(
        Enrollment,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="quiz_attempts",
        verbose_name=_("enrolment"),
    )
    attempt_number = models.PositiveIntegerField(_("attempt"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    started_at = models.DateTimeField(_("started"))
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    layout = models.JSONField(default=dict)
    score = models.DecimalField(_("score in percent"), max_digits=4, decimal_places=1, null=True, blank=True)
    points_earned = models.DecimalField(_("points earned"), max_digits=8, decimal_places=2, default=Decimal(0))
    points_total = models.PositiveIntegerField(_("points to earn"), default=0)
    passed = models.BooleanField(_("passed"), null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(fields=["user", "quiz"], condition=Q(status="open"), name="one_open_attempt"),
            models.UniqueConstraint(fields=["user", "quiz", "attempt_number"], name="one_attempt_per_number"),
            models.UniqueConstraint(
                fields=["user", "attempt_number"], condition=Q(quiz=None), name="one_assessment_per_number"
            ),
            models.CheckConstraint(
                condition=Q(quiz=None, enrollment=None) | Q(quiz__isnull=False, enrollment__isnull=False),
                name="attempt_at_a_quiz_is_enrolled",
            ),
        ]
        indexes = [models.Index(fields=["deadline"], name="attempt_to_close", condition=Q(status="open"))]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.quiz_id or _('assessment')} #{self.attempt_number}"

    @property
    def is_assessment(self) -> bool:
        return self.quiz_id is None

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.deadline is not None and self.deadline <= now


class QuizAnswer(models.Model):
    """One answer in one attempt: ``response`` as the learner's app sent it, graded when the attempt closes.

    ``is_correct`` stays null for an essay until a person has graded it, with ``feedback`` where they had some.
    """

    attempt = models.ForeignKey(
        QuizAttempt, on_delete=models.CASCADE, related_name="answers", verbose_name=_("attempt")
    )
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="+", verbose_name=_("question"))
    response = models.JSONField(_("response"), default=dict)
    is_correct = models.BooleanField(_("right"), null=True, blank=True)
    points_earned = models.DecimalField(_("points earned"), max_digits=8, decimal_places=2, default=Decimal(0))
    feedback = models.TextField(_("feedback"), blank=True, max_length=5000)

    class Meta:
        ordering = ["id"]
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["attempt", "question"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.question_id}"


class EssayAnswer(QuizAnswer):
    """An answer that a person grades, under a name and with permissions of its own in the back office."""

    class Meta:
        proxy = True
        verbose_name = _("essay")
        verbose_name_plural = _("essays")

    def __str__(self) -> str:
        return str(self.question)
