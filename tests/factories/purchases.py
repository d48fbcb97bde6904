"""Things bought, by the services that sell them: with access, invoice and posting."""

from typing import Any

from django.utils import timezone

from accounts.models import CustomUser
from courses.models import Course
from payments.models import Payment, Plan
from payments.orders.services import settle_payment
from tests.payments.factories import make_order, payment_told


def buy(buyer: CustomUser, bought: Course | Plan, **fields: Any) -> Payment:
    """Return the captured payment of an order of ``bought``; ``fields`` are the order's."""
    order = make_order(buyer, bought, **fields)
    settle_payment(snapshot=payment_told(order), at=timezone.now())
    order.refresh_from_db()
    return order
