"""Charges of a subscription become payments, once each."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from payments.models import Payment, Subscription
from payments.orders.services import Mismatch, PaymentNotCaptured, record_charge
from tests.payments.factories import make_order, make_plan, payment_told

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription(bilal: CustomUser) -> Subscription:
    return Subscription.objects.create(
        user=bilal,
        plan=make_plan(),
        gateway="razorpay",
        razorpay_subscription_id="sub_1",
        receipt="sub-1",
        status="active",
    )


def charge(subscription: Subscription, **fields: Any) -> Any:
    like = make_order(subscription.user, subscription.plan, is_open=False)
    values = {"order_id": None, "subscription_id": "sub_1"} | fields
    told = payment_told(like, values.pop("status", "captured"), **values)
    like.delete()
    return told


def test_charge_is_a_payment_with_invoice_posting_and_mail(subscription: Subscription) -> None:
    told = charge(subscription, order_id="order_of_the_charge")
    first = record_charge(subscription=subscription, snapshot=told, at=timezone.now())
    again = record_charge(subscription=subscription, snapshot=told, at=timezone.now())
    payment = Payment.objects.get()
    assert payment == first == again
    assert (payment.status, payment.amount_paise, payment.tax_paise) == ("captured", 29_900, 4_561)
    assert (payment.subscription, payment.plan) == (subscription, subscription.plan)
    assert (payment.razorpay_payment_id, payment.receipt) == (told.id, f"charge-{told.id}")
    assert payment.invoices.get().total_paise == 29_900
    assert payment.attempts.get().role == "winning"
    assert payment.ledger.count() == 3


def test_each_charge_is_its_own(subscription: Subscription) -> None:
    for _month in range(2):
        record_charge(subscription=subscription, snapshot=charge(subscription), at=timezone.now())
    numbers = [payment.invoices.get().sequence for payment in Payment.objects.order_by("pk")]
    assert numbers == [1, 2]


@pytest.mark.parametrize("status", ["created", "failed", "authorized"])
def test_charge_that_was_not_captured_is_none(subscription: Subscription, status: str) -> None:
    with pytest.raises(PaymentNotCaptured):
        record_charge(subscription=subscription, snapshot=charge(subscription, status=status), at=timezone.now())
    assert not Payment.objects.exists()


@pytest.mark.parametrize("fields", [{"currency": "USD"}, {"subscription_id": "sub_other"}])
def test_charge_of_something_else_is_refused(subscription: Subscription, fields: dict[str, Any]) -> None:
    with pytest.raises(Mismatch):
        record_charge(subscription=subscription, snapshot=charge(subscription, **fields), at=timezone.now())
    assert not Payment.objects.exists()


def test_charge_of_another_subscription_is_refused(subscription: Subscription, chitra: CustomUser) -> None:
    told = charge(subscription, subscription_id=None)
    record_charge(subscription=subscription, snapshot=told, at=timezone.now())
    other = Subscription.objects.create(user=chitra, plan=subscription.plan, gateway="razorpay", receipt="sub-2")
    with pytest.raises(Mismatch):
        record_charge(subscription=other, snapshot=told, at=timezone.now())
    assert Payment.objects.get().user_id == subscription.user_id
