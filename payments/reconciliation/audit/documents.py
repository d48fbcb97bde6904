"""Do invoices, credit notes and the ledger agree with the money?"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Sum

from payments.invoices.models import Invoice, InvoiceCounter, LedgerEntry
from payments.orders.models import GatewayPayment, Payment
from payments.reconciliation.audit.findings import CAPTURED, Contradiction, Kind, sum_over
from payments.refunds.models import RefundRequest


def invoices(_at: datetime) -> Iterator[Contradiction]:
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


def numbers_without_gaps(_at: datetime) -> Iterator[Contradiction]:
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


def credit_notes(_at: datetime) -> Iterator[Contradiction]:
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


def balanced_postings(_at: datetime) -> Iterator[Contradiction]:
    """Every posting sums to zero."""
    posted = LedgerEntry.objects.order_by().values("posting").annotate(total=Sum("amount_paise"))
    for row in posted.exclude(total=0).order_by("posting"):
        yield Contradiction(Kind.LEDGER, f"posting:{row['posting']}", f"sums to {row['total']} paise")


def ledger_and_money(_at: datetime) -> Iterator[Contradiction]:
    """The ledger holds of each payment what was captured less what went back, what was paid twice, and the tax."""
    account = LedgerEntry.Account
    surplus = GatewayPayment.objects.filter(role=GatewayPayment.Role.SURPLUS)
    returned = RefundRequest.objects.filter(status=RefundRequest.Status.PROCESSED)
    tax = F("cgst_paise") + F("sgst_paise") + F("igst_paise")
    documents = Invoice.objects.annotate(tax=tax)
    booked = Payment.objects.annotate(
        held=sum_over(LedgerEntry.objects.filter(account=account.GATEWAY)),
        owed=-sum_over(LedgerEntry.objects.filter(account=account.SURPLUS)),
        gst=-sum_over(LedgerEntry.objects.filter(account=account.GST)),
        twice=sum_over(surplus) - sum_over(returned.filter(attempt__role=GatewayPayment.Role.SURPLUS)),
        taxed=sum_over(documents.filter(kind=Invoice.Kind.INVOICE), of="tax")
        - sum_over(documents.filter(kind=Invoice.Kind.CREDIT_NOTE), of="tax"),
    )
    kept = F("amount_paise") - F("refunded_paise") + F("twice")
    right = Q(owed=F("twice"), gst=F("taxed")) & (
        Q(status__in=CAPTURED, held=kept) | (~Q(status__in=CAPTURED) & Q(held=F("twice")))
    )
    for payment in booked.exclude(right).order_by("pk"):
        detail = (
            f"{payment.status}, {payment.amount_paise} paise less {payment.refunded_paise}, "
            f"{payment.twice} paid twice, tax {payment.taxed}; "
            f"the ledger says {payment.held}, {payment.owed}, {payment.gst}"
        )
        yield Contradiction(Kind.LEDGER, f"payment:{payment.pk}", detail)
