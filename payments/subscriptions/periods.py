"""From when until when: periods that were paid, and how long they entitle. Pure functions of times."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings

from payments.subscriptions.models import Subscription

_Status = Subscription.Status
#: The gateway charges, or tries again, by itself in these states: a charge that is late costs nobody a lesson.
_CHARGED_BY_ITSELF = frozenset({_Status.ACTIVE, _Status.PENDING, _Status.HALTED})


class PaidMonths(Protocol):
    months: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    start: datetime
    end: datetime


def add_months(start: datetime, months: int) -> datetime:
    """Return the same day so many months later, or the last of that month where it is shorter."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def laid_end_to_end(paid: Iterable[PaidMonths]) -> Period | None:
    """Return the last run of periods, in the order of their payments; None where nothing is paid.

    One that was paid before the end of those before it begins at that end, and counts its months from where
    the run began: twelve single months are a year, whatever months lie between.
    """
    run: Period | None = None
    months = 0
    for one in paid:
        if run is None or one.paid_at >= run.end:
            run, months = Period(one.paid_at, one.paid_at), 0
        months += one.months
        run = Period(run.start, add_months(run.start, months))
    return run


def entitlement_of(subscription: Subscription, *, at: datetime) -> datetime | None:
    """Return until when the subscription entitles, or None where it does not at ``at``.

    A period that was paid stays open to its end, also when the gateway has cancelled meanwhile, unless it was
    refunded. While the gateway will charge again by itself, ``SUBSCRIPTION_GRACE_DAYS`` are added: not
    when it ends with its period, is paused or was prepaid.
    """
    end = subscription.current_end
    if end is None or (subscription.refunded_until is not None and end <= subscription.refunded_until):
        return None
    if _is_charged_again(subscription):
        end += timedelta(days=settings.SUBSCRIPTION_GRACE_DAYS)
    return end if end > at else None


def _is_charged_again(subscription: Subscription) -> bool:
    return (
        not subscription.is_prepaid
        and not subscription.cancels_at_period_end
        and subscription.status in _CHARGED_BY_ITSELF
    )
