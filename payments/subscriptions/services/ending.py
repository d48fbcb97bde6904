"""Entitlements that have run out: tidied up after. Access itself ended by its date, without waiting for this."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from payments.subscriptions.models import Subscription
from payments.subscriptions.services.standing import held_subscriptions, settle_standing

_Status = Subscription.Status


def settle_ended_subscriptions(*, now: datetime | None = None, batch: int = 200) -> int:
    """End the passes of subscriptions that entitle no more, and give their people the tier that is left; says how many.

    Each in a transaction of its own, asked again under its lock: one that was renewed meanwhile goes on. A
    subscription that the gateway may still charge stays its person's current one, to be seen and cancelled.
    """
    now = now or timezone.now()
    ended, last = 0, 0
    passed = Subscription.objects.filter(entitled_until__lte=now).order_by("pk")
    while rows := list(passed.filter(pk__gt=last)[:batch]):
        ended += sum(end_if_passed(row, at=now) for row in rows)
        last = rows[-1].pk
    return ended


@transaction.atomic
def end_if_passed(row: Subscription, *, at: datetime) -> bool:
    """Tidy up after one subscription, where its entitlement has run out; says whether this call did."""
    rows = held_subscriptions(row.user_id, with_id=row.pk)
    held = next(one for one in rows if one.pk == row.pk)
    if held.entitled_until is None or held.entitled_until > at:
        return False
    if held.is_prepaid and held.ended_at is None:
        held.status, held.ended_at = _Status.COMPLETED, held.current_end
        held.save(update_fields=["status", "ended_at"])
    settle_standing(rows, held, at=at)
    return True
