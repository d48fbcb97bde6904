"""What rows that stand for something at the gateway share; and the sandbox's rows.

Those are Razorpay's objects as it would keep them, and its webhooks on their way to us.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AskedForOnce(models.Model):
    """A row of ours that stands for one thing at the gateway, whose id is asked for by one caller at a time.

    Until ``calling_until`` the right to ask is somebody's; empty where nobody asks.
    """

    calling_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class SandboxObject(models.Model):
    """An order, payment, refund, plan, subscription, invoice or dispute of the sandbox, as Razorpay shows it.

    It stands for what the gateway knows: nothing of payments reads it but through ``gateway()``.
    """

    kind = models.CharField(_("kind"), max_length=12)
    object_id = models.CharField(_("id at the gateway"), max_length=40, unique=True)
    parent = models.CharField(_("belongs to"), max_length=40, blank=True)
    label = models.CharField(_("found by"), max_length=64, blank=True)
    body = models.JSONField(_("object"))

    class Meta:
        verbose_name = _("object of the sandbox")
        verbose_name_plural = _("objects of the sandbox")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "parent"], name="sandbox_objects_of_parent"),
            models.Index(fields=["kind", "label"], name="sandbox_objects_by_label"),
        ]

    def __str__(self) -> str:
        return self.object_id


class SandboxDelivery(models.Model):
    """A webhook of the sandbox that is to reach our own endpoint: at least once, in no certain order.

    Written with the change it tells of. Claimed by moving ``next_attempt_at`` ahead; given up after a
    day, as Razorpay does. The signature is made when it is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        DELIVERED = "delivered", _("delivered")
        GIVEN_UP = "given_up", _("given up")

    event_id = models.CharField(_("event id"), max_length=40, unique=True)
    event = models.CharField(_("event"), max_length=80)
    body = models.TextField(_("body"))
    state = models.CharField(_("status"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("times tried"), default=0)
    next_attempt_at = models.DateTimeField(editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("webhook of the sandbox")
        verbose_name_plural = _("webhooks of the sandbox")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="sandbox_deliveries_due"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.event} ({self.state})"
