"""Asking about subscriptions that may still be charged, or ended lately: their state, and every charge."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from payments.orders.models import Payment
from payments.orders.services import record_charge
from payments.orders.services.settling import TAKEN
from payments.reconciliation.services.passes import Pass
from payments.subscriptions.models import TERMINAL, Subscription
from payments.subscriptions.services import settle_subscription


def ask_about_subscriptions(run: Pass) -> None:
    lately = run.now - timedelta(days=run.days or settings.PAYMENT_WATCH_DAYS)
    at_gateway = Subscription.objects.filter(
        gateway=run.gateway.name, is_prepaid=False, razorpay_subscription_id__isnull=False
    )
    rows = at_gateway.filter(~Q(status__in=TERMINAL) | Q(ended_at__gte=lately))
    run.over("subscriptions", rows, _ask_about_subscription)


def _ask_about_subscription(run: Pass, row: Subscription) -> None:
    assert row.razorpay_subscription_id is not None
    snapshot = run.gateway.subscription(row.razorpay_subscription_id)
    settled = settle_subscription(snapshot=snapshot, at=run.now, is_fresh=True)
    if (settled.status, settled.current_end) != (row.status, row.current_end):
        run.mended(f"subscription:{row.pk}", f"is {settled.status}, and was {row.status} for us")
    for charge in run.gateway.payments_of_subscription(row.razorpay_subscription_id):
        is_known = Payment.objects.filter(razorpay_payment_id=charge.id).exists()
        if charge.status in TAKEN and not is_known:
            record_charge(subscription=settled, snapshot=charge, at=run.now)
            run.mended(f"subscription:{row.pk}", f"its charge {charge.id} was not known")
