"""The ledger: every movement of money balanced, and written once."""

import pytest

from accounts.models import CustomUser
from payments.invoices.ledger import Unbalanced, post, post_capture, post_refund, post_surplus, post_surplus_refund
from payments.models import LedgerEntry, Payment
from tests.payments.invoices.sales import AT, captured, given_back, sold

pytestmark = pytest.mark.django_db
Account = LedgerEntry.Account


def posting(name: str) -> dict[str, int]:
    return dict(LedgerEntry.objects.filter(posting=name).values_list("account", "amount_paise"))


def balance(account: str) -> int:
    return sum(LedgerEntry.objects.filter(account=account).values_list("amount_paise", flat=True))


def test_a_capture_is_held_by_the_gateway_earned_and_taxed(bilal: CustomUser) -> None:
    invoice = sold(bilal)
    assert posting(f"capture:{invoice.payment_id}") == {"gateway": 49900, "revenue": -42288, "gst": -7612}
    assert set(LedgerEntry.objects.values_list("payment", "at")) == {(invoice.payment_id, AT)}


def test_refunds_take_back_what_the_capture_gave(bilal: CustomUser) -> None:
    invoice = sold(bilal)
    notes = [given_back(invoice, amount) for amount in (10000, 39900)]
    assert posting(f"refund:{notes[0].refund_id}") == {"gateway": -10000, "revenue": 8475, "gst": 1525}
    assert [balance(account) for account in Account.values] == [0, 0, 0, 0]


def test_what_was_paid_twice_is_owed_until_it_went_back(bilal: CustomUser, money_need_not_add_up: None) -> None:
    payment = sold(bilal).payment
    post_surplus(attempt_id=7, payment_id=payment.pk, amount_paise=49900, at=AT)
    assert posting("surplus:7") == {"gateway": 49900, "surplus": -49900}
    post_surplus_refund(refund_id=9, payment_id=payment.pk, amount_paise=49900, at=AT)
    assert posting("surplus_refund:9") == {"gateway": -49900, "surplus": 49900}
    assert (balance("surplus"), balance("gateway")) == (0, 49900)


def test_no_posting_is_written_twice(bilal: CustomUser) -> None:
    note = given_back(sold(bilal), 100)
    before = list(LedgerEntry.objects.values_list())
    post_capture(payment_id=note.payment_id, amount_paise=49900, tax_paise=7612, at=AT)
    post_refund(refund_id=note.refund_id or 0, payment_id=note.payment_id, amount_paise=100, tax_paise=15, at=AT)
    assert list(LedgerEntry.objects.values_list()) == before


def test_an_account_that_nothing_moves_has_no_entry(bilal: CustomUser) -> None:
    payment = captured(bilal, amount=0)
    assert not LedgerEntry.objects.exists()
    post(posting="capture:untaxed", payment_id=payment.pk, amounts={Account.GATEWAY: 0, Account.REVENUE: 0}, at=AT)
    assert not LedgerEntry.objects.exists()


def test_what_does_not_balance_is_refused(bilal: CustomUser) -> None:
    payment: Payment = sold(bilal).payment
    with pytest.raises(Unbalanced):
        post(posting="odd:1", payment_id=payment.pk, amounts={Account.GATEWAY: 100, Account.REVENUE: -99}, at=AT)
    assert posting("odd:1") == {}
