"""The words of the contract for plans and subscriptions (API §4)."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from e_learning.core.money import CURRENCY, MoneyField
from payments.gateways import gateway
from payments.gateways.sandbox import sandbox_page_url
from payments.subscriptions.models import Plan, Subscription, Tier
from payments.subscriptions.selectors import OfferedPlan, Status


class LimitsSerializer(serializers.Serializer[Any]):
    daily_lessons = serializers.IntegerField(allow_null=True, help_text="null: no limit")
    offline_downloads = serializers.BooleanField()
    advanced_features = serializers.BooleanField()


class PlanSerializer(serializers.Serializer[Any]):
    """One plan for sale. It is charged every ``interval`` periods."""

    slug = serializers.SlugField()
    tier = serializers.ChoiceField(choices=Tier.choices)
    name = serializers.CharField()
    description = serializers.CharField()
    price = MoneyField()
    currency = serializers.CharField()
    period = serializers.ChoiceField(choices=Plan.Period.choices)
    interval = serializers.IntegerField()
    features = serializers.ListField(child=serializers.CharField())
    limits = LimitsSerializer()
    covers_all_courses = serializers.BooleanField()
    course_ids = serializers.ListField(
        child=serializers.IntegerField(), help_text="the courses that it opens, where it doesn't open all"
    )


class StatusSerializer(serializers.Serializer[Status]):
    """What the caller's plan allows now; without one, what everybody has."""

    tier = serializers.ChoiceField(choices=Tier.choices)
    is_active = serializers.BooleanField(help_text="whether a subscription gives it")
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="when it ends as things stand; a charge moves it on"
    )
    features = serializers.ListField(child=serializers.CharField())
    limits = LimitsSerializer()


class SubscribeSerializer(serializers.Serializer[Any]):
    plan = serializers.SlugField(max_length=40, source="plan_slug", help_text="its short name")


class SubscriptionSerializer(serializers.Serializer[Any]):
    """A subscription, and what opens the gateway's checkout for it."""

    subscription_id = serializers.IntegerField()
    razorpay_subscription_id = serializers.CharField(allow_null=True, help_text="null where it was paid once")
    razorpay_key_id = serializers.CharField()
    plan = serializers.SlugField()
    status = serializers.ChoiceField(choices=Subscription.Status.choices)
    current_end = serializers.DateTimeField(allow_null=True, help_text="until when it is paid")
    cancels_at_period_end = serializers.BooleanField()
    checkout_url = serializers.CharField(allow_null=True, help_text="the sandbox's page, null with a real gateway")


def plans_body(offered: Iterable[OfferedPlan]) -> list[dict[str, Any]]:
    return [_plan_body(one.plan, list(one.course_ids)) for one in offered]


def _plan_body(plan: Plan, course_ids: list[int]) -> dict[str, Any]:
    return dict(
        PlanSerializer(
            {
                "slug": plan.slug,
                "tier": plan.tier,
                "name": plan.name,
                "description": plan.description,
                "price": plan.price_paise,
                "currency": CURRENCY,
                "period": plan.period,
                "interval": plan.interval,
                "features": plan.features,
                "limits": plan,
                "covers_all_courses": plan.covers_all_courses,
                "course_ids": [] if plan.covers_all_courses else course_ids,
            }
        ).data
    )


def subscription_body(subscription: Subscription) -> dict[str, Any]:
    gateway_id = subscription.razorpay_subscription_id
    is_unpaid = subscription.status == Subscription.Status.CREATED
    return dict(
        SubscriptionSerializer(
            {
                "subscription_id": subscription.pk,
                "razorpay_subscription_id": gateway_id,
                "razorpay_key_id": gateway().key_id,
                "plan": subscription.plan.slug,
                "status": subscription.status,
                "current_end": subscription.current_end,
                "cancels_at_period_end": subscription.cancels_at_period_end,
                "checkout_url": sandbox_page_url(gateway_id) if gateway_id and is_unpaid else None,
            }
        ).data
    )
