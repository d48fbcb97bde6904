"""Questions whose every answer must be empty, over the whole database: do money, access and documents agree?

Nothing here asks the gateway or changes a row. Each question is one statement, so an audit costs the same
number of statements whatever was sold. What a contradiction means for staff stands in ``remedies.py``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import BigIntegerField, Count, Exists, F, Max, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from payments.invoices.models import Invoice, InvoiceCounter, LedgerEntry
from payments.orders.models import Coupon, CouponUse, GatewayPayment, Payment
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


def contradictions() -> list[Contradiction]:
    """Ask every question; an empty list says that money, access and documents agree."""
    return [found for question in QUESTIONS for found in question()]


def _sum(rows: QuerySet[Model], *, by: str = "payment", of: str = "amount_paise") -> Coalesce:
    """Return the sum of ``of`` over those ``rows`` that point at the outer row."""
    grouped = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(total=Sum(of))
    return Coalesce(Subquery(grouped.values("total")), 0, output_field=BigIntegerField())


def attempts_and_status() -> Iterator[Contradiction]:
    """A captured payment has the winning attempt that it names (none where nothing was paid); another has none."""
    winning = GatewayPayment.objects.filter(payment=OuterRef("pk"), role=GatewayPayment.Role.WINNING)
    named = winning.filter(
        razorpay_payment_id=OuterRef("razorpay_payment_id"),
        amount_paise=OuterRef("amount_paise"),
        currency=OuterRef("currency"),
    )
    wrong = Payment.objects.filter(
        Q(~Exists(named), status__in=CAPTURED, amount_paise__gt=0)
        | Q(Exists(winning), amount_paise=0)
        | (Q(Exists(winning)) & ~Q(status__in=CAPTURED))
    )
    for payment in wrong.order_by("pk"):
        yield Contradiction(
            Kind.ATTEMPT,
            f"payment:{payment.pk}",
            f"{payment.receipt} is {payment.status}, its winning attempt says otherwise",
        )


def open_orders() -> Iterator[Contradiction]:
    """What was captured is not handed out again."""
    for pk in Payment.objects.filter(status__in=CAPTURED, is_open=True).order_by("pk").values_list("pk", flat=True):
        yield Contradiction(Kind.OPEN_ORDER, f"payment:{pk}", "captured, and its order is still open")


def invoices() -> Iterator[Contradiction]:
    """Captured money has its invoice, over that amount and that tax; nothing else has one."""
    issued = Invoice.objects.filter(payment=OuterRef("pk"), kind=Invoice.Kind.INVOICE)
    same = issued.filter(
        total_paise=OuterRef("amount_paise"),
        taxable_paise=OuterRef("amount_paise") - OuterRef("tax_paise"),
        currency=OuterRef("currency"),
    )
    paid = Q(status__in=CAPTURED, amount_paise__gt=0)
    wrong = Payment.objects.filter((paid & ~Exists(same)) | (~paid & Exists(issued)))
    for payment in wrong.order_by("pk"):
        detail = f"{payment.status}, {payment.amount_paise} paise, and its invoice is missing, another, or too many"
        yield Contradiction(Kind.INVOICE, f"payment:{payment.pk}", detail)


def numbers_without_gaps() -> Iterator[Contradiction]:
    """The numbers of a series and year are 1, 2, … up to what its counter says: none left out."""
    given = {
        (row["series"], row["financial_year"]): (row["documents"], row["greatest"])
        for row in Invoice.objects.order_by()
        .values("series", "financial_year")
        .annotate(documents=Count("pk"), greatest=Max("sequence"))
    }
    counted = {(one.series, one.financial_year): one.last for one in InvoiceCounter.objects.all()}
    for series, year in sorted(given.keys() | counted.keys()):
        documents, greatest = given.get((series, year), (0, 0))
        last = counted.get((series, year), 0)
        if not documents == greatest == last:
            detail = f"{documents} documents, the greatest number is {greatest}, the counter says {last}"
            yield Contradiction(Kind.NUMBERS, f"series:{series}/{year}", detail)


def credit_notes() -> Iterator[Contradiction]:
    """What went back of a payment has its credit notes, refund by refund; what was paid twice has none."""
    owed = Q(status=RefundRequest.Status.PROCESSED, attempt__role=GatewayPayment.Role.WINNING)
    wrong = RefundRequest.objects.filter(
        (owed & Q(credit_note__isnull=True))
        | (Q(credit_note__isnull=False) & ~owed)
        | (Q(credit_note__isnull=False) & ~Q(credit_note__total_paise=F("amount_paise")))
        | (Q(credit_note__isnull=False) & ~Q(credit_note__payment=F("payment")))
    )
    for refund in wrong.order_by("pk"):
        detail = f"{refund.status}, {refund.amount_paise} paise, and its credit note is missing, another, or too many"
        yield Contradiction(Kind.CREDIT_NOTE, f"refund:{refund.pk}", detail)


def refund_sums() -> Iterator[Contradiction]:
    """A payment knows what its refunds ask for and what has gone back."""
    of_winner = RefundRequest.objects.filter(attempt__role=GatewayPayment.Role.WINNING)
    summed = Payment.objects.annotate(
        asked=_sum(of_winner.filter(status__in=ASKING)),
        returned=_sum(of_winner.filter(status=RefundRequest.Status.PROCESSED)),
    )
    wrong = summed.exclude(asked=F("refund_reserved_paise"), returned=F("refunded_paise"))
    for payment in wrong.order_by("pk"):
        detail = (
            f"its refunds ask for {payment.asked} paise, {payment.refund_reserved_paise} are reserved; "
            f"{payment.returned} went back, {payment.refunded_paise} are written down"
        )
        yield Contradiction(Kind.REFUND_SUMS, f"payment:{payment.pk}", detail)


def surplus_refunds() -> Iterator[Contradiction]:
    """Of no attempt goes back more than was captured, of one that was not captured nothing."""
    asked = GatewayPayment.objects.annotate(asked=_sum(RefundRequest.objects.filter(status__in=ASKING), by="attempt"))
    wrong = asked.filter(Q(asked__gt=F("amount_paise")) | Q(asked__gt=0, role=GatewayPayment.Role.TRYING))
    for attempt in wrong.order_by("pk"):
        detail = f"{attempt.status}, {attempt.amount_paise} paise, and {attempt.asked} are to go back"
        yield Contradiction(Kind.SURPLUS, f"attempt:{attempt.razorpay_payment_id}", detail)


def balanced_postings() -> Iterator[Contradiction]:
    """Every posting sums to zero."""
    posted = LedgerEntry.objects.order_by().values("posting").annotate(total=Sum("amount_paise"))
    for row in posted.exclude(total=0).order_by("posting"):
        yield Contradiction(Kind.LEDGER, f"posting:{row['posting']}", f"sums to {row['total']} paise")


def ledger_and_money() -> Iterator[Contradiction]:
    """The ledger holds of each payment what was captured less what went back, what was paid twice, and the tax."""
    account = LedgerEntry.Account
    surplus = GatewayPayment.objects.filter(role=GatewayPayment.Role.SURPLUS)
    returned = RefundRequest.objects.filter(status=RefundRequest.Status.PROCESSED)
    tax = F("cgst_paise") + F("sgst_paise") + F("igst_paise")
    documents = Invoice.objects.annotate(tax=tax)
    booked = Payment.objects.annotate(
        held=_sum(LedgerEntry.objects.filter(account=account.GATEWAY)),
        owed=-_sum(LedgerEntry.objects.filter(account=account.SURPLUS)),
        gst=-_sum(LedgerEntry.objects.filter(account=account.GST)),
        twice=_sum(surplus) - _sum(returned.filter(attempt__role=GatewayPayment.Role.SURPLUS)),
        taxed=_sum(documents.filter(kind=Invoice.Kind.INVOICE), of="tax")
        - _sum(documents.filter(kind=Invoice.Kind.CREDIT_NOTE), of="tax"),
    )
    kept = F("amount_paise") - F("refunded_paise") + F("twice")
    right = Q(owed=F("twice"), gst=F("taxed")) & (
        Q(status__in=CAPTURED, held=kept) | (~Q(status__in=CAPTURED) & Q(held=F("twice")))
    )
    for payment in booked.exclude(right).order_by("pk"):
        detail = (
            f"{payment.status}, {payment.amount_paise} paise less {payment.refunded_paise}, "
            f"{payment.twice} paid twice, tax {payment.taxed}: the ledger says {payment.held}, {payment.owed}, {payment.gst}"
        )
        yield Contradiction(Kind.LEDGER, f"payment:{payment.pk}", detail)


def coupon_counts() -> Iterator[Contradiction]:
    """A coupon counts exactly the uses that are held or were paid for."""
    uses = CouponUse.objects.filter(coupon=OuterRef("pk")).exclude(state=CouponUse.State.RELEASED)
    grouped = uses.order_by().values("coupon").annotate(total=Count("pk")).values("total")
    counted = Coupon.objects.annotate(uses_now=Coalesce(Subquery(grouped), 0))
    for coupon in counted.exclude(uses_now=F("used_count")).order_by("pk"):
        detail = f"counts {coupon.used_count}, and {coupon.uses_now} are held or used"
        yield Contradiction(Kind.COUPON, f"coupon:{coupon.code}", detail)


def coupon_uses() -> Iterator[Contradiction]:
    """A use is ``used`` by a captured payment only, ``held`` by an open one only; its coupon is the payment's."""
    captured = Q(payment__status__in=CAPTURED)
    wrong = CouponUse.objects.filter(
        (Q(state=CouponUse.State.USED) & ~captured)
        | (~Q(state=CouponUse.State.USED) & captured)
        | Q(state=CouponUse.State.HELD, payment__is_open=False)
        | ~Q(payment__coupon=F("coupon"))
        | ~Q(payment__user=F("user"))
    )
    for use in wrong.select_related("coupon", "payment").order_by("pk"):
        detail = f"{use.coupon.code} is {use.state}, its payment {use.payment.status}"
        yield Contradiction(Kind.COUPON, f"payment:{use.payment_id}", detail)


QUESTIONS: tuple[Callable[[], Iterator[Contradiction]], ...] = (
    attempts_and_status,
    open_orders,
    invoices,
    numbers_without_gaps,
    credit_notes,
    refund_sums,
    surplus_refunds,
    balanced_postings,
    ledger_and_money,
    coupon_counts,
    coupon_uses,
)
