"""Questions whose every answer must be empty, over the whole database: do money, access and documents agree?

Nothing here asks the gateway or changes a row. Each question is one statement or two, so an audit costs the same
number of statements whatever was sold. What staff do about each kind stands in ``remedies.py``.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.utils import timezone

from payments.reconciliation.audit import access, documents, orders, subscriptions
from payments.reconciliation.audit.findings import Contradiction, Kind

__all__ = ["Contradiction", "Kind", "contradictions"]

QUESTIONS: tuple[Callable[[datetime], Iterator[Contradiction]], ...] = (
    access.bought_and_open,
    access.enrollments,
    subscriptions.passes,
    subscriptions.tiers,
    orders.attempts_and_status,
    orders.open_orders,
    orders.refund_sums,
    orders.surplus_refunds,
    orders.coupon_counts,
    orders.coupon_uses,
    documents.invoices,
    documents.numbers_without_gaps,
    documents.credit_notes,
    documents.balanced_postings,
    documents.ledger_and_money,
)


def contradictions(*, at: datetime | None = None) -> list[Contradiction]:
    """Ask every question; an empty list says that money, access and documents agree (at ``at``, or now)."""
    at = at or timezone.now()
    return [found for question in QUESTIONS for found in question(at)]
