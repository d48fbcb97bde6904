"""The sandbox: what payments asks of Razorpay, answered from rows."""

from collections.abc import Callable
from typing import Any

import pytest

from payments.gateways import gateway
from payments.gateways.base import Gateway, GatewayRefused
from payments.gateways.buying import NothingToPay, finish_pending_refunds, finish_sandbox_refund, pay_in_sandbox
from payments.models import SandboxObject
from tests.crowd import all_at_once
from tests.payments.gateways.bought import PRICE, ordered, subscribed, told

pytestmark = pytest.mark.django_db


def test_it_answers_as_razorpay_does() -> None:
    ours: Gateway = gateway()
    order_id = ordered()
    found = ours.find_order(receipt="receipt-1")
    assert found is not None
    assert (found.id, found.amount_paise, found.status) == (order_id, PRICE, "created")
    assert ours.find_order(receipt="receipt-2") is None
    answer = pay_in_sandbox(paid_id=order_id)
    assert ours.is_checkout_signature_valid(order_id=order_id, payment_id=answer.payment_id, signature=answer.signature)
    assert [payment.id for payment in ours.payments_of_order(order_id)] == [answer.payment_id]
    assert ours.payment(answer.payment_id).status == "captured"
    assert told() == ["payment.authorized", "payment.captured", "order.paid"]


def test_an_authorised_payment_is_captured_later() -> None:
    answer = pay_in_sandbox(paid_id=ordered(), outcome="authorize")
    assert gateway().payment(answer.payment_id).status == "authorized"
    assert gateway().capture(answer.payment_id, amount_paise=PRICE, currency="INR").status == "captured"
    assert told() == ["payment.authorized", "payment.captured", "order.paid"]


def test_a_declined_payment_carries_no_signature_and_leaves_the_order_open() -> None:
    order_id = ordered()
    assert pay_in_sandbox(paid_id=order_id, outcome="failure").signature == ""
    assert told() == ["payment.failed"]
    assert pay_in_sandbox(paid_id=order_id).signature


def test_a_refund_is_pending_then_processed_once() -> None:
    ours = gateway()
    payment_id = pay_in_sandbox(paid_id=ordered()).payment_id
    asked: dict[str, Any] = {"idempotency_key": "refund-0001", "receipt": "r-1", "notes": {"refund": "1"}}
    refund = ours.refund(payment_id, amount_paise=10_000, **asked)
    assert refund.status == "pending"
    assert ours.refund(payment_id, amount_paise=10_000, **asked).id == refund.id
    with pytest.raises(GatewayRefused):
        ours.refund(payment_id, amount_paise=20_000, **asked)
    finish_sandbox_refund(refund.id)
    finish_sandbox_refund(refund.id)
    assert [found.status for found in ours.refunds_of_payment(payment_id)] == ["processed"]
    assert ours.payment(payment_id).amount_refunded_paise == 10_000
    assert told()[3:] == ["refund.created", "refund.processed"]


def test_a_refund_that_was_forgotten_is_finished_by_the_sweep_after_a_moment() -> None:
    payment_id = pay_in_sandbox(paid_id=ordered()).payment_id
    refund = gateway().refund(payment_id, amount_paise=PRICE, idempotency_key="refund-0001", receipt="r", notes={})
    assert finish_pending_refunds() == 0
    row = SandboxObject.objects.get(object_id=refund.id)
    row.body["created_at"] -= 60
    row.save(update_fields=["body"])
    assert finish_pending_refunds() == 1
    assert gateway().payment(payment_id).status == "refunded"


def test_a_subscription_is_agreed_to_charged_again_and_declined() -> None:
    subscription_id = subscribed()
    assert pay_in_sandbox(paid_id=subscription_id, outcome="failure").signature == ""
    first = pay_in_sandbox(paid_id=subscription_id)
    assert gateway().is_subscription_signature_valid(
        payment_id=first.payment_id, subscription_id=subscription_id, signature=first.signature
    )
    assert gateway().subscription(subscription_id).paid_count == 1
    second = pay_in_sandbox(paid_id=subscription_id)
    assert [payment.id for payment in gateway().payments_of_subscription(subscription_id)] == [
        second.payment_id,
        first.payment_id,
    ]
    pay_in_sandbox(paid_id=subscription_id, outcome="failure")
    assert gateway().subscription(subscription_id).status == "pending"
    gateway().cancel_subscription(subscription_id, at_cycle_end=False)
    with pytest.raises(NothingToPay):
        pay_in_sandbox(paid_id=subscription_id)
    assert [event for event in told() if event.startswith("subscription.")] == [
        "subscription.authenticated",
        "subscription.activated",
        "subscription.charged",
        "subscription.charged",
        "subscription.pending",
        "subscription.cancelled",
    ]


def test_what_the_sandbox_asks_of_the_database(django_assert_num_queries: Callable[..., Any]) -> None:
    """Counted, because the orders that stand on it are counted: a savepoint and its release are two of a write's."""
    with django_assert_num_queries(3):
        order_id = ordered()
    payment_id = pay_in_sandbox(paid_id=order_id).payment_id
    with django_assert_num_queries(1):
        gateway().payment(payment_id)


def pay_at_once() -> None:
    order_id = ordered()
    outcomes = all_at_once(*[lambda: pay_in_sandbox(paid_id=order_id)] * 6)
    assert sum(isinstance(outcome, NothingToPay) for outcome in outcomes) == 5
    assert SandboxObject.objects.filter(kind="payment").count() == 1


@pytest.mark.django_db(transaction=True)
def test_buyers_who_pay_at_once_pay_once() -> None:
    pay_at_once()


@pytest.mark.django_db(transaction=True)
def test_buyers_who_pay_at_once_pay_twice_without_the_lock(
    monkeypatch: pytest.MonkeyPatch, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("on SQLite writers queue up before they read, lock or no lock")
    monkeypatch.setattr("django.db.models.QuerySet.select_for_update", lambda rows: rows)
    with pytest.raises(AssertionError):
        pay_at_once()
