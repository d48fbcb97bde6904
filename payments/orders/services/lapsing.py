"""Orders past their time: no longer handed out, their coupons let go. One that is paid later counts all the same."""

from datetime import datetime

from django.db import transaction

from payments.orders.models import Payment
from payments.orders.services.coupons import release_coupon


@transaction.atomic
def close_order(payment: Payment) -> bool:
    """Hand this order out no more and let its coupon go; says whether this call closed it."""
    if not Payment.objects.filter(pk=payment.pk, is_open=True).update(is_open=False):
        return False
    release_coupon(payment)
    return True


def close_expired_orders(*, now: datetime, batch: int = 200) -> int:
    """Close every open order whose time has passed, each in a transaction of its own; returns how many."""
    closed, last = 0, 0
    expired = Payment.objects.filter(is_open=True, expires_at__lte=now).order_by("pk")
    while orders := list(expired.filter(pk__gt=last)[:batch]):
        closed += sum(close_order(order) for order in orders)
        last = orders[-1].pk
    return closed
