"""Writing invoices and credit notes, each under the next number of its series.

Whoever moves a counter holds its row until the commit: the next one waits, and where the transaction
is rolled back, the number goes back with it. So numbers have no gaps, and what is read of a series
after taking a number stays true. Everybody wants that row: callers take it after all their other locks
(payment, refund, access), so that nobody queues for it longer than for a commit, and none in a circle.
"""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from e_learning.core.statements import row_of
from payments.invoices.models import Invoice, InvoiceCounter
from payments.invoices.taxes import Taxes, lines_up_to, tax_lines

INVOICES = "IN"
CREDIT_NOTES = "CN"
_INDIA = ZoneInfo("Asia/Kolkata")
_COUNTERS = InvoiceCounter._meta.db_table
_NEXT_NUMBER = f"""
    INSERT INTO {_COUNTERS} (series, financial_year, last) VALUES (%(series)s, %(year)s, 1)
    ON CONFLICT (series, financial_year) DO UPDATE SET last = {_COUNTERS}.last + 1
    RETURNING last
"""  # noqa: S608 - the name of our own table


class MoreThanInvoiced(ValueError):
    """Credit notes would pass their invoice. Refunds are kept within the capture, so this is a fault of ours."""


def financial_year(at: datetime) -> str:
    """Return the year of account in which ``at`` falls in India, April to March: ``"2026-27"``."""
    day = at.astimezone(_INDIA)
    begins = day.year if day.month >= 4 else day.year - 1
    return f"{begins}-{(begins + 1) % 100:02}"


@transaction.atomic(savepoint=False)
def issue_invoice(
    *,
    payment_id: int,
    buyer_name: str,
    buyer_email: str,
    place_of_supply: str,
    description: str,
    total_paise: int,
    gst_rate: Decimal,
    currency: str,
    at: datetime,
    is_first: bool = False,
) -> Invoice | None:
    """Write the invoice of a captured payment; the same payment again is given the one it has.

    ``is_first``: the caller has captured it in this transaction, so there is none yet to look for. Nothing
    was paid, nothing is invoiced: None. The caller holds the payment, so that two never come
    for it at once; if they did, the constraint would refuse the second with its whole transaction.
    """
    if total_paise == 0:
        return None
    issued = None if is_first else _invoice_of(payment_id)
    if issued is not None:
        return issued
    seller = seller_now()
    place = place_of_supply or seller["state"]
    return _write(
        Invoice(
            kind=Invoice.Kind.INVOICE,
            payment_id=payment_id,
            issued_at=at,
            seller=seller,
            buyer_name=buyer_name,
            buyer_email=buyer_email,
            place_of_supply=place,
            description=description,
            sac=settings.INVOICE_SAC,
            gst_rate=gst_rate,
            total_paise=total_paise,
            currency=currency,
        ),
        tax_lines(total_paise, gst_rate, place, seller["state"]),
        _next_number(INVOICES, at),
    )


@transaction.atomic(savepoint=False)
def issue_credit_note(*, refund_id: int, payment_id: int, amount_paise: int, at: datetime) -> Invoice | None:
    """Write the credit note of a processed refund; the same refund again is given the one it has.

    What was paid twice was never invoiced: such a refund gets none, and is not brought here. Refuses with
    ``MoreThanInvoiced`` and ``Invoice.DoesNotExist``.
    """
    if amount_paise == 0:
        return None
    issued = Invoice.objects.filter(refund=refund_id).first()
    if issued is not None:
        return issued
    original = Invoice.objects.get(payment=payment_id, kind=Invoice.Kind.INVOICE)
    number = _next_number(CREDIT_NOTES, at)
    return _write(
        Invoice(
            kind=Invoice.Kind.CREDIT_NOTE,
            payment_id=payment_id,
            refund_id=refund_id,
            corrects=original,
            issued_at=at,
            seller=original.seller,
            buyer_name=original.buyer_name,
            buyer_email=original.buyer_email,
            place_of_supply=original.place_of_supply,
            description=original.description,
            sac=original.sac,
            gst_rate=original.gst_rate,
            total_paise=amount_paise,
            currency=original.currency,
        ),
        _lines_of_credit_note(original, amount_paise),
        number,
    )


def _invoice_of(payment_id: int) -> Invoice | None:
    return Invoice.objects.filter(payment=payment_id, kind=Invoice.Kind.INVOICE).first()


def seller_now() -> dict[str, str]:
    """Return the school as it is put on a document; a GSTIN begins with the code of its state."""
    return {
        "name": settings.SELLER_NAME,
        "address": settings.SELLER_ADDRESS,
        "gstin": settings.SELLER_GSTIN,
        "state": settings.SELLER_STATE or settings.SELLER_GSTIN[:2],
    }


def _lines_of_credit_note(original: Invoice, amount_paise: int) -> Taxes:
    """Return what of the invoice's lines goes back now, after what went back before.

    Read once the number is taken: until the commit nobody else writes a credit note.
    """
    before = original.credit_notes.aggregate(total=Sum("total_paise"))["total"] or 0
    if before + amount_paise > original.total_paise:
        raise MoreThanInvoiced(original.number)
    whole = Taxes(original.taxable_paise, original.cgst_paise, original.sgst_paise, original.igst_paise)
    return lines_up_to(before + amount_paise, whole) - lines_up_to(before, whole)


def _next_number(series: str, at: datetime) -> tuple[str, str, int]:
    """Take the next number of the series in the year of ``at``, and hold the counter until the commit."""
    year = financial_year(at)
    row = row_of(_NEXT_NUMBER, {"series": series, "year": year})
    assert row is not None  # an upsert gives its row
    return series, year, row[0]


def _write(document: Invoice, lines: Taxes, number: tuple[str, str, int]) -> Invoice:
    document.series, document.financial_year, document.sequence = number
    # At most 16 characters: rule 46(b) of the CGST Rules. These are 15.
    document.number = f"{document.series}/{document.financial_year[2:]}/{document.sequence:06}"
    document.taxable_paise = lines.taxable
    document.cgst_paise = lines.cgst
    document.sgst_paise = lines.sgst
    document.igst_paise = lines.igst
    document.save(force_insert=True)
    return document
