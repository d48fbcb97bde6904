"""What each event means: a table from its name to the one transition function it feeds.

The payload is a snapshot of the moment of the event and comes late, twice and in any order. So nothing here
says "now it is": each handler hands the snapshot to a function that goes forward only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from payments.gateways.base import (
    BadSnapshot,
    PaymentSnapshot,
    order_snapshot,
    payment_snapshot,
    refund_snapshot,
    subscription_snapshot,
)
from payments.orders.services import Mismatch, UnknownOrder, record_charge, settle_payment
from payments.orders.services.settling import TAKEN
from payments.refunds.services import settle_refund
from payments.subscriptions.services import UnknownSubscription, settle_subscription
from payments.webhooks.models import WebhookEvent
from payments.webhooks.services.disputes import note_dispute
from payments.webhooks.services.inbox import NotAnEvent, read_event

_State = WebhookEvent.State


@dataclass(frozen=True, slots=True)
class Outcome:
    state: WebhookEvent.State
    note: str = ""


Payload = Mapping[str, Any]
Handler = Callable[[Payload, datetime], str]


def handle(event: WebhookEvent, now: datetime) -> Outcome:
    """Do what the event tells, in the caller's transaction, and say what became of it.

    Parked: its order, payment or subscription is not known yet. Refused: it is from another account, makes no
    sense or contradicts our rows. Ignored: nothing of ours hangs on it. Whatever else goes wrong is raised.
    """
    try:
        told = read_event(event.body)
        handler = _handler_of(event.event)
        if handler is None:
            return Outcome(_State.IGNORED, "not an event that is acted on")
        if not _is_our_account(told):
            return Outcome(_State.REFUSED, "of another account")
        return Outcome(_State.PROCESSED, handler(_payload_of(told), now))
    except UnknownOrder as unknown:
        return Outcome(_State.PARKED, str(unknown.code))
    except UnknownSubscription:
        return Outcome(_State.PARKED, "unknown_subscription")
    except (Mismatch, NotAnEvent) as refusal:
        return Outcome(_State.REFUSED, str(refusal.code))
    except BadSnapshot as nonsense:
        return Outcome(_State.REFUSED, f"makes no sense: {nonsense}")
    except _NothingOfOurs as foreign:
        return Outcome(_State.IGNORED, str(foreign))


class _NothingOfOurs(Exception):
    """The event is true and tells of something that another event tells better."""


def _is_our_account(told: Payload) -> bool:
    """An event that names no account (samples lack it) passes: its signature was checked."""
    account = told.get("account_id")
    return not settings.RAZORPAY_ACCOUNT_ID or account in (None, "", settings.RAZORPAY_ACCOUNT_ID)


def _payload_of(told: Payload) -> Payload:
    payload = told.get("payload")
    return payload if isinstance(payload, dict) else {}


def _entity(payload: Payload, kind: str) -> object:
    """Return what the payload holds of ``kind``, None where it holds nothing of it."""
    held = payload.get(kind)
    return held.get("entity") if isinstance(held, dict) else None


def _payment_told(payload: Payload, now: datetime) -> str:
    """An authorised payment is only written down: capturing by itself is how accounts are set for orders."""
    return _settle(payment_snapshot(_entity(payload, "payment")), now)


def _order_paid(payload: Payload, now: datetime) -> str:
    """The order's receipt finds the row whose order id was lost with the gateway's answer."""
    order = order_snapshot(_entity(payload, "order"))
    payment = payment_snapshot(_entity(payload, "payment"))
    if payment.order_id != order.id:
        raise BadSnapshot("order_id")
    return _settle(payment, now, receipt=order.receipt)


def _settle(payment: PaymentSnapshot, now: datetime, receipt: str | None = None) -> str:
    try:
        settled = settle_payment(snapshot=payment, at=now, receipt=receipt)
    except UnknownOrder:
        if payment.invoice_id or payment.subscription_id:
            raise _NothingOfOurs("a charge of a subscription: subscription.charged tells of it") from None
        raise
    return f"payment {settled.payment_id}: {settled.status}"


def _refund_told(payload: Payload, now: datetime) -> str:
    payment = _entity(payload, "payment")
    refund = settle_refund(
        snapshot=refund_snapshot(_entity(payload, "refund")),
        payment_snapshot=payment_snapshot(payment) if payment is not None else None,
        at=now,
    )
    return "a refund that failed and is not ours" if refund is None else f"refund {refund.pk}: {refund.status}"


def _subscription_told(payload: Payload, now: datetime) -> str:
    """With the subscription comes the payment that was tried: a captured one is a charge, with its invoice."""
    subscription = settle_subscription(snapshot=subscription_snapshot(_entity(payload, "subscription")), at=now)
    charge = _entity(payload, "payment")
    if charge is not None and (paid := payment_snapshot(charge)).status in TAKEN:
        record_charge(subscription=subscription, snapshot=paid, at=now)
    return f"subscription {subscription.pk}: {subscription.status}"


def _dispute_told(payload: Payload, now: datetime) -> str:
    return note_dispute(dispute=_entity(payload, "dispute"), payment=_entity(payload, "payment"))


_BY_NAME: dict[str, Handler] = {
    "payment.authorized": _payment_told,
    "payment.captured": _payment_told,
    "payment.failed": _payment_told,
    "order.paid": _order_paid,
    "refund.created": _refund_told,
    "refund.processed": _refund_told,
    "refund.failed": _refund_told,
    "refund.speed_changed": _refund_told,
}
_BY_KIND: dict[str, Handler] = {"payment.dispute.": _dispute_told, "subscription.": _subscription_told}


def _handler_of(name: str) -> Handler | None:
    by_kind = (handler for kind, handler in _BY_KIND.items() if name.startswith(kind))
    return _BY_NAME.get(name) or next(by_kind, None)
