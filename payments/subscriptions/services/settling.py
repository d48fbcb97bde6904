"""The one way in which a subscription that is charged by the gateway changes: by what the gateway tells of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from payments.gateways.base import SubscriptionSnapshot
from payments.subscriptions.models import Plan, Subscription
from payments.subscriptions.services.standing import held_subscriptions, settle_standing
from payments.subscriptions.telling import told


class UnknownSubscription(LookupError):
    """The gateway tells of a subscription that is none of ours, or that is not written here yet."""


@transaction.atomic
def settle_subscription(*, snapshot: SubscriptionSnapshot, at: datetime, is_fresh: bool = False) -> Subscription:
    """Take in what the gateway tells; returns the row as it is then, with its plan.

    Fed by verify, webhooks and the reconciler, in any order, any number of times and at once: the row ends
    the same (``telling.py``). Its pass, its person's tier and which subscription is current follow in the
    same transaction. ``is_fresh`` says that the snapshot was fetched just now and is no event of the past.
    A row whose id at the gateway was lost is found by the receipt in the notes, and takes the id.
    Raises ``UnknownSubscription``.
    """
    found = _found(snapshot)
    rows = held_subscriptions(found.user_id, with_id=found.pk)
    row = next(held for held in rows if held.pk == found.pk)
    changes = dict(told(row, snapshot, plan=_plan_named(snapshot), at=at, is_fresh=is_fresh))
    if row.razorpay_subscription_id is None:
        changes["razorpay_subscription_id"] = snapshot.id
    if changes:
        _write(row, changes)
        settle_standing(rows, row, at=at)
    return row


def _found(snapshot: SubscriptionSnapshot) -> Subscription:
    rows = Subscription.objects.only("user_id")
    found = rows.filter(razorpay_subscription_id=snapshot.id).first()
    if found is None and (receipt := snapshot.notes.get("receipt")):
        found = rows.filter(razorpay_subscription_id=None, receipt=receipt, is_prepaid=False).first()
    if found is None:
        raise UnknownSubscription(snapshot.id)
    return found


def _plan_named(snapshot: SubscriptionSnapshot) -> Plan | None:
    return Plan.objects.filter(gateway_plan_id=snapshot.plan_id).first()


def _write(row: Subscription, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
