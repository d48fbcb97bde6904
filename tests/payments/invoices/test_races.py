"""Many documents at once. Each race also runs with its guard taken away, and has to go wrong then."""

from collections.abc import Callable
from datetime import datetime
from threading import Barrier, local
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts.models import CustomUser
from e_learning.core.api.errors import Conflict
from payments.invoices import services
from payments.invoices.taxes import Taxes, lines_up_to
from payments.models import Invoice, InvoiceCounter, Payment
from tests.crowd import all_at_once
from tests.guards import without
from tests.payments.invoices.sales import AT, captured, invoice_for, refunded, sold

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 32


def sequences() -> list[int]:
    return sorted(Invoice.objects.filter(kind="invoice").values_list("sequence", flat=True))


# --- numbers ------------------------------------------------------------------------------------


def test_32_at_once_take_the_numbers_1_to_32(bilal: CustomUser) -> None:
    payments = [captured(bilal) for _number in range(AT_ONCE)]
    all_at_once(*[lambda payment=payment: invoice_for(payment) for payment in payments])
    assert sequences() == list(range(1, AT_ONCE + 1))


def invoice_or_turn_back(payment: Payment, *, turns_back: bool) -> None:
    """Invoice it in a transaction that does something else too, which fails where it ``turns_back``."""
    with transaction.atomic():
        invoice_for(payment)
        if turns_back:
            raise Conflict


def with_every_fourth_turning_back(payments: list[Payment], do: Callable[..., None]) -> None:
    all_at_once(
        *[
            lambda payment=payment, number=number: do(payment, turns_back=number % 4 == 0)
            for number, payment in enumerate(payments)
        ]
    )


def test_transactions_that_fail_in_between_leave_no_gap(bilal: CustomUser) -> None:
    payments = [captured(bilal) for _number in range(AT_ONCE)]
    with_every_fourth_turning_back(payments, invoice_or_turn_back)
    assert sequences() == list(range(1, AT_ONCE * 3 // 4 + 1))
    for payment in payments[::4]:
        invoice_for(payment)
    assert sequences() == list(range(1, AT_ONCE + 1))


def test_a_number_taken_outside_the_transaction_leaves_gaps(
    bilal: CustomUser, monkeypatch: pytest.MonkeyPatch, money_need_not_add_up: None
) -> None:
    taken, next_number = local(), services._next_number
    monkeypatch.setattr(services, "_next_number", lambda series, at: taken.number)

    def invoice_by_a_number_taken_before(payment: Payment, *, turns_back: bool) -> None:
        taken.number = next_number(services.INVOICES, AT)
        invoice_or_turn_back(payment, turns_back=turns_back)

    payments = [captured(bilal) for _number in range(AT_ONCE)]
    with_every_fourth_turning_back(payments, invoice_by_a_number_taken_before)
    assert sequences() != list(range(1, len(sequences()) + 1))


def test_without_holding_the_counter_a_number_is_taken_twice(
    bilal: CustomUser, monkeypatch: pytest.MonkeyPatch, money_need_not_add_up: None
) -> None:
    seen, all_have_looked = local(), Barrier(AT_ONCE, timeout=60)

    def number_after_the_one_seen(series: str, at: datetime) -> tuple[str, str, int]:
        InvoiceCounter.objects.update(last=seen.last + 1)
        return series, services.financial_year(at), seen.last + 1

    def invoice_after_looking(payment: Payment) -> None:
        seen.last = InvoiceCounter.objects.get().last
        all_have_looked.wait()
        invoice_for(payment)

    sold(bilal)
    monkeypatch.setattr(services, "_next_number", number_after_the_one_seen)
    payments = [captured(bilal) for _number in range(AT_ONCE)]
    with pytest.raises(IntegrityError):
        all_at_once(*[lambda payment=payment: invoice_after_looking(payment) for payment in payments])


# --- one invoice a payment ----------------------------------------------------------------------


def invoices_of_one_payment(bilal: CustomUser) -> int:
    """Ask 8 times at once for the invoice of a payment that nobody holds and that nobody sees invoiced."""
    payment = captured(bilal)

    def invoice_or_be_refused() -> None:
        try:
            invoice_for(payment)
        except IntegrityError:
            raise Conflict from None

    all_at_once(*[invoice_or_be_refused] * 8)
    return Invoice.objects.filter(payment=payment).count()


@pytest.fixture
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_invoice_of", lambda payment_id: None)


def test_the_constraint_gives_a_payment_one_invoice_and_one_number(bilal: CustomUser, nobody_looks: None) -> None:
    assert invoices_of_one_payment(bilal) == 1
    assert InvoiceCounter.objects.get().last == 1


def test_without_the_constraint_a_payment_has_several(
    bilal: CustomUser, nobody_looks: None, money_need_not_add_up: None
) -> None:
    with without(Invoice, "one_invoice_per_payment"):
        assert invoices_of_one_payment(bilal) > 1


# --- credit notes of one invoice ----------------------------------------------------------------


def tax_given_back_in_eighths(invoice: Invoice) -> int:
    """Write at once the credit notes of 8 refunds that make up the whole; nobody holds the payment."""
    refunds = [refunded(invoice.payment, invoice.total_paise // 8) for _part in range(8)]

    def write(refund: Any) -> None:
        services.issue_credit_note(
            refund_id=refund.pk, payment_id=invoice.payment_id, amount_paise=refund.amount_paise, at=AT
        )

    all_at_once(*[lambda refund=refund: write(refund) for refund in refunds])
    return int(invoice.credit_notes.aggregate(tax=Sum("igst_paise") + Sum("cgst_paise") + Sum("sgst_paise"))["tax"])


def test_credit_notes_at_once_sum_to_their_invoice(bilal: CustomUser, money_need_not_add_up: None) -> None:
    invoice = sold(bilal, amount=49944)
    assert tax_given_back_in_eighths(invoice) == 49944 - invoice.taxable_paise


def test_credit_notes_that_were_counted_before_the_number_miss_the_sum(
    bilal: CustomUser, money_need_not_add_up: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lines_as_if_the_first(original: Invoice, amount_paise: int) -> Taxes:
        whole = Taxes(original.taxable_paise, original.cgst_paise, original.sgst_paise, original.igst_paise)
        return lines_up_to(amount_paise, whole)

    monkeypatch.setattr(services, "_lines_of_credit_note", lines_as_if_the_first)
    invoice = sold(bilal, amount=49944)
    assert tax_given_back_in_eighths(invoice) != 49944 - invoice.taxable_paise
