"""Asking the gateway for the order of a payment: by one at a time, never within a transaction."""

import time
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import ApiError, Conflict
from payments.gateways import gateway
from payments.gateways.base import GatewayUnreachable
from payments.orders.models import Payment

#: For so long a claim holds: past the time-outs of the two calls made under it. Who died gives it up then.
CLAIM = timedelta(seconds=40)
#: So long the others wait for the one who asks.
PATIENCE = 8.0
_POLL = 0.07


class OrderInProgress(Conflict):
    code = "order_in_progress"
    message = _("Your order is being made. Try again in a moment.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})


def order_at_gateway(payment: Payment, *, is_first_call: bool) -> None:
    """See to it that ``payment`` has its order at the gateway, and read its id into the row in hand.

    ``is_first_call``: this caller wrote the row, with the claim in it. Any other claims it first, and looks for an
    order under the receipt before asking for one: the answer to the first call may have been lost. Refuses with 503
    (the gateway does not answer; also to those who waited for that) and 409 ``order_in_progress``.
    """
    if payment.razorpay_order_id is not None:
        return
    patience_ends = time.monotonic() + PATIENCE
    is_claimed = is_first_call or _claim(payment)
    while not is_claimed:
        if time.monotonic() > patience_ends:
            raise OrderInProgress
        time.sleep(_POLL)
        if _has_come(payment):
            return
        is_claimed = _claim(payment)
    _ask(payment, is_first_call=is_first_call)


def _has_come(payment: Payment) -> bool:
    """Look whether another has brought the id."""
    payment.refresh_from_db(fields=["razorpay_order_id", "calling_until", "status", "is_open"])
    if payment.razorpay_order_id is None and payment.calling_until is None:
        raise GatewayUnreachable  # whoever asked had no answer, and asking again at once won't get one
    return payment.razorpay_order_id is not None


def _claim(payment: Payment) -> bool:
    """Take the right to ask, unless another holds it; says whether this call did."""
    now = timezone.now()
    free = Payment.objects.filter(Q(calling_until=None) | Q(calling_until__lte=now), pk=payment.pk)
    payment.calling_until = now + CLAIM
    return bool(free.filter(razorpay_order_id=None).update(calling_until=payment.calling_until))


def _ask(payment: Payment, *, is_first_call: bool) -> None:
    try:
        order_id = _order_id(payment, is_first_call=is_first_call)
    except ApiError:
        # Only while the claim is ours: one that outlived it must not take it from its next holder.
        Payment.objects.filter(pk=payment.pk, calling_until=payment.calling_until).update(calling_until=None)
        raise
    _keep(payment, order_id)


def _order_id(payment: Payment, *, is_first_call: bool) -> str:
    provider = gateway()
    known = None if is_first_call else provider.find_order(receipt=payment.receipt)
    if known is not None:
        return known.id
    made = provider.create_order(
        amount_paise=payment.amount_paise,
        currency=payment.currency,
        receipt=payment.receipt,
        notes={"payment_id": str(payment.pk), "receipt": payment.receipt},
    )
    return made.id


def _keep(payment: Payment, order_id: str) -> None:
    """Write the id, unless a webhook or a later caller brought one: what stands is what was handed out."""
    unknown = Payment.objects.filter(pk=payment.pk, razorpay_order_id=None)
    if unknown.update(razorpay_order_id=order_id, calling_until=None):
        payment.razorpay_order_id = order_id
    else:
        payment.refresh_from_db()
