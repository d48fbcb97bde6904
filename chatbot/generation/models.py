"""Jobs that write drafts, and the drafts that wait for their owner."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.api import User

_UNFINISHED = Q(status__in=["queued", "running"])


class JobRows(models.QuerySet["Job"]):
    def visible_to(self, user: "User") -> "JobRows":
        """Those of own courses, whoever asked for them; all for admins."""
        return self.all() if user.is_admin else self.filter(course__instructor=user)

    def unfinished(self) -> "JobRows":
        return self.filter(_UNFINISHED)


class Job(models.Model):
    """Drafts asked for, of one content or of a course's; ``plan`` are its steps: ``{"content_id", "topic", "count"}``.

    The row is the job: a worker holds it while ``claimed_until`` is ahead and as it wrote it, makes the plan, does one
    step after the other, and each step's drafts are stored with ``steps_done`` by one transaction. What a crash left
    is found by the sweep and goes on where it was. ``place`` is which of the asker's unfinished jobs it is: two can't
    have the same. ``per_topic`` is set where ``manage.py generate_questions`` asked for ``topic``, once for each of
    what it may be asked for, and finds by it what it has done.
    """

    class Kind(models.TextChoices):
        QUESTIONS = "questions", _("questions")
        SUMMARY = "summary", _("summary")
        FLASHCARDS = "flashcards", _("flashcards")

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    course = models.ForeignKey("courses.Course", on_delete=models.CASCADE, related_name="+", verbose_name=_("course"))
    content = models.ForeignKey(
        "courses.Content", on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("content")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    difficulty = models.CharField(_("difficulty"), max_length=10)
    question_types = models.JSONField(_("types of question"), default=list, blank=True)
    count = models.PositiveSmallIntegerField(_("drafts wanted"))
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    per_topic = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    place = models.PositiveSmallIntegerField(null=True, editable=False)
    plan = models.JSONField(default=list, editable=False)
    steps_done = models.PositiveIntegerField(default=0, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    error = models.CharField(_("why it failed"), max_length=30, blank=True)
    refused = models.JSONField(_("drafts refused by rule"), default=dict, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects: ClassVar[JobRows] = JobRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["created_at"], condition=_UNFINISHED, name="job_to_do"),
            models.Index(fields=["course", "-created_at"], name="job_of_course"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["asked_by", "place"], condition=_UNFINISHED, name="one_job_a_place"),
            models.UniqueConstraint(
                fields=["course", "topic", "per_topic", "difficulty", "question_types"],
                condition=Q(per_topic__isnull=False),
                name="one_job_a_topic",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def percent(self) -> int:
        """How much of it is done, 0 to 100. Steps for what the first ones left wanting are the last of it."""
        if self.status == self.Status.SUCCEEDED:
            return 100
        first = sum(not step["round"] for step in self.plan) or 1
        return min(99, 100 * self.steps_done // first)


class Draft(models.Model):
    """What was made of a content, until its owner takes it or leaves it.

    ``body`` is a question as its author writes it (API §3), ``{"text"}`` of a summary, ``{"front", "back"}`` of a
    card; of an accepted one, as it was accepted. ``quote`` stands word for word in the content, and is what the draft
    was made from. ``is_by_rule``: no model wrote it. ``question_id`` is the question that it became. Accepted
    summaries and cards are what learners read beside the content, until they are rejected after all.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waits for its owner")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="drafts", verbose_name=_("job"))
    content = models.ForeignKey(
        "courses.Content", on_delete=models.CASCADE, related_name="+", verbose_name=_("made from")
    )
    order = models.PositiveIntegerField(_("order"))
    body = models.JSONField(_("draft"))
    quote = models.TextField(_("source"))
    is_by_rule = models.BooleanField(_("made by rule"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    question_id = models.PositiveBigIntegerField(_("became question"), null=True, blank=True)

    class Meta:
        ordering = ["job_id", "order"]
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [models.UniqueConstraint(fields=["job", "order"], name="one_draft_a_place")]

    def __str__(self) -> str:
        return f"{self.job_id}.{self.order}"
