"""What a row knows after the gateway told of its subscription: the same, in whatever order it was told.

Webhooks come late, twice and out of order, and carry no number. So each fact is the greatest of all that was
told, by an order of its own: how many periods were paid; until when; and, of what was told at the highest
count, the plan of the highest tier and the furthest word. A word that ends it stays.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from payments.gateways.base import SubscriptionSnapshot
from payments.subscriptions.models import TERMINAL, Plan, Subscription, Tier

_Status = Subscription.Status
#: Between two charges; a charge begins anew. The words that end it come last.
_FURTHER = {
    status: place
    for place, status in enumerate(
        [
            _Status.CREATED,
            _Status.AUTHENTICATED,
            _Status.ACTIVE,
            _Status.PAUSED,
            _Status.PENDING,
            _Status.HALTED,
            _Status.EXPIRED,
            _Status.CANCELLED,
            _Status.COMPLETED,
        ]
    )
}
#: In these the period that is told was paid. While a charge is tried again it may be the one that isn't paid yet.
_PAID = frozenset({_Status.ACTIVE, _Status.PAUSED, _Status.COMPLETED})
_TIERS = [Tier.FREE, Tier.PREMIUM, Tier.PRO]


def tier_rank(plan: Plan) -> int:
    """Say how high a plan's tier is: free 0, premium 1, pro 2."""
    return _TIERS.index(Tier(plan.tier))


def told(
    row: Subscription, snapshot: SubscriptionSnapshot, *, plan: Plan | None, at: datetime, is_fresh: bool
) -> Mapping[str, Any]:
    """Return what changes in ``row``, by field; nothing where the snapshot tells what is known or was overtaken.

    ``plan`` is the one that the snapshot names, None for one that is none of ours (an older price). A
    fresh snapshot was asked for just now: at the same count its word and plan stand, whatever was told before.
    """
    changes: dict[str, Any] = {"paid_count": max(row.paid_count, snapshot.paid_count)}
    if _lengthens(row, snapshot):
        changes |= {"current_start": snapshot.current_start, "current_end": snapshot.current_end}
    if _ends_it(row, snapshot):
        changes |= {"status": snapshot.status, "ended_at": row.ended_at or snapshot.ended_at or at}
    elif row.status not in TERMINAL and _says_more(row, snapshot, is_fresh):
        changes["status"] = snapshot.status
    if plan is not None and _plan_counts(row, snapshot, plan, is_fresh):
        changes |= {"plan": plan, "gateway_plan_id": snapshot.plan_id}
    return {name: value for name, value in changes.items() if getattr(row, name) != value}


def _lengthens(row: Subscription, snapshot: SubscriptionSnapshot) -> bool:
    if snapshot.status not in _PAID or snapshot.current_end is None:
        return False
    return row.current_end is None or snapshot.current_end > row.current_end


def _ends_it(row: Subscription, snapshot: SubscriptionSnapshot) -> bool:
    return snapshot.status in TERMINAL and _FURTHER[_Status(snapshot.status)] > _FURTHER[_Status(row.status)]


def _says_more(row: Subscription, snapshot: SubscriptionSnapshot, is_fresh: bool) -> bool:
    if snapshot.paid_count != row.paid_count:
        return snapshot.paid_count > row.paid_count
    return is_fresh or _FURTHER[_Status(snapshot.status)] > _FURTHER[_Status(row.status)]


def _plan_counts(row: Subscription, snapshot: SubscriptionSnapshot, plan: Plan, is_fresh: bool) -> bool:
    if snapshot.paid_count != row.paid_count:
        return snapshot.paid_count > row.paid_count
    return is_fresh or (tier_rank(plan), plan.pk) > (tier_rank(row.plan), row.plan_id)
