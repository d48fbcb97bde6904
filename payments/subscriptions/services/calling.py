"""Asking the gateway for something of which there must be one: by one caller at a time, never within a transaction."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import ApiError, Conflict
from payments.gateways.base import GatewayUnreachable
from payments.subscriptions.models import Plan, Subscription

#: For so long a claim holds: past the time-outs of the call made under it. Who died gives it up then.
CLAIM = timedelta(seconds=30)
#: So long the others wait for the one who asks.
PATIENCE = 8.0
_POLL = 0.07
Row = TypeVar("Row", Plan, Subscription)


class SubscriptionInProgress(Conflict):
    code = "subscription_in_progress"
    message = _("Your subscription is being made. Try again in a moment.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "2"})


def known_after_one_call(
    row: Row, *, unknown: Q, known: Callable[[Row], str | None], ask: Callable[[Row], None]
) -> str:
    """Return what ``known`` reads from ``row``; where that is nothing yet, one caller asks and the others wait.

    ``unknown`` is the same condition for the database: the claim is taken under it. ``ask`` calls the gateway and
    writes the answer. Refuses as ``ask`` does, with 503 for those who waited in vain, and 409
    ``subscription_in_progress`` past their patience.
    """
    patience_ends = time.monotonic() + PATIENCE
    while (found := known(row)) is None:
        if _claim(row, unknown):
            _ask_and_let_go(row, ask)
        elif time.monotonic() > patience_ends:
            raise SubscriptionInProgress
        else:
            _wait(row, known)
    return found


def _claim(row: Row, unknown: Q) -> bool:
    """Take the right to ask, unless another holds it or has the answer; says whether this call did."""
    now = timezone.now()
    free = Q(calling_until=None) | Q(calling_until__lte=now)
    row.calling_until = now + CLAIM
    return bool(type(row).objects.filter(free, unknown, pk=row.pk).update(calling_until=row.calling_until))


def _ask_and_let_go(row: Row, ask: Callable[[Row], None]) -> None:
    claim = row.calling_until
    try:
        ask(row)
    except ApiError:
        # Only while the claim is ours: one that outlived it must not take it from its next holder.
        type(row).objects.filter(pk=row.pk, calling_until=claim).update(calling_until=None)
        raise
    _read_again(row)


def _wait(row: Row, known: Callable[[Row], str | None]) -> None:
    time.sleep(_POLL)
    _read_again(row)
    if row.calling_until is None and known(row) is None:
        raise GatewayUnreachable  # whoever asked had no answer, and asking at once again won't get one


def _read_again(row: Row) -> None:
    """Read the row's own columns; what hangs on it (its plan) stays."""
    row.refresh_from_db(fields=[field.attname for field in row._meta.concrete_fields if not field.is_relation])
