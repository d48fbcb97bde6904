"""Subscriptions for tests: as the gateway tells of them, or bought and paid as anybody would."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import CustomUser
from courses.learning.services import enroll_learner
from courses.models import Course
from payments.gateways import gateway
from payments.gateways.base import SubscriptionSnapshot
from payments.models import Payment, Plan, Subscription
from payments.orders.services import settle_payment
from payments.subscriptions.services import settle_subscription
from tests.payments.factories import gateway_id, make_order, make_plan, payment_told, subscription_told

MONTH = timedelta(days=30)


def pro_plan(**fields: Any) -> Plan:
    values = {"slug": "pro", "tier": "pro", "name": "Pro", "price_paise": 249_900, "period": "yearly"}
    return make_plan(**(values | fields))


def free_plan() -> Plan:
    return make_plan(
        slug="free", tier="free", name="Free", price_paise=0, covers_all_courses=False, offline_downloads=False,
        features=["Free courses"], daily_lessons=5,
    )  # fmt: skip


def waiting_subscription(user: CustomUser, plan: Plan, **fields: Any) -> Subscription:
    """Return a subscription that the gateway knows and nobody has paid."""
    if not plan.gateway_plan_id:
        plan.gateway, plan.gateway_plan_id = fields.get("gateway", "sandbox"), gateway_id("plan")
        plan.save(update_fields=["gateway", "gateway_plan_id"])
    values = {
        "gateway": "sandbox",
        "gateway_plan_id": plan.gateway_plan_id,
        "razorpay_subscription_id": gateway_id("sub"),
        "receipt": gateway_id("receipt"),
    }
    return Subscription.objects.create(user=user, plan=plan, **(values | fields))


def settle(
    subscription: Subscription,
    status: str = "active",
    *,
    at: datetime | None = None,
    is_fresh: bool = False,
    **fields: Any,
) -> Subscription:
    """Take in what the gateway tells of ``subscription``, now unless said otherwise."""
    snapshot = subscription_told(subscription, status, **fields)
    return settle_subscription(snapshot=snapshot, at=at or timezone.now(), is_fresh=is_fresh)


def running_subscription(user: CustomUser, plan: Plan, **fields: Any) -> Subscription:
    """Return one whose first month is paid, unless said otherwise."""
    return settle(waiting_subscription(user, plan), **fields)


def subscribed_in_sandbox(user: CustomUser, plan: Plan) -> Subscription:
    """Subscribe and pay the first period at the sandbox, and take in what it tells then."""
    from payments.gateways.buying import pay_in_sandbox
    from payments.subscriptions.services import create_subscription

    subscription = create_subscription(user=user, plan_slug=plan.slug).subscription
    assert subscription.razorpay_subscription_id
    pay_in_sandbox(paid_id=subscription.razorpay_subscription_id)
    return asked_now(subscription)


def asked_now(subscription: Subscription) -> Subscription:
    assert subscription.razorpay_subscription_id
    told = gateway().subscription(subscription.razorpay_subscription_id)
    return settle_subscription(snapshot=told, at=timezone.now(), is_fresh=True)


def prepay(user: CustomUser, plan: Plan, *, at: datetime | None = None) -> Payment:
    """Buy one period of ``plan`` and pay it."""
    payment = make_order(user, plan)
    settle_payment(snapshot=payment_told(payment), at=at or timezone.now())
    payment.refresh_from_db()
    return payment


def enrolled_by_pass(user: CustomUser, course: Course) -> bool:
    return enroll_learner(learner=user, course_id=course.pk).is_new


def state_of(subscription: Subscription) -> dict[str, Any]:
    """Return everything that the gateway's words decide."""
    subscription.refresh_from_db()
    names = [
        "plan_id", "status", "is_current", "current_start", "current_end", "entitled_until", "paid_count", "ended_at",
    ]  # fmt: skip
    tier = CustomUser.objects.values_list("subscription_tier", flat=True).get(pk=subscription.user_id)
    return {name: getattr(subscription, name) for name in names} | {"tier": tier}


def snapshots_of_a_life(subscription: Subscription, plans: list[Plan], begin: datetime) -> list[SubscriptionSnapshot]:
    """Return what the gateway tells over a whole life: paid, overdue, paid again, another plan, overdue, cancelled."""
    month = [begin + MONTH * number for number in range(5)]
    periods = {number: {"current_start": month[number - 1], "current_end": month[number]} for number in range(1, 5)}
    first, second = (plan.gateway_plan_id for plan in plans)
    life: list[dict[str, Any]] = [
        {"status": "created", "plan_id": first, "paid_count": 0, "current_start": None, "current_end": None},
        {"status": "authenticated", "plan_id": first, "paid_count": 0, "current_start": None, "current_end": None},
        {"status": "active", "plan_id": first, "paid_count": 1, **periods[1]},
        # Overdue: what is told is the period that is not paid yet.
        {"status": "pending", "plan_id": first, "paid_count": 1, **periods[2]},
        {"status": "active", "plan_id": first, "paid_count": 2, **periods[2]},
        {"status": "active", "plan_id": second, "paid_count": 2, **periods[2]},
        {"status": "active", "plan_id": second, "paid_count": 3, **periods[3]},
        {"status": "halted", "plan_id": second, "paid_count": 3, **periods[4]},
        {
            "status": "cancelled", "plan_id": second, "paid_count": 3, **periods[4],
            "ended_at": month[3] + timedelta(days=9),
        },
    ]  # fmt: skip
    return [subscription_told(subscription, **told) for told in life]
