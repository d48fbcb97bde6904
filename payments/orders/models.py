"""Coupons, payments, and the attempts at paying that the gateway knows of. Money is in paise."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from payments.gateways.models import AskedForOnce
from payments.subscriptions.models import Plan, Subscription


def normalized_code(code: str) -> str:
    """Return the form in which codes are kept and compared: without spaces, in capitals."""
    return "".join(code.split()).upper()


class Coupon(models.Model):
    """Something off the price, for whoever knows the code. Codes are kept in capitals.

    ``used_count`` counts the uses that are held by an open order or were paid for; it is moved by a
    conditional update, so ``max_uses`` holds whatever is asked at once. No courses and no plans
    named: it goes for everything.
    """

    class Kind(models.TextChoices):
        PERCENT = "percent", _("percent")
        FIXED = "fixed", _("fixed amount")

    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    percent = models.PositiveSmallIntegerField(_("percent off"), null=True, blank=True)
    amount_off_paise = models.PositiveBigIntegerField(_("paise off"), null=True, blank=True)
    valid_from = models.DateTimeField(_("good from"), default=timezone.now)
    valid_until = models.DateTimeField(_("good until"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    max_uses_per_user = models.PositiveSmallIntegerField(_("uses a person"), default=1)
    used_count = models.PositiveIntegerField(_("used"), default=0, editable=False)
    courses = models.ManyToManyField("courses.Course", blank=True, related_name="+", verbose_name=_("for courses"))
    plans = models.ManyToManyField(Plan, blank=True, related_name="+", verbose_name=_("for plans"))
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="percent", percent__gte=1, percent__lte=100, amount_off_paise__isnull=True)
                | Q(kind="fixed", amount_off_paise__gte=1, percent__isnull=True),
                name="coupon_takes_a_percentage_or_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name="coupon_window"
            ),
            models.CheckConstraint(condition=Q(max_uses_per_user__gte=1), name="coupon_at_least_once_a_person"),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        self.code = normalized_code(self.code)
        if not self.code:
            raise ValidationError({"code": _("A code has letters or digits.")})
        takes = self.percent if self.kind == self.Kind.PERCENT else self.amount_off_paise
        other = self.amount_off_paise if self.kind == self.Kind.PERCENT else self.percent
        if takes is None or takes < 1 or other is not None or (self.percent or 0) > 100:
            column = "percent" if self.kind == self.Kind.PERCENT else "amount_off_paise"
            raise ValidationError({column: _("Give either 1 to 100 percent or an amount, as the kind says.")})
        if self.max_uses_per_user is not None and self.max_uses_per_user < 1:
            raise ValidationError({"max_uses_per_user": _("Each person may use it at least once.")})
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValidationError({"valid_until": _("The end has to come after the beginning.")})


class PaymentRows(models.QuerySet["Payment"]):
    def owned_by(self, user: User) -> "PaymentRows":
        return self.filter(user=user)


class Payment(AskedForOnce):
    """One thing that one person is to pay for: the order, and what became of it.

    Written before the gateway is asked for an order, and found again by ``receipt`` where the answer
    was lost. ``amount_paise`` is what the learner pays, ``tax_paise`` the GST inside it. The status goes
    forward only: created → authorized → captured → partially_refunded → refunded, and failed →
    authorized (late authorisation is real). ``razorpay_payment_id`` is the attempt that won; others stand in
    ``GatewayPayment``. ``refund_reserved_paise`` is what open and processed refunds ask of it,
    ``refunded_paise`` what has gone back: the checks below keep both within what was captured.
    ``is_open`` says that the order may still be handed out again: one a person and thing.
    A payment of nothing (a coupon took it all) never meets the gateway and is captured at once.
    """

    class Status(models.TextChoices):
        CREATED = "created", _("created")
        FAILED = "failed", _("failed")
        AUTHORIZED = "authorized", _("authorised")
        CAPTURED = "captured", _("captured")
        PARTIALLY_REFUNDED = "partially_refunded", _("partly refunded")
        REFUNDED = "refunded", _("refunded")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments", verbose_name=_("user")
    )
    course = models.ForeignKey(
        "courses.Course", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("course")
    )
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("plan")
    )
    subscription = models.ForeignKey(
        Subscription,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("subscription"),
        help_text=_("the one that was charged, or that this payment prepaid"),
    )
    description = models.CharField(_("what was bought"), max_length=250)
    list_price_paise = models.PositiveBigIntegerField(_("list price in paise"))
    discount_paise = models.PositiveBigIntegerField(_("discount in paise"), default=0)
    amount_paise = models.PositiveBigIntegerField(_("amount in paise"))
    tax_paise = models.PositiveBigIntegerField(_("GST inside in paise"), default=0)
    gst_rate = models.DecimalField(_("GST rate in percent"), max_digits=5, decimal_places=2)
    billing_state = models.CharField(_("place of supply"), max_length=2, blank=True, help_text=_("GST state code"))
    currency = models.CharField(_("currency"), max_length=3)
    coupon = models.ForeignKey(
        Coupon, on_delete=models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("coupon")
    )
    gateway = models.CharField(_("gateway"), max_length=10)
    status = models.CharField(_("status"), max_length=18, choices=Status, default=Status.CREATED)
    is_open = models.BooleanField(_("order is open"), default=True)
    receipt = models.CharField(_("receipt"), max_length=40, unique=True)
    razorpay_order_id = models.CharField(_("order at the gateway"), max_length=40, null=True, blank=True, unique=True)
    razorpay_payment_id = models.CharField(
        _("payment at the gateway"), max_length=40, null=True, blank=True, unique=True
    )
    razorpay_signature = models.CharField(_("checkout signature"), max_length=128, blank=True)
    refund_reserved_paise = models.PositiveBigIntegerField(_("asked back in paise"), default=0)
    refunded_paise = models.PositiveBigIntegerField(_("refunded in paise"), default=0)
    failure_reason = models.CharField(_("why it failed"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("order is open until"))
    authorized_at = models.DateTimeField(_("authorised"), null=True, blank=True)
    completed_at = models.DateTimeField(_("captured"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last asked about"), null=True, blank=True, editable=False)

    objects: ClassVar[PaymentRows] = PaymentRows.as_manager()  # type: ignore[assignment]  # a queryset as manager

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(course__isnull=False, plan__isnull=True) | Q(course__isnull=True, plan__isnull=False),
                name="payment_for_a_course_or_a_plan",
            ),
            models.CheckConstraint(
                condition=Q(list_price_paise=F("amount_paise") + F("discount_paise")), name="payment_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(amount_paise=0) | Q(amount_paise__gte=100), name="payment_of_nothing_or_a_rupee"
            ),
            models.CheckConstraint(condition=Q(tax_paise__lte=F("amount_paise")), name="payment_tax_inside"),
            models.CheckConstraint(
                condition=Q(refunded_paise__lte=F("refund_reserved_paise"))
                & Q(refund_reserved_paise__lte=F("amount_paise")),
                name="refunds_within_capture",
            ),
            models.CheckConstraint(
                condition=Q(refund_reserved_paise=0) | Q(status__in=["captured", "partially_refunded", "refunded"]),
                name="refunds_of_captured_only",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=False, status__in=["captured", "partially_refunded", "refunded"])
                | Q(completed_at__isnull=True, status__in=["created", "failed", "authorized"]),
                name="captured_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="refunded", refunded_paise=F("amount_paise"), amount_paise__gt=0)
                | Q(status="partially_refunded", refunded_paise__gt=0, refunded_paise__lt=F("amount_paise"))
                | (~Q(status__in=["refunded", "partially_refunded"]) & Q(refunded_paise=0)),
                name="status_says_what_was_refunded",
            ),
            models.UniqueConstraint(
                fields=["user", "course"], condition=Q(is_open=True), name="one_open_order_per_course"
            ),
            models.UniqueConstraint(fields=["user", "plan"], condition=Q(is_open=True), name="one_open_order_per_plan"),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="payments_of_user"),
            models.Index(
                fields=["checked_at"],
                condition=Q(status__in=["created", "failed", "authorized"]),
                name="payments_not_final",
            ),
            models.Index(fields=["expires_at"], condition=Q(is_open=True), name="open_orders_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} ({self.status})"


class GatewayPayment(models.Model):
    """One attempt at paying, as the gateway knows it (``pay_…``). An order may see several.

    ``status`` is the furthest that the gateway has told of it. ``role``: at most one attempt of a payment
    wins; what was captured beside it, or for a thing that was bought already, is surplus and goes back.
    """

    class Status(models.TextChoices):
        CREATED = "created", _("created")
        FAILED = "failed", _("failed")
        AUTHORIZED = "authorized", _("authorised")
        CAPTURED = "captured", _("captured")
        REFUNDED = "refunded", _("refunded")

    class Role(models.TextChoices):
        TRYING = "trying", _("not captured")
        WINNING = "winning", _("pays the order")
        SURPLUS = "surplus", _("paid twice")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts", verbose_name=_("payment"))
    razorpay_payment_id = models.CharField(_("payment at the gateway"), max_length=40, unique=True)
    amount_paise = models.PositiveBigIntegerField(_("amount in paise"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.TRYING)
    method = models.CharField(_("method"), max_length=20, blank=True)
    error_reason = models.CharField(_("why it failed"), max_length=100, blank=True)
    fee_paise = models.PositiveBigIntegerField(_("gateway's fee in paise"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first heard of"), default=timezone.now)
    captured_at = models.DateTimeField(_("captured"), null=True, blank=True)

    class Meta:
        verbose_name = _("attempt at paying")
        verbose_name_plural = _("attempts at paying")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["payment"], condition=Q(role="winning"), name="one_winning_attempt"),
            models.CheckConstraint(
                condition=Q(role="trying") | Q(status__in=["captured", "refunded"]), name="only_captured_wins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.razorpay_payment_id} ({self.status})"


class CouponUse(models.Model):
    """One person's use of a coupon: held by an open order, then used by the captured payment, or let go.

    ``slot`` counts from 1 to the coupon's ``max_uses_per_user``: the constraint gives each slot once.
    """

    class State(models.TextChoices):
        HELD = "held", _("held by an order")
        USED = "used", _("used")
        RELEASED = "released", _("let go")

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="uses", verbose_name=_("coupon"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("user")
    )
    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, related_name="coupon_use", verbose_name=_("payment")
    )
    slot = models.PositiveSmallIntegerField(_("which of the person's uses"))
    state = models.CharField(_("status"), max_length=8, choices=State, default=State.HELD)

    class Meta:
        verbose_name = _("use of a coupon")
        verbose_name_plural = _("uses of coupons")
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "user", "slot"], condition=~Q(state="released"), name="one_use_per_slot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} by {self.user_id}: {self.state}"
