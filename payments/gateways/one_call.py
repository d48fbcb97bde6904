"""Asking the gateway for something of which there must be one: by one caller at a time, never within a transaction.

A row of ours stands for it. Whoever holds the claim ``calling_until`` of the row asks; the others wait for the answer.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from e_learning.core.api.errors import ApiError, Conflict
from payments.gateways.base import GatewayUnreachable
from payments.gateways.models import AskedForOnce

#: So long the others wait for the one who asks.
PATIENCE = 8.0
_POLL = 0.07
Row = TypeVar("Row", bound=AskedForOnce)


def known_after_one_call(
    row: Row,
    *,
    unknown: Q,
    known: Callable[[Row], str | None],
    ask: Callable[[Row], None],
    in_progress: type[Conflict],
    claim: timedelta,
    is_claimed: bool = False,
) -> str:
    """Return what ``known`` reads from ``row``; where that is nothing yet, one caller asks and the others wait.

    ``unknown`` is the same condition for the database: the claim is taken under it. It holds for ``claim``, past the
    time-outs of the calls that ``ask`` makes: who died gives it up then. ``is_claimed``: this caller wrote the row,
    with the claim in it. ``ask`` calls the gateway, writes the answer and reads it into the row in hand. Refuses as
    ``ask`` does, with 503 for those who waited in vain, and with ``in_progress`` past their patience.
    """
    patience_ends = time.monotonic() + PATIENCE
    while (found := known(row)) is None:
        if is_claimed or _claim(row, unknown, claim):
            _ask_or_let_go(row, ask)
            is_claimed = False
        elif time.monotonic() > patience_ends:
            raise in_progress
        else:
            _wait(row, known)
    return found


def read_again(row: AskedForOnce) -> None:
    """Read the row's own columns; what hangs on it (its plan) stays."""
    row.refresh_from_db(fields=[field.attname for field in row._meta.concrete_fields if not field.is_relation])


def _claim(row: AskedForOnce, unknown: Q, claim: timedelta) -> bool:
    """Take the right to ask, unless another holds it or has the answer; says whether this call did."""
    now = timezone.now()
    free = Q(calling_until=None) | Q(calling_until__lte=now)
    row.calling_until = now + claim
    return bool(_rows(row).filter(free, unknown).update(calling_until=row.calling_until))


def _ask_or_let_go(row: Row, ask: Callable[[Row], None]) -> None:
    claimed_until = row.calling_until
    try:
        ask(row)
    except ApiError:
        # Only while the claim is ours: one that outlived it must not take it from its next holder.
        _rows(row).filter(calling_until=claimed_until).update(calling_until=None)
        raise


def _wait(row: Row, known: Callable[[Row], str | None]) -> None:
    time.sleep(_POLL)
    read_again(row)
    if row.calling_until is None and known(row) is None:
        raise GatewayUnreachable  # whoever asked had no answer, and asking again at once won't get one


def _rows(row: Row) -> QuerySet[Row]:
    return QuerySet(type(row)).filter(pk=row.pk)
