"""What an audit may find, and the words of its questions."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import BigIntegerField, Model, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from payments.orders.models import Payment
from payments.refunds.models import RefundRequest

#: A payment of one of these was captured, whatever of it went back since.
CAPTURED = (Payment.Status.CAPTURED, Payment.Status.PARTIALLY_REFUNDED, Payment.Status.REFUNDED)
#: A refund of one of these asks for its amount, or has it.
ASKING = (
    RefundRequest.Status.REQUESTED,
    RefundRequest.Status.APPROVED,
    RefundRequest.Status.PROCESSING,
    RefundRequest.Status.PROCESSED,
)


class Kind(StrEnum):
    """What can disagree."""

    ACCESS = "access"
    ENROLLMENT = "enrollment"
    SUBSCRIPTION = "subscription"
    ATTEMPT = "attempt"
    OPEN_ORDER = "open_order"
    INVOICE = "invoice"
    NUMBERS = "numbers"
    CREDIT_NOTE = "credit_note"
    REFUND_SUMS = "refund_sums"
    SURPLUS = "surplus"
    LEDGER = "ledger"
    COUPON = "coupon"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """``what`` names the row ("payment:17"), ``detail`` says what disagrees in it."""

    kind: Kind
    what: str
    detail: str


def sum_over(rows: QuerySet[Model], *, by: str = "payment", of: str = "amount_paise") -> Coalesce:
    """Return the sum of ``of`` over those ``rows`` that point at the outer row."""
    grouped = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(total=Sum(of))
    return Coalesce(Subquery(grouped.values("total")), 0, output_field=BigIntegerField())
