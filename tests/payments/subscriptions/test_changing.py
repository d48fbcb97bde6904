"""Cancelling and upgrading, with the sandbox as the gateway."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.api import can_access
from payments.gateways.models import SandboxObject
from payments.models import Plan, Subscription
from payments.subscriptions.services import NotSubscribed, upgrade_subscription
from tests.payments.factories import make_plan, paid_course
from tests.payments.subscriptions.school import (
    asked_now,
    enrolled_by_pass,
    prepay,
    pro_plan,
    settle,
    subscribed_in_sandbox,
    waiting_subscription,
)

pytestmark = pytest.mark.django_db
CANCEL, UPGRADE = "/api/payments/subscriptions/cancel/", "/api/payments/subscriptions/upgrade/"
DAY = timedelta(days=1)


@pytest.fixture
def premium() -> Plan:
    return make_plan()


def told() -> dict[str, Any]:
    return dict(SandboxObject.objects.get(kind="subscription").body)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def play(act: Any, subscription: Subscription) -> Subscription:
    """Let time or the bank do something at the sandbox, and take in what it tells then."""
    from payments.gateways.sandbox import sandbox_desk

    act(sandbox_desk(), subscription.razorpay_subscription_id)
    return asked_now(subscription)


# --- cancelling ---------------------------------------------------------------------------------


def test_a_cancelled_one_stays_open_to_the_end_of_its_period(
    asha: CustomUser, bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    from payments.gateways.simulator.subscriptions import end_cycle

    course, subscription = paid_course(asha), subscribed_in_sandbox(bilal, premium)
    enrolled_by_pass(bilal, course)
    for _time in range(2):
        answer = bilals.post(CANCEL)
        assert (answer.status_code, answer.json()["status"], answer.json()["cancels_at_period_end"]) == (
            200,
            "active",
            True,
        )
    subscription.refresh_from_db()
    assert subscription.entitled_until == subscription.current_end  # no grace: nothing will be charged
    assert can_access(bilal, course.pk)
    ended = play(end_cycle, subscription)
    assert (ended.status, ended.entitled_until) == ("cancelled", ended.current_end)
    assert can_access(bilal, course.pk)


def test_one_whose_charge_is_overdue_ends_at_once(bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    from payments.gateways.simulator.subscriptions import fail_cycle

    play(fail_cycle, subscribed_in_sandbox(bilal, premium))
    assert bilals.post(CANCEL).json()["status"] == "cancelled"
    assert told()["status"] == "cancelled"
    subscription = Subscription.objects.get()
    assert subscription.entitled_until == subscription.current_end


def test_one_that_nobody_paid_can_be_given_up(bilals: APIClient, premium: Plan) -> None:
    bilals.post("/api/payments/subscriptions/", {"plan": "premium"})
    assert bilals.post(CANCEL).json()["status"] == "cancelled"
    assert told()["status"] == "cancelled"
    assert code_of(bilals.post(CANCEL)) == (409, "not_subscribed")


def test_an_intent_that_never_reached_the_gateway_can_be_given_up(
    bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    waiting_subscription(bilal, premium, razorpay_subscription_id=None)
    assert bilals.post(CANCEL).json()["status"] == "cancelled"
    assert not Subscription.objects.get().is_current


def test_a_prepaid_one_is_only_marked(bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    prepay(bilal, premium)
    before = Subscription.objects.get().entitled_until
    assert bilals.post(CANCEL).json()["cancels_at_period_end"]
    assert Subscription.objects.get().entitled_until == before


def test_one_that_the_gateway_cancelled_has_nothing_left_to_cancel(
    bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    settle(subscribed_in_sandbox(bilal, premium), "cancelled")
    assert bilals.post(CANCEL).json()["status"] == "cancelled"
    assert told()["status"] == "active"  # the sandbox was not asked


# --- upgrading ----------------------------------------------------------------------------------


def test_an_upgrade_holds_at_once(asha: CustomUser, bilal: CustomUser, bilals: APIClient) -> None:
    few = make_plan(covers_all_courses=False)
    course = paid_course(asha)
    pro_plan()
    subscription = subscribed_in_sandbox(bilal, few)
    assert bilals.post(f"/api/courses/courses/{course.pk}/enroll/").status_code == 402
    answer = bilals.post(UPGRADE, {"plan": "pro"})
    assert (answer.status_code, answer.json()["plan"]) == (201, "pro")
    assert told()["plan_id"] == Plan.objects.get(slug="pro").gateway_plan_id
    assert bilals.post(f"/api/courses/courses/{course.pk}/enroll/").status_code == 201
    assert bilals.get("/api/payments/subscription/status/").json()["tier"] == "pro"
    assert asked_now(subscription).plan.slug == "pro"


def test_only_a_higher_tier_is_an_upgrade(bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    pro = pro_plan(period="monthly")
    make_plan(slug="premium-year", name="Premium", period="yearly")
    subscribed_in_sandbox(bilal, pro)
    for plan in ("pro", "premium", "premium-year"):
        assert code_of(bilals.post(UPGRADE, {"plan": plan})) == (409, "not_an_upgrade")
    pro.refresh_from_db()
    assert told()["plan_id"] == pro.gateway_plan_id


def test_an_upgrade_never_shortens_the_period(bilal: CustomUser, bilals: APIClient) -> None:
    pro_plan(period="monthly")
    subscribed_in_sandbox(bilal, make_plan(period="yearly"))
    assert code_of(bilals.post(UPGRADE, {"plan": "pro"})) == (409, "not_an_upgrade")


def test_what_cannot_be_upgraded(bilal: CustomUser, bilals: APIClient, premium: Plan) -> None:
    pro_plan()
    assert code_of(bilals.post(UPGRADE, {"plan": "pro"})) == (409, "not_subscribed")
    assert code_of(bilals.post(UPGRADE, {"plan": "gold"})) == (400, "does_not_exist")
    prepay(bilal, premium)
    assert code_of(bilals.post(UPGRADE, {"plan": "pro"})) == (409, "not_upgradable")


@pytest.mark.parametrize("state", ["pending", "paused", "cancels"])
def test_what_will_not_be_charged_as_it_is_cannot_be_upgraded(
    state: str, bilal: CustomUser, bilals: APIClient, premium: Plan
) -> None:
    pro_plan()
    subscription = subscribed_in_sandbox(bilal, premium)
    if state == "cancels":
        bilals.post(CANCEL)
    else:
        settle(subscription, state)
    assert code_of(bilals.post(UPGRADE, {"plan": "pro"})) == (409, "not_upgradable")


def test_an_overdue_one_past_its_grace_is_no_subscription_to_upgrade(bilal: CustomUser, premium: Plan) -> None:
    pro_plan()
    subscribed_in_sandbox(bilal, premium)
    with pytest.raises(NotSubscribed):
        upgrade_subscription(user=bilal, plan_slug="pro", at=timezone.now() + 50 * DAY)
