"""The inbox: what the gateway told us, word for word."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WebhookEvent(models.Model):
    """One event, kept as it came, once an ``X-Razorpay-Event-Id``. The answer is given before the work is done.

    A task claims the row by moving ``next_attempt_at`` ahead, so two never hold the same one, and one
    that died gives it up. ``parked``: it tells of an order that is not known yet; it is tried again.
    ``refused``: it contradicts what we know (another amount, currency or account) and changed nothing.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        PROCESSED = "processed", _("processed")
        PARKED = "parked", _("waits for its order")
        IGNORED = "ignored", _("nothing to do")
        REFUSED = "refused", _("refused")

    event_id = models.CharField(_("event id"), max_length=100, unique=True)
    event = models.CharField(_("event"), max_length=80)
    gateway = models.CharField(_("gateway"), max_length=10)
    body = models.TextField(_("as received"))
    state = models.CharField(_("status"), max_length=9, choices=State, default=State.RECEIVED)
    note = models.CharField(_("what became of it"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("times tried"), default=0)
    next_attempt_at = models.DateTimeField(editable=False)
    received_at = models.DateTimeField(_("received"))
    processed_at = models.DateTimeField(_("processed"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["received", "parked"]), name="webhook_events_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.event} ({self.state})"
