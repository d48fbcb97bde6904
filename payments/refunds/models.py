"""Refunds: asked for by learners, decided by staff, carried out by the gateway. Money is in paise."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.orders.models import GatewayPayment, Payment


class RefundRequest(models.Model):
    """Money that is asked back, or went back, of one captured attempt.

    requested → approved → processing → processed, or rejected, or failed. ``idempotency_key`` is
    written with the row and goes with every call, so that a lost answer never refunds twice. A refund
    made at the gateway itself appears here as ``processed`` with ``origin`` gateway. Of a winning attempt
    the amount is reserved on the payment from the request to its rejection or failure.
    """

    class Status(models.TextChoices):
        REQUESTED = "requested", _("requested")
        APPROVED = "approved", _("approved")
        PROCESSING = "processing", _("at the gateway")
        PROCESSED = "processed", _("refunded")
        REJECTED = "rejected", _("rejected")
        FAILED = "failed", _("failed")

    class Origin(models.TextChoices):
        LEARNER = "learner", _("learner")
        STAFF = "staff", _("staff")
        SURPLUS = "surplus", _("paid twice")
        GATEWAY = "gateway", _("made at the gateway")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    attempt = models.ForeignKey(
        GatewayPayment, on_delete=models.PROTECT, related_name="refunds", verbose_name=_("attempt at paying")
    )
    amount_paise = models.PositiveBigIntegerField(_("amount in paise"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.REQUESTED)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin)
    reason = models.TextField(_("reason"), blank=True, max_length=1000)
    admin_notes = models.TextField(_("notes of staff"), blank=True, max_length=1000)
    razorpay_refund_id = models.CharField(_("refund at the gateway"), max_length=40, null=True, blank=True, unique=True)
    idempotency_key = models.CharField(_("idempotency key"), max_length=40, unique=True)
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    processed_at = models.DateTimeField(_("refunded at"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("calls to the gateway"), default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_paise__gte=1), name="refund_of_something"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(origin="learner", status__in=["requested", "approved", "processing"]),
                name="one_open_request_per_payment",
            ),
            models.UniqueConstraint(fields=["attempt"], condition=Q(origin="surplus"), name="one_surplus_refund"),
            models.CheckConstraint(
                condition=Q(status="processed", processed_at__isnull=False)
                | (~Q(status="processed") & Q(processed_at__isnull=True)),
                name="processed_has_its_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status__in=["approved", "processing"]), name="refunds_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.amount_paise} ({self.status})"
