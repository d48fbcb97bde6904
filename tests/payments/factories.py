"""What is sold, and orders of it, for tests of payments. Rows that money has moved through are made by the services."""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import Course
from payments.gateways.base import OrderSnapshot, PaymentSnapshot, RefundSnapshot, SubscriptionSnapshot
from payments.invoices.taxes import tax_inside
from payments.models import Coupon, Payment, Plan, RefundRequest, Subscription
from tests.factories.courses import make_course

PRICE_PAISE = 49_900
_numbers = count(1)


def gateway_id(prefix: str) -> str:
    """Return an id as Razorpay writes them: ``order_`` and 14 characters."""
    return f"{prefix}_{next(_numbers):04d}{uuid4().hex[:10]}"


def paid_course(teacher: CustomUser, **fields: Any) -> Course:
    """Return a published course for ₹499.00, unless said otherwise."""
    values: dict[str, Any] = {"title": "Spoken English", "price_paise": PRICE_PAISE}
    return make_course(teacher, **(values | fields))


def make_plan(**fields: Any) -> Plan:
    """Return a monthly premium plan for ₹299.00 that opens every course, unless said otherwise."""
    values = {
        "slug": "premium",
        "tier": "premium",
        "name": "Premium",
        "price_paise": 29_900,
        "features": ["Every course"],
        "offline_downloads": True,
        "covers_all_courses": True,
    }
    return Plan.objects.create(**(values | fields))


def make_coupon(**fields: Any) -> Coupon:
    """Return a coupon of 20 percent for everything, unless said otherwise."""
    values = {"code": "DIWALI20", "kind": "percent", "percent": 20}
    if fields.get("kind") == "fixed":
        values["percent"] = None
    return Coupon.objects.create(**(values | fields))


def make_order(user: CustomUser, bought: Course | Plan, **fields: Any) -> Payment:
    """Return an open order of ``bought`` that the gateway knows and nobody has paid. GST is inside the price."""
    amount = int(fields.get("amount_paise", bought.price_paise - fields.get("discount_paise", 0)))
    rate = Decimal(settings.GST_RATE_PERCENT)
    now = timezone.now()
    values: dict[str, Any] = {
        "user": user,
        "course": bought if isinstance(bought, Course) else None,
        "plan": bought if isinstance(bought, Plan) else None,
        "description": bought.title if isinstance(bought, Course) else bought.name,
        "list_price_paise": bought.price_paise,
        "amount_paise": amount,
        "tax_paise": tax_inside(amount, rate),
        "gst_rate": rate,
        "currency": "INR",
        "gateway": "sandbox",
        "receipt": f"test-{uuid4().hex[:24]}",
        "razorpay_order_id": gateway_id("order"),
        "created_at": now,
        "expires_at": now + timedelta(minutes=settings.PAYMENT_ORDER_MINUTES),
    }
    return Payment.objects.create(**(values | fields))


def order_told(payment: Payment, **fields: Any) -> OrderSnapshot:
    """Return what the gateway would tell of the order of ``payment``."""
    values: dict[str, Any] = {
        "id": payment.razorpay_order_id or gateway_id("order"),
        "amount_paise": payment.amount_paise,
        "currency": payment.currency,
        "receipt": payment.receipt,
        "status": "created",
        "created_at": timezone.now(),
    }
    return OrderSnapshot(**(values | fields))


def payment_told(payment: Payment, status: str = "captured", **fields: Any) -> PaymentSnapshot:
    """Return what the gateway would tell of an attempt at paying ``payment``: a new one, unless ``id`` is given."""
    values: dict[str, Any] = {
        "id": gateway_id("pay"),
        "order_id": payment.razorpay_order_id,
        "amount_paise": payment.amount_paise,
        "currency": payment.currency,
        "status": status,
        "amount_refunded_paise": payment.amount_paise if status == "refunded" else 0,
        "method": "upi",
        "error_reason": "payment_cancelled" if status == "failed" else "",
        "fee_paise": None,
        "tax_paise": None,
        "subscription_id": None,
        "invoice_id": None,
        "created_at": timezone.now(),
    }
    return PaymentSnapshot(**(values | fields))


def refund_told(refund: RefundRequest, status: str = "processed", **fields: Any) -> RefundSnapshot:
    """Return what the gateway would tell of ``refund`` after it was sent."""
    values: dict[str, Any] = {
        "id": refund.razorpay_refund_id or gateway_id("rfnd"),
        "payment_id": refund.attempt.razorpay_payment_id,
        "amount_paise": refund.amount_paise,
        "currency": refund.payment.currency,
        "status": status,
        "receipt": None,
        "notes": {"refund_request": str(refund.pk)},
        "created_at": timezone.now(),
    }
    return RefundSnapshot(**(values | fields))


def subscription_told(subscription: Subscription, status: str = "active", **fields: Any) -> SubscriptionSnapshot:
    """Return what the gateway would tell of ``subscription``: a month from now, paid once, unless said otherwise."""
    now = timezone.now().replace(microsecond=0)
    values: dict[str, Any] = {
        "id": subscription.razorpay_subscription_id or gateway_id("sub"),
        "plan_id": subscription.plan.gateway_plan_id,
        "status": status,
        "current_start": now,
        "current_end": now + timedelta(days=30),
        "ended_at": None,
        "paid_count": 1,
        "has_scheduled_changes": False,
        "short_url": "",
        "notes": {"receipt": subscription.receipt},
    }
    return SubscriptionSnapshot(**(values | fields))
