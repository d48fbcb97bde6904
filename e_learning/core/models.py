"""Rows that plumbing keeps: answers to be given again, and mail on its way out."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotentAnswer(models.Model):
    """The first answer to one ``Idempotency-Key`` of one user (API §1, *retries*).

    Written in the transaction of the work it answers for, so it exists exactly when the work does.
    Unique on (user, key): of two at once the second waits for the first and then reads its answer.
    Work that calls a gateway writes it before, with status 0, and fills it in afterwards.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, help_text=_("SHA-256 of method, path and body"))
    status = models.PositiveSmallIntegerField(default=0)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.key}"


class OutgoingMail(models.Model):
    """One mail to be sent: written beside what caused it, rendered and sent by a task.

    Holds no secret: tokens are made when the mail is rendered. ``recipient`` may be an address that
    nobody has here (a reset asked for a stranger); such a mail ends as ``dropped``, so that asking
    costs and looks the same. At-least-once: a crash between the mail server's acceptance and our
    mark sends it again, under the same Message-ID.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("dropped")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=40)
    recipient = models.CharField(_("recipient"), max_length=254)
    language = models.CharField(_("language"), max_length=10, default="en")
    context = models.JSONField(_("details"), default=dict)
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts to send"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        indexes = [
            models.Index(fields=["next_attempt_at"], name="mail_due", condition=models.Q(state="queued")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient}"
