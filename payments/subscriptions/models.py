"""Plans and subscriptions. Money is in paise."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.gateways.models import AskedForOnce


class Tier(models.TextChoices):
    FREE = "free", _("free")
    PREMIUM = "premium", _("premium")
    PRO = "pro", _("pro")


class Plan(AskedForOnce):
    """What a school sells by the month or the year, and what everybody has without paying (tier ``free``).

    Razorpay's plans can't be edited: a plan whose price, period or interval changes gets a new one there
    (``gateway_plan_id`` is emptied), and running subscriptions keep theirs. ``daily_lessons`` empty means
    no limit.
    """

    class Period(models.TextChoices):
        MONTHLY = "monthly", _("a month")
        YEARLY = "yearly", _("a year")

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    tier = models.CharField(_("tier"), max_length=8, choices=Tier)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=500, blank=True)
    price_paise = models.PositiveBigIntegerField(_("price in paise"), default=0)
    period = models.CharField(_("period"), max_length=8, choices=Period, default=Period.MONTHLY)
    interval = models.PositiveSmallIntegerField(_("periods between charges"), default=1)
    features = models.JSONField(_("features"), default=list, blank=True, help_text=_("a list of short texts"))
    daily_lessons = models.PositiveSmallIntegerField(_("lessons a day"), null=True, blank=True)
    offline_downloads = models.BooleanField(_("offline downloads"), default=False)
    advanced_features = models.BooleanField(_("advanced features"), default=False)
    covers_all_courses = models.BooleanField(_("opens every course"), default=False)
    courses = models.ManyToManyField("courses.Course", blank=True, related_name="+", verbose_name=_("opens courses"))
    gateway = models.CharField(max_length=10, blank=True, editable=False)
    gateway_plan_id = models.CharField(_("plan at the gateway"), max_length=40, blank=True, editable=False)
    is_active = models.BooleanField(_("for sale"), default=True)
    order = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tier"], condition=Q(tier="free"), name="one_free_plan"),
            models.CheckConstraint(
                condition=Q(tier="free", price_paise=0) | (~Q(tier="free") & Q(price_paise__gte=100)),
                name="free_plan_costs_nothing",
            ),
            models.CheckConstraint(condition=Q(interval__gte=1), name="plan_interval_at_least_1"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def months(self) -> int:
        """How long one payment lasts."""
        return self.interval * (12 if self.period == Plan.Period.YEARLY else 1)


class Subscription(AskedForOnce):
    """One person's plan over time: charged again and again by Razorpay, or paid once for a period (prepaid).

    ``status`` is Razorpay's word for it. Access follows ``current_end`` and the grace beyond it
    (``SUBSCRIPTION_GRACE_DAYS``), never the word alone: ``entitled_until`` is until when it opens what its plan
    covers, and empty where it opens nothing. Rows with that time give the person the highest of their tiers,
    and a pass each. At most one row a person is the current one: which is shown and can be cancelled.
    ``receipt`` is ours and is written before the gateway is called; it travels in the notes.
    ``gateway_plan_id`` is what it is charged by, which is not its plan's any more once the price changed.
    What was paid up to ``refunded_until`` went back.
    """

    class Status(models.TextChoices):
        CREATED = "created", _("created")
        AUTHENTICATED = "authenticated", _("authenticated")
        ACTIVE = "active", _("active")
        PENDING = "pending", _("payment failed, tried again")
        HALTED = "halted", _("payment failed for good")
        PAUSED = "paused", _("paused")
        CANCELLED = "cancelled", _("cancelled")
        COMPLETED = "completed", _("completed")
        EXPIRED = "expired", _("expired")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="subscriptions", verbose_name=_("user")
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions", verbose_name=_("plan"))
    gateway = models.CharField(_("gateway"), max_length=10)
    razorpay_subscription_id = models.CharField(
        _("subscription at the gateway"), max_length=40, null=True, blank=True, unique=True
    )
    receipt = models.CharField(_("receipt"), max_length=40, unique=True)
    gateway_plan_id = models.CharField(_("plan at the gateway"), max_length=40, blank=True)
    is_prepaid = models.BooleanField(_("paid once"), default=False)
    status = models.CharField(_("status"), max_length=13, choices=Status, default=Status.CREATED)
    is_current = models.BooleanField(_("current"), default=True)
    current_start = models.DateTimeField(_("period from"), null=True, blank=True)
    current_end = models.DateTimeField(_("period until"), null=True, blank=True)
    entitled_until = models.DateTimeField(_("opens courses until"), null=True, blank=True)
    refunded_until = models.DateTimeField(_("refunded until"), null=True, blank=True)
    paid_count = models.PositiveIntegerField(_("periods paid"), default=0)
    cancels_at_period_end = models.BooleanField(_("ends with its period"), default=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(is_current=True), name="one_current_subscription"),
        ]
        indexes = [
            models.Index(
                fields=["entitled_until"], condition=Q(entitled_until__isnull=False), name="subscriptions_entitled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.plan_id} ({self.status})"

    @property
    def is_living(self) -> bool:
        """Whether the gateway may still charge it."""
        return not self.is_prepaid and self.status not in TERMINAL


#: Words that no other word follows.
TERMINAL = frozenset({Subscription.Status.CANCELLED, Subscription.Status.COMPLETED, Subscription.Status.EXPIRED})


class PrepaidPeriod(models.Model):
    """What one payment bought of a prepaid subscription: so many months, from its payment on or after those before.

    A payment buys one. One that was refunded is taken back, and those behind it move up.
    """

    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="periods", verbose_name=_("subscription")
    )
    payment = models.OneToOneField(
        "payments.Payment", on_delete=models.PROTECT, related_name="+", verbose_name=_("payment")
    )
    months = models.PositiveSmallIntegerField(_("months"))
    paid_at = models.DateTimeField(_("paid"))
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("prepaid period")
        verbose_name_plural = _("prepaid periods")
        ordering = ["paid_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(months__gte=1), name="prepaid_period_at_least_a_month")]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.months}"
