"""What refunds ask of a payment: reserved with the request, let go when it comes to nothing.

The condition of one update decides whether an amount is still there, and a check of the table stands behind it. The
lock on the payment only orders the queue.
"""

import secrets

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import Conflict
from e_learning.core.money import LEAST_PAISE
from payments.orders.models import GatewayPayment, Payment
from payments.orders.services import PaymentNotCaptured
from payments.refunds.models import RefundRequest

#: In these a refund of a winning attempt reserves its amount, and may still come to nothing.
OPEN = (RefundRequest.Status.REQUESTED, RefundRequest.Status.APPROVED, RefundRequest.Status.PROCESSING)
CAPTURED = (Payment.Status.CAPTURED, Payment.Status.PARTIALLY_REFUNDED, Payment.Status.REFUNDED)


class RefundTooLarge(Conflict):
    code = "refund_too_large"
    message = _("This is more than what is left of the payment.")


class RefundTooSmall(Conflict):
    code = "refund_too_small"
    message = _("A refund is of ₹1.00 or more, and leaves nothing or ₹1.00 or more of the payment.")


def lock_payment(payment_id: int) -> Payment:
    """Return the payment, held until the commit: payment first, then its refunds, access, counters."""
    return Payment.objects.select_for_update(no_key=True).get(pk=payment_id)


def check_captured(payment: Payment) -> None:
    if payment.status not in CAPTURED:
        raise PaymentNotCaptured(_("Nothing was paid yet that could be given back."))


def what_is_left(payment: Payment) -> int:
    """Return the paise that no open and no processed refund asks for."""
    return payment.amount_paise - payment.refund_reserved_paise


def refuse_crumbs(payment: Payment, amount_paise: int) -> None:
    """Refuse with 409 ``refund_too_small`` what the gateway would, now or when the rest is to follow.

    What is left below the least could never go back, and a payment that never goes back whole keeps its access.
    """
    left = what_is_left(payment) - amount_paise
    if amount_paise < LEAST_PAISE or 0 < left < LEAST_PAISE:
        raise RefundTooSmall


def fits(amount_paise: int) -> Q:
    return Q(status__in=CAPTURED, amount_paise__gte=F("refund_reserved_paise") + amount_paise)


def reserve(*, payment_id: int, amount_paise: int) -> None:
    """Reserve the amount on the payment, or refuse with 409 ``refund_too_large``."""
    held = Payment.objects.filter(fits(amount_paise), pk=payment_id)
    if not held.update(refund_reserved_paise=F("refund_reserved_paise") + amount_paise):
        raise RefundTooLarge


def release(refund: RefundRequest) -> None:
    """Give back what ``refund`` reserved. Surplus attempts reserve nothing: their money was never the payment's."""
    if refund.attempt.role == GatewayPayment.Role.WINNING:
        held = Payment.objects.filter(pk=refund.payment_id)
        held.update(refund_reserved_paise=F("refund_reserved_paise") - refund.amount_paise)


def winning_attempt(payment: Payment) -> GatewayPayment:
    """Return the attempt that paid. A payment of nothing has none, and nothing to give back."""
    attempt = payment.attempts.filter(role=GatewayPayment.Role.WINNING).first()
    if attempt is None:
        raise RefundTooLarge
    return attempt


def new_idempotency_key() -> str:
    """Return a key as the gateway takes it (10 or more of ``A-Za-z0-9_-``), which is also the receipt (at most 40)."""
    return f"refund-{secrets.token_hex(16)}"
