"""Cancelling and upgrading what one has. The gateway is told first: the row then says what the gateway answered."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from e_learning.core.api.errors import Conflict
from payments.gateways import gateway
from payments.subscriptions.models import Subscription
from payments.subscriptions.selectors import plan_for_sale
from payments.subscriptions.services.gateway_plans import plan_at_gateway
from payments.subscriptions.services.settling import settle_subscription
from payments.subscriptions.services.standing import held_subscriptions, settle_standing
from payments.subscriptions.telling import tier_rank

_Status = Subscription.Status
#: Those that begin a new period by themselves: only these have an end of a period to wait for.
_RUNNING = frozenset({_Status.ACTIVE, _Status.PAUSED})


class NotSubscribed(Conflict):
    code = "not_subscribed"
    message = _("You have no subscription.")


class NotUpgradable(Conflict):
    code = "not_upgradable"
    message = _("This subscription can't change its plan. Buy the other plan, or subscribe to it when this one ends.")


class NotAnUpgrade(Conflict):
    code = "not_an_upgrade"
    message = _(
        "An upgrade goes to a higher tier, and not to shorter periods. For anything else cancel: "
        "this subscription stays open to the end of its period, and then you choose the other plan."
    )


def cancel_subscription(*, user: User, at: datetime | None = None) -> Subscription:
    """End the person's current subscription with the period that is paid; that one has it back unchanged.

    Refuses: 409 ``not_subscribed``, and as the gateway does (503: nothing was changed here). Where no next period
    begins by itself (unpaid, charge failed) it ends at the gateway at once; what was paid stays open all
    the same. Nobody is charged for a prepaid one: it is only marked. Cancelling again changes nothing.
    """
    return end_with_period(_current_of(user), at=at or timezone.now())


def end_with_period(row: Subscription, *, at: datetime) -> Subscription:
    """Cancel this subscription; see ``cancel_subscription``."""
    if row.cancels_at_period_end or not (row.is_living or row.is_prepaid):
        return row
    provider = gateway()
    if row.is_living and row.razorpay_subscription_id is not None and row.gateway == provider.name:
        answer = provider.cancel_subscription(row.razorpay_subscription_id, at_cycle_end=row.status in _RUNNING)
        settle_subscription(snapshot=answer, at=at, is_fresh=True)
    return _marked(row, at)


@transaction.atomic
def _marked(row: Subscription, at: datetime) -> Subscription:
    """Write that it ends with its period: the grace beyond it is for charges that are tried again."""
    rows = held_subscriptions(row.user_id, with_id=row.pk)
    held = next(one for one in rows if one.pk == row.pk)
    held.cancels_at_period_end = True
    if held.is_living and (held.razorpay_subscription_id is None or held.gateway != gateway().name):
        held.status, held.ended_at = _Status.CANCELLED, at
    held.save(update_fields=["cancels_at_period_end", "status", "ended_at"])
    settle_standing(rows, held, at=at)
    return held


def upgrade_subscription(*, user: User, plan_slug: str, at: datetime | None = None) -> Subscription:
    """Move the current subscription to a plan of a higher tier, at once; the gateway works out what that costs.

    Refuses: 400 and 409 as for a new one, 409 ``not_subscribed``, 409 ``not_upgradable`` (prepaid, ends with
    its period, its charge is overdue, or it is another gateway's), 409 ``not_an_upgrade``, and as the gateway does.
    """
    at = at or timezone.now()
    plan = plan_for_sale(plan_slug)
    row = _current_of(user)
    if row.entitled_until is None or row.entitled_until <= at:
        raise NotSubscribed
    provider = gateway()
    if row.cancels_at_period_end or row.status != _Status.ACTIVE or row.gateway != provider.name:
        raise NotUpgradable
    if tier_rank(plan) <= tier_rank(row.plan) or plan.months < row.plan.months:
        raise NotAnUpgrade
    assert row.razorpay_subscription_id is not None  # active is what the gateway said of it
    answer = provider.change_plan(row.razorpay_subscription_id, plan_id=plan_at_gateway(plan))
    return settle_subscription(snapshot=answer, at=at, is_fresh=True)


def _current_of(user: User) -> Subscription:
    row = Subscription.objects.filter(user=user, is_current=True).select_related("plan").first()
    if row is None:
        raise NotSubscribed
    return row
