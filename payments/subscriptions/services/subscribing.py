"""Subscribing: one current subscription a person, and one at the gateway for it, whatever is asked at once."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from e_learning.core.api.errors import Conflict
from payments.gateways import gateway
from payments.gateways.one_call import known_after_one_call, read_again
from payments.subscriptions.models import Plan, Subscription
from payments.subscriptions.selectors import plan_for_sale
from payments.subscriptions.services.calling import CLAIM, SubscriptionInProgress
from payments.subscriptions.services.ending import end_if_passed
from payments.subscriptions.services.gateway_plans import plan_at_gateway
from payments.subscriptions.services.settling import settle_subscription

_Status = Subscription.Status
#: Ten years of charges: a subscription ends when its person wants, not when the gateway runs out of months.
MONTHS_IN_ALL = 120
#: Each try that fails means that another request of the same person was first.
_MOST_TRIES = 8


class AlreadySubscribed(Conflict):
    code = "already_subscribed"
    message = _("You have a subscription already. It can be upgraded, or cancelled.")


@dataclass(frozen=True, slots=True)
class Subscribed:
    subscription: Subscription
    is_new: bool


def create_subscription(*, user: User, plan_slug: str, at: datetime | None = None) -> Subscribed:
    """Begin a subscription of the plan, to be authorised and paid at the gateway's checkout.

    Refuses: 400 ``does_not_exist``, 409 ``plan_is_free``, 409 ``already_subscribed`` (while one entitles, prepaid
    or cancelled ones too, or was authorised), 503 (the gateway does not answer: the intent stays, and the next
    call goes on with it), 409 ``subscription_in_progress``. One that nobody has paid is handed back where it is for
    the same plan at the same price; else it is ended at the gateway first, so that it can't be paid any more. The
    intent is committed before the gateway is asked. An answer that is lost leaves a subscription at the gateway
    that nobody was shown and nobody can pay.
    """
    at = at or timezone.now()
    plan = plan_for_sale(plan_slug)
    _refuse_running(_current(user), at)
    plan_id = plan_at_gateway(plan)
    for _try in range(_MOST_TRIES):
        current = _current(user)
        if current is None:
            intent, is_new = _intent(user, plan, plan_id), True
        elif _is_same_intent(current, plan_id):
            intent, is_new = current, False
        else:
            _end_unpaid(current, at=at)
            continue
        if intent is not None:
            _see_to_id(intent)
            return Subscribed(intent, is_new)
    raise SubscriptionInProgress


def _current(user: User) -> Subscription | None:
    return Subscription.objects.filter(user=user, is_current=True).select_related("plan").first()


def _is_same_intent(current: Subscription, plan_id: str) -> bool:
    return current.status == _Status.CREATED and current.gateway_plan_id == plan_id


def _intent(user: User, plan: Plan, plan_id: str) -> Subscription | None:
    """Write the intent; None where another request's was first: the constraint decides."""
    try:
        with transaction.atomic():
            return Subscription.objects.create(
                user=user,
                plan=plan,
                gateway=plan.gateway,
                gateway_plan_id=plan_id,
                receipt=f"sub-{secrets.token_hex(12)}",
            )
    except IntegrityError:
        return None


def _see_to_id(intent: Subscription) -> None:
    known_after_one_call(
        intent,
        unknown=Q(razorpay_subscription_id=None),
        known=_id_of,
        ask=_make,
        in_progress=SubscriptionInProgress,
        claim=CLAIM,
    )


def _id_of(intent: Subscription) -> str | None:
    return intent.razorpay_subscription_id


def _make(intent: Subscription) -> None:
    made = gateway().create_subscription(
        plan_id=intent.gateway_plan_id,
        total_count=MONTHS_IN_ALL // intent.plan.months,
        notes={"subscription_id": str(intent.pk), "receipt": intent.receipt},
    )
    # Unless an event brought the id, or another request replaced the intent: what stands is what is handed out.
    unknown = Subscription.objects.filter(pk=intent.pk, razorpay_subscription_id=None, status=_Status.CREATED)
    unknown.update(razorpay_subscription_id=made.id, calling_until=None)
    read_again(intent)
    if intent.razorpay_subscription_id is None:
        raise SubscriptionInProgress


def _end_unpaid(current: Subscription, *, at: datetime) -> None:
    """End a subscription that gives nothing, at the gateway too. Refuses one that entitles, or that was authorised."""
    _refuse_running(current, at)
    if current.entitled_until is not None:
        end_if_passed(current, at=at)
        return
    if current.razorpay_subscription_id is None or current.gateway != gateway().name:
        _close(current, at)
        return
    asked = gateway().subscription(current.razorpay_subscription_id)
    _refuse_running(settle_subscription(snapshot=asked, at=at, is_fresh=True), at)
    ended = gateway().cancel_subscription(current.razorpay_subscription_id, at_cycle_end=False)
    settle_subscription(snapshot=ended, at=at, is_fresh=True)


def _refuse_running(current: Subscription | None, at: datetime) -> None:
    if current is None:
        return
    is_entitled = current.entitled_until is not None and current.entitled_until > at
    if is_entitled or current.status == _Status.AUTHENTICATED:
        raise AlreadySubscribed


def _close(current: Subscription, at: datetime) -> None:
    """Close an intent that no gateway of today knows, unless somebody asks the gateway for it in this moment."""
    free = Q(calling_until=None) | Q(calling_until__lte=timezone.now())
    closed = Subscription.objects.filter(free, pk=current.pk, is_current=True, entitled_until=None)
    if not closed.update(status=_Status.CANCELLED, ended_at=at, is_current=False):
        raise SubscriptionInProgress
