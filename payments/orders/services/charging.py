"""Charges of a subscription: the gateway makes them by itself, and each becomes a payment here."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings

from e_learning.core.money import CURRENCY
from payments.gateways.base import PaymentSnapshot
from payments.invoices.taxes import tax_inside
from payments.orders.models import GatewayPayment, Payment
from payments.orders.services.capturing import book_capture
from payments.orders.services.settling import TAKEN, Mismatch, PaymentNotCaptured, again_if_beaten
from payments.subscriptions.models import Subscription


def record_charge(*, subscription: Subscription, snapshot: PaymentSnapshot, at: datetime) -> Payment:
    """Write down one captured charge of ``subscription`` with its invoice, posting and mail; again it is the same row.

    Webhook, verify and the reconciler may bring it at once: the constraint on the gateway's id lets one write.
    What it opens is the subscription's to say. The amount is what was charged: after an upgrade that is not the
    plan's price. Refuses with 409 ``payment_not_captured`` and ``payment_mismatch`` (another currency, or a
    payment of something else), and has changed nothing then.
    """
    if snapshot.status not in TAKEN:
        raise PaymentNotCaptured
    if snapshot.currency != CURRENCY or snapshot.subscription_id not in {None, subscription.razorpay_subscription_id}:
        raise Mismatch
    return again_if_beaten(lambda: _recorded(subscription, snapshot, at))


def _recorded(subscription: Subscription, charge: PaymentSnapshot, at: datetime) -> Payment:
    known = GatewayPayment.objects.filter(razorpay_payment_id=charge.id).select_related("payment").first()
    if known is not None:
        if known.payment.subscription_id != subscription.pk:
            raise Mismatch
        return known.payment
    payment = _captured(subscription, charge, at)
    GatewayPayment.objects.create(
        payment=payment,
        razorpay_payment_id=charge.id,
        amount_paise=charge.amount_paise,
        currency=charge.currency,
        status=GatewayPayment.Status.CAPTURED,
        role=GatewayPayment.Role.WINNING,
        method=charge.method[:20],
        fee_paise=charge.fee_paise,
        first_seen_at=at,
        captured_at=at,
    )
    book_capture(payment, at=at)
    return payment


def _captured(subscription: Subscription, charge: PaymentSnapshot, at: datetime) -> Payment:
    gst_rate = Decimal(settings.GST_RATE_PERCENT)
    return Payment.objects.create(
        user=subscription.user,
        plan=subscription.plan,
        subscription=subscription,
        description=subscription.plan.name,
        list_price_paise=charge.amount_paise,
        amount_paise=charge.amount_paise,
        tax_paise=tax_inside(charge.amount_paise, gst_rate),
        gst_rate=gst_rate,
        currency=charge.currency,
        gateway=subscription.gateway,
        status=Payment.Status.CAPTURED,
        is_open=False,
        receipt=f"charge-{charge.id}"[:40],
        razorpay_order_id=charge.order_id,
        razorpay_payment_id=charge.id,
        created_at=at,
        expires_at=at,
        completed_at=at,
    )
