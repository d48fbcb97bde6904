"""Periods that are paid once: bought with an order, and taken back with its refund."""

from datetime import datetime

from django.db import IntegrityError, transaction

from e_learning.core.api.errors import Conflict
from payments.subscriptions.models import Plan, PrepaidPeriod, Subscription
from payments.subscriptions.periods import laid_end_to_end
from payments.subscriptions.services.standing import REFUNDED, held_subscriptions, settle_standing

_Status = Subscription.Status
#: Each try that fails means that another purchase of the same person came in between.
_MOST_TRIES = 4


@transaction.atomic
def extend_prepaid(*, user_id: int, plan_id: int, payment_id: int, at: datetime) -> Subscription:
    """Give the person a period of the plan for this payment; the same payment again gives no other.

    The same plan, prepaid and not over yet, gets longer by the period. Anything else begins a subscription of
    its own at ``at``, beside what there is: each opens its courses to its end, and the highest of their tiers
    counts. Nothing that was captured is refused here. In the caller's transaction, that of the capture.
    """
    for _try in range(_MOST_TRIES):
        extended = _extended(user_id, plan_id, payment_id, at)
        if extended is not None:
            return extended
    raise Conflict


def _extended(user_id: int, plan_id: int, payment_id: int, at: datetime) -> Subscription | None:
    """Add the period; None where another purchase made the person's current subscription in this moment."""
    rows = held_subscriptions(user_id)
    given = PrepaidPeriod.objects.filter(payment=payment_id).select_related("subscription__plan").first()
    if given is not None:
        return given.subscription
    row = next((held for held in rows if _goes_on(held, plan_id, at)), None)
    if row is None:
        row = _begun(user_id, plan_id, payment_id, is_current=not any(held.is_current for held in rows))
        if row is None:
            return None
        rows.append(row)
    PrepaidPeriod.objects.create(subscription=row, payment_id=payment_id, months=row.plan.months, paid_at=at)
    _lay_periods(row)
    settle_standing(rows, row, at=at)
    return row


def _goes_on(row: Subscription, plan_id: int, at: datetime) -> bool:
    is_running = row.entitled_until is not None and row.entitled_until > at
    return row.is_prepaid and row.plan_id == plan_id and is_running


def _begun(user_id: int, plan_id: int, payment_id: int, *, is_current: bool) -> Subscription | None:
    try:
        with transaction.atomic():
            return Subscription.objects.create(
                user_id=user_id,
                plan=Plan.objects.get(pk=plan_id),
                receipt=f"prepaid-{payment_id}",
                is_prepaid=True,
                status=_Status.ACTIVE,
                is_current=is_current,
            )
    except IntegrityError:
        return None


def _lay_periods(row: Subscription) -> None:
    """Write what the periods that were not taken back come to; the end stays where none is left."""
    paid = list(row.periods.filter(taken_back_at=None).order_by("paid_at", "pk"))
    run = laid_end_to_end(paid)
    row.paid_count = len(paid)
    if run is not None:
        row.current_start, row.current_end = run.start, run.end
    row.save(update_fields=["paid_count", "current_start", "current_end"])


@transaction.atomic
def end_prepaid_period(*, subscription_id: int, payment_id: int, at: datetime) -> None:
    """Take back the period that a payment bought, all of which was refunded. Doing it again changes nothing.

    Prepaid: the periods behind it move up, and without any left the subscription ends now. Charged by the
    gateway: where the payment was the last charge the present period ends now, and the next charge opens the
    next one; that it be charged again is for its person, or staff, to cancel.
    """
    found = Subscription.objects.only("user_id").get(pk=subscription_id)
    rows = held_subscriptions(found.user_id, with_id=found.pk)
    row = next(held for held in rows if held.pk == found.pk)
    is_changed = _take_back(row, payment_id, at) if row.is_prepaid else _close_period(row, payment_id)
    if is_changed:
        settle_standing(rows, row, at=at, reason=REFUNDED)


def _take_back(row: Subscription, payment_id: int, at: datetime) -> bool:
    if not row.periods.filter(payment=payment_id, taken_back_at=None).update(taken_back_at=at):
        return False
    _lay_periods(row)
    if row.paid_count == 0:
        row.status, row.ended_at, row.refunded_until = _Status.CANCELLED, at, row.current_end
        row.save(update_fields=["status", "ended_at", "refunded_until"])
    return True


def _close_period(row: Subscription, payment_id: int) -> bool:
    charges = row.payments.filter(completed_at__isnull=False).order_by("-completed_at", "-pk")
    if charges.values_list("pk", flat=True).first() != payment_id or row.refunded_until == row.current_end:
        return False
    row.refunded_until = row.current_end
    row.save(update_fields=["refunded_until"])
    return True
