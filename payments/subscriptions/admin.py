"""Plans and subscriptions in the back office: plans are written here, subscriptions only cancelled."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from e_learning.core.back_office import ReadOnly, done_one_by_one
from e_learning.core.money import LEAST_PAISE, MOST_PAISE, from_paise
from payments.subscriptions.models import Plan, PrepaidPeriod, Subscription, Tier
from payments.subscriptions.services import MONTHS_IN_ALL, end_with_period, save_plan


class PlanForm(ModelForm):
    """Says in words what the table would refuse."""

    class Meta:
        help_texts = {
            "slug": _("Apps ask for the plan by it: leave it as it is once the plan was sold."),
            "price_paise": _(
                "29900 is ₹299.00. Another price, period or interval holds for new subscriptions; "
                "running ones go on at the price they began with."
            ),
            "interval": _("2 with “a month” charges every two months."),
            "features": _("What the plan is praised with: a list of short texts."),
            "daily_lessons": _("Empty: no limit."),
            "courses": _("Running subscriptions take a change with their next period."),
            "is_active": _("Taken off, it can't be bought any more; running subscriptions go on."),
        }

    def clean_features(self) -> list[str]:
        features = self.cleaned_data["features"] or []
        if not isinstance(features, list) or not all(isinstance(one, str) for one in features):
            raise ValidationError(_("Give a list of texts."))
        return features

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        is_free = values.get("tier") == Tier.FREE
        price = values.get("price_paise")
        if price is not None and (price != 0 if is_free else price < LEAST_PAISE):
            self.add_error("price_paise", _("The free plan costs nothing, any other at least ₹1.00."))
        elif price is not None and price > MOST_PAISE:
            self.add_error("price_paise", _("This is more than can be paid at once."))
        interval, period = values.get("interval"), values.get("period", "")
        if interval is not None and not 1 <= Plan(interval=interval, period=period).months <= MONTHS_IN_ALL:
            self.add_error("interval", _("One payment lasts for a month to ten years."))
        return values


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    form = PlanForm
    list_display = ["name", "slug", "tier", "price", "period", "interval", "is_active", "subscriber_count", "order"]
    list_filter = ["tier", "period", "is_active"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["courses"]
    readonly_fields = ["gateway", "gateway_plan_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        rows: QuerySet[Plan] = super().get_queryset(request)
        entitling = Q(subscriptions__entitled_until__gt=timezone.now())
        return rows.annotate(subscribers=Count("subscriptions", filter=entitling))

    @admin.display(description=_("price"), ordering="price_paise")
    def price(self, plan: Plan) -> str:
        return str(from_paise(plan.price_paise))

    @admin.display(description=_("subscribers"), ordering="subscribers")
    def subscriber_count(self, plan: Any) -> int:
        return int(plan.subscribers)

    def save_model(self, request: HttpRequest, obj: Plan, form: Any, change: bool) -> None:
        save_plan(obj, changed=set(form.changed_data))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Plans are taken off sale: what was sold under them still names them."""
        return False


class PeriodInline(ReadOnly, TabularInline):
    model = PrepaidPeriod
    fields = ["payment", "months", "paid_at", "taken_back_at"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[PrepaidPeriod]:
        rows: QuerySet[PrepaidPeriod] = super().get_queryset(request)
        return rows.select_related("payment")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly, ModelAdmin):
    """Who has what, until when. Nothing here can be written; the action goes to the gateway."""

    list_display = [
        "user",
        "plan",
        "status",
        "is_current",
        "is_prepaid",
        "current_end",
        "entitled_until",
        "cancels_at_period_end",
        "paid_count",
        "created_at",
    ]
    list_filter = ["status", "plan", "is_current", "is_prepaid", "gateway"]
    list_select_related = ["user", "plan"]
    search_fields = ["user__email", "user__username", "razorpay_subscription_id", "receipt"]
    date_hierarchy = "created_at"
    inlines = [PeriodInline]
    actions = ["cancel"]

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("payments.change_subscription"))

    @admin.action(description=_("Cancel at the end of the period"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        subscriptions = queryset.select_related("plan")
        works = [(one, partial(end_with_period, one, at=timezone.now())) for one in subscriptions]
        cancelled = done_one_by_one(self, request, works)
        done = ngettext("%d subscription ends with its period.", "%d subscriptions end with their period.", cancelled)
        self.message_user(request, done % cancelled, messages.SUCCESS)
