"""Events of a subscription: its state, and each charge of it as a payment, which can go back."""

from itertools import permutations

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from payments.gateways import gateway
from payments.models import Invoice, Payment, RefundRequest, Subscription
from payments.refunds.services import request_refund, send_refund
from payments.subscriptions.services import create_subscription
from tests.payments.factories import make_plan
from tests.payments.razorpay_server import RazorpayServer
from tests.payments.webhooks.told import bring, bring_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription(razorpay: RazorpayServer, bilal: CustomUser) -> Subscription:
    """Bilal's subscription, agreed to and charged once; nobody has told us yet."""
    make_plan()
    create_subscription(user=bilal, plan_slug="premium")
    subscription = Subscription.objects.get()
    razorpay.pay_subscription(subscription.razorpay_subscription_id or "")
    return subscription


def tier_of(user: CustomUser) -> str:
    user.refresh_from_db()
    return user.subscription_tier


def test_charge_is_a_payment_with_its_invoice(
    razorpay: RazorpayServer, subscription: Subscription, bilal: CustomUser
) -> None:
    assert {event.state for event in bring_all(razorpay)} <= {"processed", "ignored"}
    payment = Payment.objects.get()
    assert (payment.subscription_id, payment.status, payment.amount_paise) == (subscription.pk, "captured", 29_900)
    assert Invoice.objects.get().payment_id == payment.pk
    assert tier_of(bilal) == "premium"


def test_any_order_of_its_events_charges_once(
    razorpay: RazorpayServer, subscription: Subscription, bilal: CustomUser
) -> None:
    told = [one for one in razorpay.events if b'"subscription.' in one[1]]
    assert len(told) >= 3
    for number, order in enumerate(permutations(told)):
        for event_id, body in order:
            assert bring(f"{event_id}-{number}", body).state == "processed"
    assert Payment.objects.count() == Invoice.objects.count() == 1
    assert tier_of(bilal) == "premium"


def test_subscription_that_is_not_known_yet_waits(razorpay: RazorpayServer, subscription: Subscription) -> None:
    known_as = subscription.razorpay_subscription_id
    Subscription.objects.update(razorpay_subscription_id="sub_of_nobody", receipt="another")
    event = bring(*razorpay.event("subscription.charged"))
    assert (event.state, event.note) == ("parked", "unknown_subscription")
    Subscription.objects.update(razorpay_subscription_id=known_as)


def test_charge_goes_back_as_any_payment(
    razorpay: RazorpayServer, subscription: Subscription, bilal: CustomUser
) -> None:
    bring_all(razorpay)
    payment = Payment.objects.get()
    refund = request_refund(
        user=bilal, payment_id=payment.pk, reason="By mistake.", amount_paise=None, at=timezone.now()
    )
    RefundRequest.objects.update(status="approved", next_attempt_at=timezone.now())
    send_refund(refund_id=refund.pk)
    [sent] = gateway().refunds_of_payment(payment.razorpay_payment_id or "")
    razorpay.finish_refund(sent.id)
    assert bring(*razorpay.event("refund.processed")).state == "processed"
    payment.refresh_from_db()
    assert payment.status == "refunded"
    assert sorted(Invoice.objects.values_list("kind", flat=True)) == ["credit_note", "invoice"]
    assert tier_of(bilal) == "free"


def test_cancelled_subscription_follows(razorpay: RazorpayServer, subscription: Subscription) -> None:
    bring_all(razorpay)
    gateway().cancel_subscription(subscription.razorpay_subscription_id or "", at_cycle_end=False)
    assert bring(*razorpay.event("subscription.cancelled")).state == "processed"
    subscription.refresh_from_db()
    assert subscription.status == "cancelled"
