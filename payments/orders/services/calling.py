"""Asking the gateway for the order of a payment: by one at a time, never within a transaction."""

from datetime import timedelta
from functools import partial

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import Conflict
from payments.gateways import gateway
from payments.gateways.one_call import known_after_one_call, read_again
from payments.orders.models import Payment

#: For so long a claim holds: past the time-outs of the two calls made under it.
CLAIM = timedelta(seconds=40)


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
    known_after_one_call(
        payment,
        unknown=Q(razorpay_order_id=None),
        known=_id_of,
        ask=partial(_ask, is_first_call=is_first_call),
        in_progress=OrderInProgress,
        claim=CLAIM,
        is_claimed=is_first_call,
    )


def _id_of(payment: Payment) -> str | None:
    return payment.razorpay_order_id


def _ask(payment: Payment, *, is_first_call: bool) -> None:
    _keep(payment, _order_id(payment, is_first_call=is_first_call))


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
        read_again(payment)
