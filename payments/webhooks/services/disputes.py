"""Disputes: a bank asks money back. People decide; here they are told.

A dispute changes no payment and ends no access. Razorpay takes the money back by itself while a dispute runs and
returns it when it is won, so no row of ours is wrong before its end; and a lost one ends what was bought only
when staff say so, by a refund that is made at the gateway or by ending the access. The event stays in the inbox.
"""

import logging
from collections.abc import Mapping
from typing import Any

from accounts.api import IS_ADMIN, User
from e_learning.core.mail import queue_mail
from payments.gateways.base import BadSnapshot
from payments.orders.models import GatewayPayment
from payments.orders.services import UnknownOrder

logger = logging.getLogger(__name__)
DISPUTE = "payment_dispute"


def note_dispute(*, dispute: object, payment: object) -> str:
    """Log the dispute and mail every active admin; returns what the event's row says of it.

    In the transaction that marks the event as processed, so each event is mailed once.
    """
    facts = _facts(dispute, payment)
    attempt = GatewayPayment.objects.filter(razorpay_payment_id=facts["gateway_payment"]).first()
    if attempt is None:
        raise UnknownOrder(facts["gateway_payment"])
    logger.warning("dispute of payment %s (%s): %s", attempt.payment_id, facts["gateway_payment"], facts["status"])
    admins = User.objects.filter(IS_ADMIN, is_active=True).order_by("pk")
    for address in admins.values_list("email", flat=True):
        queue_mail(kind=DISPUTE, recipient=address, context={**facts, "payment": attempt.payment_id})
    return f"payment {attempt.payment_id}: dispute {facts['status']}, {facts['reason']}"


def _facts(dispute: object, payment: object) -> dict[str, Any]:
    if not isinstance(dispute, Mapping):
        raise BadSnapshot("dispute")
    disputed = dispute.get("payment_id")
    if not disputed and isinstance(payment, Mapping):
        disputed = payment.get("id")
    return {
        "gateway_payment": _plain(disputed),
        "dispute": _plain(dispute.get("id")),
        "status": _plain(dispute.get("status")),
        "reason": _plain(dispute.get("reason_code")),
        "amount_paise": dispute["amount"] if isinstance(dispute.get("amount"), int) else 0,
        "respond_by": dispute["respond_by"] if isinstance(dispute.get("respond_by"), int) else 0,
    }


def _plain(value: object) -> str:
    """Return a text that rows and mails take, "?" where there is none."""
    letters = value if isinstance(value, str) else ""
    return "".join(letter for letter in letters if letter.isprintable())[:60] or "?"
