"""What learners asked and what they were told."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.api import User


class ConversationRows(models.QuerySet["Conversation"]):
    def visible_to(self, user: "User") -> "ConversationRows":
        """Own ones. What instructors read of their courses is ``selectors.transcripts_for``."""
        return self.filter(user=user)


class Conversation(models.Model):
    """One learner's talk with the tutor. ``course`` and ``content`` are what it is about; empty: any own course.

    Deleting one deletes all that was said in it. What it spent stays spent.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("learner")
    )
    course = models.ForeignKey(
        "courses.Course", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("course")
    )
    content = models.ForeignKey(
        "courses.Content", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("content")
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    last_message_at = models.DateTimeField(_("last message"), default=timezone.now)

    objects: ClassVar[ConversationRows] = ConversationRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-last_message_at", "-id"]
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(fields=["user", "-last_message_at"], name="conversations_of_learner"),
            models.Index(fields=["course", "-last_message_at"], name="conversations_of_course"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.pk}"


class Message(models.Model):
    """A question, or the answer to one. ``answers`` is the question that an answer belongs to: one answer a question.

    ``state`` of an answer: ``pending`` while it is written, ``complete``, ``declined`` (nothing in what the learner may
    open holds it, or it is not for the tutor to say) or ``broken`` (the provider failed; what came is kept). A question
    is complete. ``reserved_*`` is what an answer took from the day's budget and has not settled yet: a sweep settles
    what a crash left pending. ``prompt_tokens`` and ``completion_tokens`` are what it took in the end. A
    conversation has one pending answer at most.
    """

    class Role(models.TextChoices):
        USER = "user", _("learner")
        ASSISTANT = "assistant", _("tutor")

    class State(models.TextChoices):
        PENDING = "pending", _("being written")
        COMPLETE = "complete", _("complete")
        DECLINED = "declined", _("declined")
        BROKEN = "broken", _("broken off")

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages", verbose_name=_("conversation")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)
    content = models.TextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.COMPLETE)
    answers = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="answer", verbose_name=_("answers")
    )
    model = models.CharField(_("model"), max_length=100, blank=True)
    prompt_tokens = models.PositiveIntegerField(_("tokens read"), default=0)
    completion_tokens = models.PositiveIntegerField(_("tokens written"), default=0)
    reserved_tokens = models.PositiveIntegerField(default=0, editable=False)
    reserved_on = models.DateField(null=True, blank=True, editable=False)
    is_helpful = models.BooleanField(_("helpful"), null=True, blank=True)
    feedback = models.CharField(_("comment"), max_length=1000, blank=True)
    created_at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(fields=["conversation", "id"], name="tutor_messages_in_order"),
            models.Index(fields=["created_at"], condition=Q(state="pending"), name="tutor_answers_pending"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(state="pending"), name="one_answer_written_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class Citation(models.Model):
    """Where an answer is from. ``quote`` stands in the content as it was then; ``title`` is the content's, then.

    A row is only made for a chunk that was put before the model and whose text holds the quote.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="citations", verbose_name=_("message"))
    number = models.PositiveSmallIntegerField(_("number"))
    content = models.ForeignKey(
        "courses.Content", on_delete=models.CASCADE, related_name="+", verbose_name=_("content")
    )
    course = models.ForeignKey("courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    title = models.CharField(_("title"), max_length=200)
    quote = models.TextField(_("quote"))
    start_seconds = models.PositiveIntegerField(_("from second"), null=True, blank=True)

    class Meta:
        ordering = ["message_id", "number"]
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="one_citation_a_number")]

    def __str__(self) -> str:
        return f"[{self.number}] {self.title}"


class DayBudget(models.Model):
    """What one learner has taken of one day (in UTC): reserved before a call, settled after it.

    The condition on the row's own update is the limit: no two at once get past it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    day = models.DateField(_("day"))
    messages = models.PositiveIntegerField(_("messages"), default=0)
    tokens = models.PositiveIntegerField(_("tokens"), default=0)

    class Meta:
        ordering = ["-day", "user_id"]
        verbose_name = _("budget of a day")
        verbose_name_plural = _("budgets of days")
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_budget_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Flag(models.Model):
    """Something severe was said to the tutor: staff are to look. The words stay when the conversation is deleted."""

    class Kind(models.TextChoices):
        SELF_HARM = "self_harm", _("self-harm")
        ABUSE = "abuse", _("abuse")
        VIOLENCE = "violence", _("violence")
        SEXUAL = "sexual", _("sexual content")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="flag", verbose_name=_("message")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    words = models.CharField(_("words"), max_length=1000)
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        ordering = ["-raised_at", "-id"]
        verbose_name = _("flag")
        verbose_name_plural = _("flags")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
