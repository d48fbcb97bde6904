"""Reads of the room."""

from django.db.models import QuerySet

from accounts.api import User
from e_learning.core.api.errors import NotThere
from payments.orders.models import Payment


def payments_of(user: User) -> QuerySet[Payment]:
    """Return ``user``'s payments, newest first, with the plan each is for."""
    return Payment.objects.owned_by(user).select_related("plan").order_by("-created_at", "-id")


def own_payment(user: User, payment_id: int) -> Payment:
    """Return one of them; 404 for anybody else's."""
    payment = payments_of(user).filter(pk=payment_id).first()
    if payment is None:
        raise NotThere
    return payment
