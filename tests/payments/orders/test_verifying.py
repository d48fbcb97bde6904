"""Checkout's answer: proved by its signature, believed by the gateway's word."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course, Enrollment
from payments.gateways import gateway
from payments.models import Payment
from payments.orders.services import settle_payment
from tests.payments.factories import make_plan, paid_course
from tests.payments.orders.calls import VERIFY, ordered, paid, refusal
from tests.payments.razorpay_http import Fault
from tests.payments.razorpay_server import RazorpayServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(razorpay: RazorpayServer, bilals: APIClient, course: Course) -> dict[str, Any]:
    return ordered(bilals, course_id=course.pk)


def payment_calls(razorpay: RazorpayServer) -> list[str]:
    return [call for call in razorpay.calls if "/v1/payments/" in call]


def test_paid_order_enrols_and_says_so_any_number_of_times(
    razorpay: RazorpayServer, bilals: APIClient, bilal: CustomUser, course: Course, order: dict[str, Any]
) -> None:
    checkout = paid(razorpay, order)
    answers = [bilals.post(VERIFY, checkout) for _time in range(3)]
    enrollment = Enrollment.objects.get(user=bilal, is_active=True)
    expected = {
        "payment_id": order["payment_id"],
        "status": "captured",
        "course_id": course.pk,
        "enrollment_id": enrollment.pk,
    }
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, expected)] * 3
    assert Payment.objects.get().razorpay_signature == checkout["razorpay_signature"]
    assert len(payment_calls(razorpay)) == 1, "what we know to be captured is answered from rows"


def test_what_a_webhook_captured_needs_no_gateway(
    razorpay: RazorpayServer, bilals: APIClient, order: dict[str, Any]
) -> None:
    checkout = paid(razorpay, order)
    settle_payment(snapshot=gateway().payment(checkout["razorpay_payment_id"]), at=timezone.now())
    razorpay.calls.clear()
    assert bilals.post(VERIFY, checkout).json()["status"] == "captured"
    assert razorpay.calls == []


def test_order_of_a_plan(razorpay: RazorpayServer, bilals: APIClient, bilal: CustomUser) -> None:
    checkout = paid(razorpay, ordered(bilals, plan=make_plan().slug))
    answer = bilals.post(VERIFY, checkout).json()
    assert (answer["status"], answer["course_id"], answer["enrollment_id"]) == ("captured", None, None)
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "premium"


def test_what_was_only_authorised_is_captured(
    razorpay: RazorpayServer, bilals: APIClient, order: dict[str, Any]
) -> None:
    answer = bilals.post(VERIFY, paid(razorpay, order, outcome="authorize"))
    assert (answer.status_code, answer.json()["status"]) == (200, "captured")
    assert [call for call in razorpay.calls if call.endswith("/capture")]


def test_signature_has_to_be_the_gateways(
    razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, order: dict[str, Any]
) -> None:
    checkout = paid(razorpay, order)
    other = paid(razorpay, ordered(bilals, course_id=paid_course(asha).pk))
    right = checkout["razorpay_signature"]
    wrong = ["0" * 64, right.upper(), right[:-1], "ключ", other["razorpay_signature"]]
    for signature in wrong:
        answer = bilals.post(VERIFY, checkout | {"razorpay_signature": signature})
        assert refusal(answer) == (400, "invalid_signature", "razorpay_signature")
    # A genuine answer for a cheaper order opens nothing else.
    mixed = other | {"razorpay_order_id": checkout["razorpay_order_id"]}
    assert refusal(bilals.post(VERIFY, mixed)) == (400, "invalid_signature", "razorpay_signature")
    assert not Enrollment.objects.exists()
    assert payment_calls(razorpay) == []


def test_orders_of_others_are_not_there(
    razorpay: RazorpayServer, chitras: APIClient, anonymous: APIClient, order: dict[str, Any]
) -> None:
    checkout = paid(razorpay, order)
    assert refusal(chitras.post(VERIFY, checkout)) == (404, "not_found", None)
    assert refusal(chitras.post(VERIFY, checkout | {"razorpay_order_id": "order_none"})) == (404, "not_found", None)
    assert anonymous.post(VERIFY, checkout).status_code == 401
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"razorpay_order_id": "o", "razorpay_payment_id": "p"},
        {"razorpay_payment_id": "p", "razorpay_signature": "s"},
        {
            "razorpay_order_id": "o",
            "razorpay_subscription_id": "s",
            "razorpay_payment_id": "p",
            "razorpay_signature": "s",
        },
        {"razorpay_order_id": "o\x00", "razorpay_payment_id": "p", "razorpay_signature": "s"},
        {"razorpay_order_id": "o", "razorpay_payment_id": "p" * 41, "razorpay_signature": "s"},
        {"razorpay_order_id": ["o"], "razorpay_payment_id": {}, "razorpay_signature": None},
    ],
)
def test_body_that_is_no_answer_of_checkout(bilals: APIClient, body: dict[str, Any]) -> None:
    assert bilals.post(VERIFY, body, format="json").status_code == 400


def signed(order_id: str, payment_id: str) -> dict[str, str]:
    """Return a genuine signature over a payment that is something else than it seems."""
    from tests.payments.razorpay_server import KEY_SECRET, _hexdigest

    return {
        "razorpay_order_id": order_id,
        "razorpay_payment_id": payment_id,
        "razorpay_signature": _hexdigest(KEY_SECRET, f"{order_id}|{payment_id}"),
    }


def test_declined_payment_is_not_captured(razorpay: RazorpayServer, bilals: APIClient, order: dict[str, Any]) -> None:
    declined = paid(razorpay, order, outcome="failure")
    answer = bilals.post(VERIFY, signed(order["razorpay_order_id"], declined["razorpay_payment_id"]))
    assert refusal(answer) == (409, "payment_not_captured", None)
    payment = Payment.objects.get()
    assert (payment.status, payment.is_open) == ("failed", True)
    assert bilals.post(VERIFY, paid(razorpay, order)).status_code == 200


def test_payment_of_another_order_is_a_mismatch(
    razorpay: RazorpayServer, bilals: APIClient, asha: CustomUser, order: dict[str, Any]
) -> None:
    cheap = ordered(bilals, course_id=paid_course(asha, price_paise=100).pk)
    other = paid(razorpay, cheap)
    answer = bilals.post(VERIFY, signed(order["razorpay_order_id"], other["razorpay_payment_id"]))
    assert refusal(answer) == (409, "payment_mismatch", None)
    assert not Enrollment.objects.exists()


def test_second_payment_of_one_order_is_refunded(
    razorpay: RazorpayServer, bilals: APIClient, order: dict[str, Any]
) -> None:
    bilals.post(VERIFY, paid(razorpay, order))
    second = paid(razorpay, order, even_if_paid=True)
    for _time in range(2):
        assert refusal(bilals.post(VERIFY, second)) == (409, "paid_twice", None)
    assert Enrollment.objects.filter(is_active=True).count() == 1


@pytest.mark.parametrize("kind", ["drop", "500", "html", "drop_after", "hang"])
def test_lost_look_at_the_gateway_is_made_again(
    razorpay: RazorpayServer, bilals: APIClient, order: dict[str, Any], kind: Any, settings: Any
) -> None:
    settings.RAZORPAY_TIMEOUT_SECONDS = 1.0 if kind == "hang" else 10.0
    checkout = paid(razorpay, order)
    razorpay.faults.append(Fault(kind, "/v1/payments/"))
    assert refusal(bilals.post(VERIFY, checkout)) == (503, "gateway_unreachable", None)
    assert not Enrollment.objects.exists()
    assert bilals.post(VERIFY, checkout).status_code == 200


# --- subscriptions ------------------------------------------------------------------------------


@pytest.fixture
def subscribed(razorpay: RazorpayServer, bilals: APIClient) -> dict[str, str]:
    """Return what checkout gives for a subscription whose first period Bilal paid."""
    make_plan()
    answer = bilals.post("/api/payments/subscriptions/", {"plan": "premium"})
    assert answer.status_code == 201, answer.content
    checkout = razorpay.pay_subscription(answer.json()["razorpay_subscription_id"])
    checkout.pop("status")
    return checkout


def test_first_charge_of_a_subscription_opens_it(
    razorpay: RazorpayServer, bilals: APIClient, bilal: CustomUser, subscribed: dict[str, str]
) -> None:
    answers = [bilals.post(VERIFY, subscribed).json() for _time in range(2)]
    payment = Payment.objects.get()
    assert answers == [{"payment_id": payment.pk, "status": "captured", "course_id": None, "enrollment_id": None}] * 2
    assert payment.invoices.count() == payment.attempts.count() == 1
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "premium"


def test_subscription_of_another_or_forged(
    razorpay: RazorpayServer, bilals: APIClient, chitras: APIClient, subscribed: dict[str, str]
) -> None:
    assert refusal(chitras.post(VERIFY, subscribed)) == (404, "not_found", None)
    order_wise = signed(subscribed["razorpay_subscription_id"], subscribed["razorpay_payment_id"])
    forged = subscribed | {"razorpay_signature": order_wise["razorpay_signature"]}
    assert refusal(bilals.post(VERIFY, forged)) == (400, "invalid_signature", "razorpay_signature")
    assert not Payment.objects.exists()
