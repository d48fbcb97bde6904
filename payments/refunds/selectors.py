"""Refunds as their people see them."""

from django.db.models import QuerySet

from accounts.api import User
from payments.refunds.models import RefundRequest


def refunds_of(user: User) -> QuerySet[RefundRequest]:
    """Return every refund of the user's own payments, latest first: asked for, made by staff or at the gateway."""
    return RefundRequest.objects.filter(payment__user=user)
