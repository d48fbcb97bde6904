"""Invoices and credit notes: their numbers, what is on them, and that each is written once."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from accounts.models import CustomUser
from payments.invoices.ledger import post_capture
from payments.invoices.services import MoreThanInvoiced, financial_year, issue_credit_note
from payments.models import Invoice, InvoiceCounter, LedgerEntry
from tests.payments.invoices.sales import AT, captured, given_back, invoice_for, refunded, sold

pytestmark = pytest.mark.django_db
MAHARASHTRA, KARNATAKA = "27", "29"
SELLER = {
    "SELLER_NAME": "Vidya Sagar",
    "SELLER_ADDRESS": "12 Karve Road\nPune 411004",
    "SELLER_GSTIN": "27AAACV1234F1Z5",
    "SELLER_STATE": MAHARASHTRA,
}


@pytest.fixture(autouse=True)
def seller(settings: Any) -> None:
    for name, value in SELLER.items():
        setattr(settings, name, value)


def numbers(kind: str = "invoice") -> list[str]:
    return list(Invoice.objects.filter(kind=kind).order_by("id").values_list("number", flat=True))


def test_an_invoice_says_what_was_sold_by_whom_and_to_whom(bilal: CustomUser) -> None:
    invoice = sold(bilal, amount=118000, place_of_supply=KARNATAKA)
    assert (invoice.number, invoice.financial_year, invoice.sequence) == ("IN/26-27/000001", "2026-27", 1)
    assert invoice.seller == {
        "name": "Vidya Sagar",
        "address": "12 Karve Road\nPune 411004",
        "gstin": "27AAACV1234F1Z5",
        "state": MAHARASHTRA,
    }
    assert (invoice.buyer_name, invoice.buyer_email) == (bilal.full_name, bilal.email)
    assert (invoice.description, invoice.sac, invoice.gst_rate) == ("Premium, a month", "999293", Decimal(18))
    assert (invoice.issued_at, invoice.currency, invoice.place_of_supply) == (AT, "INR", KARNATAKA)


@pytest.mark.parametrize(
    ("place", "lines", "written_place"),
    [
        (MAHARASHTRA, (42288, 3806, 3806, 0), MAHARASHTRA),
        (KARNATAKA, (42288, 0, 0, 7612), KARNATAKA),
        ("", (42288, 3806, 3806, 0), MAHARASHTRA),
    ],
)
def test_taxes_follow_the_place_of_supply(
    place: str, lines: tuple[int, ...], written_place: str, bilal: CustomUser
) -> None:
    invoice = sold(bilal, place_of_supply=place)
    invoice.refresh_from_db()
    assert (invoice.taxable_paise, invoice.cgst_paise, invoice.sgst_paise, invoice.igst_paise) == lines
    assert (invoice.total_paise, invoice.place_of_supply) == (49900, written_place)


@override_settings(SELLER_STATE="")
def test_a_state_not_set_is_read_from_the_gstin(bilal: CustomUser) -> None:
    invoice = sold(bilal, place_of_supply=MAHARASHTRA)
    assert (invoice.seller["state"], invoice.igst_paise) == (MAHARASHTRA, 0)


def test_a_school_that_charges_no_gst_invoices_none(bilal: CustomUser) -> None:
    invoice = sold(bilal, rate=Decimal(0))
    assert (invoice.taxable_paise, invoice.total_paise) == (49900, 49900)


def test_numbers_are_consecutive_and_a_payment_asked_again_takes_none(bilal: CustomUser, chitra: CustomUser) -> None:
    first = sold(bilal)
    again = invoice_for(first.payment)
    second = sold(chitra)
    assert again == first
    assert [first.number, second.number] == numbers() == ["IN/26-27/000001", "IN/26-27/000002"]
    assert InvoiceCounter.objects.get().last == 2


def test_a_payment_of_nothing_has_no_invoice(bilal: CustomUser) -> None:
    assert invoice_for(captured(bilal, amount=0)) is None
    assert not Invoice.objects.exists()
    assert not InvoiceCounter.objects.exists()


def test_what_is_rolled_back_leaves_no_gap(bilal: CustomUser) -> None:
    sold(bilal)
    with transaction.atomic():
        sold(bilal)
        given_back(sold(bilal), 100)
        transaction.set_rollback(True)
    given_back(sold(bilal), 100)
    assert numbers() == ["IN/26-27/000001", "IN/26-27/000002"]
    assert numbers("credit_note") == ["CN/26-27/000001"]


@pytest.mark.parametrize(
    ("at", "year"),
    [
        (datetime(2026, 3, 31, 18, 29, tzinfo=UTC), "2025-26"),
        (datetime(2026, 3, 31, 18, 31, tzinfo=UTC), "2026-27"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "2026-27"),
        (datetime(2027, 1, 1, tzinfo=UTC), "2026-27"),
        (datetime(2099, 4, 1, tzinfo=UTC), "2099-00"),
    ],
)
def test_the_financial_year_turns_at_midnight_in_india(at: datetime, year: str) -> None:
    assert financial_year(at) == year


def test_each_financial_year_begins_at_one(bilal: CustomUser) -> None:
    for minute in (28, 29, 30, 31):
        sold(bilal, at=datetime(2026, 3, 31, 18, minute, tzinfo=UTC))
    assert numbers() == ["IN/25-26/000001", "IN/25-26/000002", "IN/26-27/000001", "IN/26-27/000002"]


def test_a_number_fits_rule_46_up_to_ten_million_documents_a_year(
    bilal: CustomUser, money_need_not_add_up: None
) -> None:
    sold(bilal)
    InvoiceCounter.objects.update(last=9_999_998)
    number = sold(bilal).number
    assert (number, len(number)) == ("IN/26-27/9999999", 16)


# --- credit notes -------------------------------------------------------------------------------


def test_a_credit_note_gives_back_under_the_terms_of_its_invoice(bilal: CustomUser, settings: Any) -> None:
    invoice = sold(bilal, amount=118000, place_of_supply=KARNATAKA)
    settings.SELLER_NAME, settings.SELLER_STATE = "Renamed", KARNATAKA
    note = given_back(invoice, 59000)
    assert (note.number, note.corrects, note.kind) == ("CN/26-27/000001", invoice, "credit_note")
    assert (note.total_paise, note.taxable_paise, note.igst_paise) == (59000, 50000, 9000)
    same = ("seller", "buyer_name", "buyer_email", "place_of_supply", "description", "sac", "gst_rate", "currency")
    assert [getattr(note, name) for name in same] == [getattr(invoice, name) for name in same]


def test_a_refund_asked_again_is_given_its_credit_note(bilal: CustomUser) -> None:
    note = given_back(sold(bilal), 100)
    asked_again = issue_credit_note(
        refund_id=note.refund_id or 0, payment_id=note.payment_id, amount_paise=note.total_paise, at=AT
    )
    assert asked_again == note
    assert numbers("credit_note") == ["CN/26-27/000001"]


def test_credit_notes_never_pass_their_invoice(bilal: CustomUser) -> None:
    invoice = sold(bilal)
    given_back(invoice, 49800)
    with pytest.raises(MoreThanInvoiced), transaction.atomic():
        issue_credit_note(
            refund_id=refunded(invoice.payment, 100).pk, payment_id=invoice.payment_id, amount_paise=101, at=AT
        )
    assert numbers("credit_note") == ["CN/26-27/000001"]


@pytest.mark.parametrize("place", [MAHARASHTRA, KARNATAKA])
def test_the_credit_notes_of_a_whole_refund_sum_to_the_invoice(place: str, bilal: CustomUser) -> None:
    invoice = sold(bilal, amount=49999, place_of_supply=place)
    notes = [given_back(invoice, amount) for amount in (1, 1, 3333, 16666, 29997, 1)]
    for name in ("taxable_paise", "cgst_paise", "sgst_paise", "igst_paise", "total_paise"):
        assert sum(getattr(note, name) for note in notes) == getattr(invoice, name), name


# --- written once -------------------------------------------------------------------------------


def test_no_service_changes_or_removes_what_was_written(bilal: CustomUser) -> None:
    with CaptureQueriesContext(connection) as seen:
        invoice = sold(bilal)
        invoice_for(invoice.payment)
        given_back(given_back(invoice, 100).corrects or invoice, 49800)
    touched = [
        query["sql"].upper() for query in seen if "INVOICE" in query["sql"].upper() or "LEDGER" in query["sql"].upper()
    ]
    assert {statement.split()[0] for statement in touched} == {"SELECT", "INSERT"}


def test_an_invoice_takes_three_statements_and_a_posting_one(bilal: CustomUser) -> None:
    payment = captured(bilal)
    with CaptureQueriesContext(connection) as seen:
        invoice_for(payment)
    assert len(seen) == 3
    LedgerEntry.objects.all().delete()
    with CaptureQueriesContext(connection) as seen:
        post_capture(payment_id=payment.pk, amount_paise=49900, tax_paise=7612, at=AT)
    assert len(seen) == 1
