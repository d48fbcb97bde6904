"""Subscribing over REST, with the sandbox as the gateway: a first period paid, refusals, what is handed back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from payments.gateways.models import SandboxObject
from payments.models import Invoice, Payment, Plan, Subscription
from payments.subscriptions.services import plan_at_gateway, save_plan
from tests.conftest import ClientFor
from tests.payments.factories import make_plan, paid_course
from tests.payments.subscriptions.school import (
    asked_now,
    free_plan,
    prepay,
    pro_plan,
    running_subscription,
    settle,
    subscribed_in_sandbox,
    waiting_subscription,
)

pytestmark = pytest.mark.django_db
SUBSCRIBE = "/api/payments/subscriptions/"


@pytest.fixture
def premium() -> Plan:
    return make_plan()


def at_the_gateway(kind: str) -> int:
    return SandboxObject.objects.filter(kind=kind).count()


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_subscribing_and_paying_opens_every_course(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    answer = bilals.post(SUBSCRIBE, {"plan": "premium"})
    body = answer.json()
    assert answer.status_code == 201, body
    subscription = Subscription.objects.get()
    assert body == {
        "subscription_id": subscription.pk,
        "razorpay_subscription_id": subscription.razorpay_subscription_id,
        "razorpay_key_id": "rzp_test_sandbox",
        "plan": "premium",
        "status": "created",
        "current_end": None,
        "cancels_at_period_end": False,
        "checkout_url": body["checkout_url"],
    }
    assert "/payments/sandbox/" in body["checkout_url"]
    course = paid_course(asha)
    assert bilals.post(f"/api/courses/courses/{course.pk}/enroll/").status_code == 402

    from payments.gateways.buying import pay_in_sandbox

    pay_in_sandbox(paid_id=body["razorpay_subscription_id"])
    assert asked_now(subscription).status == "active"
    assert bilals.post(f"/api/courses/courses/{course.pk}/enroll/").status_code == 201
    assert bilals.get("/api/accounts/me/").json()["subscription_tier"] == "premium"


def test_what_checkout_returns_is_verified_into_a_payment_with_its_invoice(bilals: APIClient, premium: Plan) -> None:
    paid_id = bilals.post(SUBSCRIBE, {"plan": "premium"}).json()["razorpay_subscription_id"]
    checkout = bilals.post("/api/payments/sandbox/pay/", {"razorpay_subscription_id": paid_id}).json()
    for _time in range(2):
        verified = bilals.post("/api/payments/verify_payment/", checkout)
        assert (verified.status_code, verified.json()["status"]) == (200, "captured"), verified.content
    payment = Payment.objects.get()
    assert (payment.plan, payment.subscription, payment.amount_paise) == (premium, Subscription.objects.get(), 29_900)
    assert Invoice.objects.get().payment == payment
    assert bilals.get("/api/payments/subscription/status/").json()["tier"] == "premium"


def test_one_that_waits_to_be_paid_is_handed_back(bilals: APIClient, premium: Plan) -> None:
    first, again = (bilals.post(SUBSCRIBE, {"plan": "premium"}) for _time in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["razorpay_subscription_id"] == again.json()["razorpay_subscription_id"]
    assert (at_the_gateway("plan"), at_the_gateway("subscription")) == (1, 1)


def test_the_same_key_gets_the_first_answer_and_another_body_is_refused(bilals: APIClient, premium: Plan) -> None:
    pro_plan()
    key: Any = {"HTTP_IDEMPOTENCY_KEY": "one"}
    first, again = (bilals.post(SUBSCRIBE, {"plan": "premium"}, **key) for _time in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert code_of(bilals.post(SUBSCRIBE, {"plan": "pro"}, **key)) == (409, "idempotency_key_reused")


def test_one_of_another_plan_or_price_is_ended_at_the_gateway_first(bilals: APIClient, premium: Plan) -> None:
    pro_plan()
    bilals.post(SUBSCRIBE, {"plan": "premium"})
    assert bilals.post(SUBSCRIBE, {"plan": "pro"}).status_code == 201
    plan = Plan.objects.get(slug="pro")
    plan.price_paise = 199_900
    save_plan(plan, changed={"price_paise"})
    assert bilals.post(SUBSCRIBE, {"plan": "pro"}).status_code == 201
    assert list(Subscription.objects.order_by("pk").values_list("status", "is_current")) == [
        ("cancelled", False),
        ("cancelled", False),
        ("created", True),
    ]
    told = SandboxObject.objects.filter(kind="subscription").order_by("pk")
    assert [one.body["status"] for one in told] == ["cancelled", "cancelled", "created"]
    prices = SandboxObject.objects.filter(kind="plan").order_by("pk")
    assert [one.body["item"]["amount"] for one in prices] == [29_900, 249_900, 199_900]


def test_one_that_was_paid_meanwhile_is_found_out(bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    """Its webhook is still on the way: asking the gateway first keeps a paid one from being cancelled."""
    from payments.gateways.buying import pay_in_sandbox

    pro_plan()
    paid_id = bilals.post(SUBSCRIBE, {"plan": "premium"}).json()["razorpay_subscription_id"]
    pay_in_sandbox(paid_id=paid_id)
    assert code_of(bilals.post(SUBSCRIBE, {"plan": "pro"})) == (409, "already_subscribed")
    assert Subscription.objects.get().status == "active"


@pytest.mark.parametrize("status", ["authenticated", "active", "pending", "cancelled"])
def test_nobody_subscribes_twice(status: str, bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    subscription = waiting_subscription(bilal, premium)
    if status != "authenticated":
        settle(subscription)
    settle(subscription, status, paid_count=0 if status == "authenticated" else 1)
    assert code_of(bilals.post(SUBSCRIBE, {"plan": "premium"})) == (409, "already_subscribed")


def test_nobody_subscribes_to_what_is_prepaid(bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    prepay(bilal, premium)
    assert code_of(bilals.post(SUBSCRIBE, {"plan": "premium"})) == (409, "already_subscribed")


@pytest.mark.parametrize("was", ["prepaid", "charged"])
def test_after_the_end_a_new_one_begins_without_waiting_for_the_sweep(
    was: str, bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    now = timezone.now()
    if was == "prepaid":
        prepay(bilal, premium, at=now - timedelta(days=40))
    else:
        plan_at_gateway(premium)
        period: Any = {"at": now - timedelta(days=20), "current_end": now - timedelta(days=10)}
        settle(settle(waiting_subscription(bilal, premium), **period), "cancelled", **period)
    assert Subscription.objects.get().is_current
    assert bilals.post(SUBSCRIBE, {"plan": "premium"}).status_code == 201
    assert list(Subscription.objects.order_by("pk").values_list("is_current", flat=True)) == [False, True]


def test_one_whose_charges_failed_for_good_gives_way_to_a_new_one(
    bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    halted = subscribed_in_sandbox(bilal, premium)
    long_ago = timezone.now() - timedelta(days=30)
    Subscription.objects.update(status="halted", current_end=long_ago, entitled_until=long_ago)
    told = SandboxObject.objects.get(kind="subscription")
    told.body |= {"status": "halted", "current_end": int(long_ago.timestamp())}
    told.save()
    assert bilals.post(SUBSCRIBE, {"plan": "premium"}).status_code == 201
    halted.refresh_from_db()
    assert (halted.status, halted.is_current) == ("cancelled", False)


def test_what_is_not_for_sale_is_refused(bilals: APIClient, premium: Plan) -> None:
    free_plan()
    pro_plan(is_active=False)
    assert code_of(bilals.post(SUBSCRIBE, {"plan": "free"})) == (409, "plan_is_free")
    for plan in ("pro", "gold"):
        assert code_of(bilals.post(SUBSCRIBE, {"plan": plan})) == (400, "does_not_exist")
    for body in ({}, {"plan": None}, {"plan": "a b"}, {"plan": ["premium"]}, {"plan": "\x00"}):
        assert bilals.post(SUBSCRIBE, body).status_code == 400
    assert not Subscription.objects.exists()


def test_an_intent_of_a_gateway_that_is_gone_gives_way(bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    waiting_subscription(bilal, premium, gateway="razorpay", gateway_plan_id="plan_live")
    assert bilals.post(SUBSCRIBE, {"plan": "premium"}).status_code == 201
    assert Subscription.objects.filter(status="cancelled", is_current=False).count() == 1


def test_subscriptions_of_others_are_nobodys_business(
    bilal: CustomUser, chitra: CustomUser, client_for: ClientFor, premium: Plan
) -> None:
    running_subscription(bilal, premium)
    stranger = client_for(chitra)
    assert code_of(stranger.post(f"{SUBSCRIBE}cancel/")) == (409, "not_subscribed")
    assert code_of(stranger.post(f"{SUBSCRIBE}upgrade/", {"plan": "premium"})) == (409, "not_subscribed")
    assert stranger.get("/api/payments/subscription/status/").json()["tier"] == "free"
    assert Subscription.objects.get().status == "active"


# --- the gateway does not answer ----------------------------------------------------------------


class Nobody:
    """An address at which nobody listens."""

    url = "http://127.0.0.1:9"


@pytest.fixture
def razorpay_is_away(settings: Any) -> None:
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = "rzp_test_away", "secret"
    settings.RAZORPAY_BASE_URL = Nobody.url


@pytest.mark.usefixtures("razorpay_is_away")
def test_a_gateway_that_is_away_leaves_the_intent_for_the_next_call(
    bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    premium.gateway, premium.gateway_plan_id = "razorpay", "plan_live"
    premium.save()
    for _time in range(2):
        answer = bilals.post(SUBSCRIBE, {"plan": "premium"})
        assert code_of(answer) == (503, "gateway_unreachable")
        assert answer.headers["Retry-After"]
    intent = Subscription.objects.get()
    assert (intent.status, intent.razorpay_subscription_id, intent.calling_until) == ("created", None, None)


@pytest.mark.usefixtures("razorpay_is_away")
def test_without_the_gateway_nothing_is_cancelled_or_changed(
    bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    pro_plan()
    running_subscription(bilal, premium)
    Subscription.objects.update(gateway="razorpay")
    before = Subscription.objects.values().get()
    assert bilals.post(f"{SUBSCRIBE}cancel/").status_code == 503
    assert bilals.post(f"{SUBSCRIBE}upgrade/", {"plan": "pro"}).status_code == 503
    assert Subscription.objects.values().get() == before
