"""What the gateway tells of a subscription, in any order and any number of times, ends in one state."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CustomUser
from courses.api import can_access, grant_access
from courses.models import Enrollment
from payments.models import Plan, Subscription
from payments.subscriptions.services import UnknownSubscription, settle_ended_subscriptions, settle_subscription
from payments.subscriptions.telling import told
from tests.factories.people import person
from tests.payments.factories import gateway_id, make_plan, paid_course, subscription_told
from tests.payments.subscriptions.school import (
    MONTH,
    enrolled_by_pass,
    pro_plan,
    running_subscription,
    settle,
    snapshots_of_a_life,
    state_of,
    waiting_subscription,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def premium() -> Plan:
    return make_plan()


# --- any order ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "begun", [timedelta(0), -3 * MONTH, -10 * MONTH], ids=["now", "in its third month", "long ago"]
)
def test_a_life_told_in_any_order_and_twice_ends_in_the_same_row(begun: timedelta) -> None:
    now = timezone.now().replace(microsecond=0)
    plans = [Plan(pk=1, tier="premium", gateway_plan_id="plan_1"), Plan(pk=2, tier="pro", gateway_plan_id="plan_2")]
    by_id = {plan.gateway_plan_id: plan for plan in plans}
    row = Subscription(plan=plans[0], gateway_plan_id="plan_1", razorpay_subscription_id="sub_1", receipt="r")
    life = snapshots_of_a_life(row, plans, now + begun)
    seen = set()

    @settings(max_examples=300)
    @given(st.permutations([*life, *life[2:7]]))
    def tell(order: list[Any]) -> None:
        row = Subscription(plan=plans[0], gateway_plan_id="plan_1")
        for snapshot in order:
            for name, value in told(row, snapshot, plan=by_id[snapshot.plan_id], at=now, is_fresh=False).items():
                setattr(row, name, value)
        seen.add((row.plan_id, row.status, row.paid_count, row.current_start, row.current_end, row.ended_at))

    tell()
    paid_until = now + begun + 3 * MONTH
    assert seen == {(2, "cancelled", 3, paid_until - MONTH, paid_until, paid_until + 9 * DAY)}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(9)), again=st.lists(st.integers(0, 8), max_size=4))
def test_rows_pass_and_tier_follow_in_any_order(
    order: list[int], again: list[int], bilal: CustomUser, asha: CustomUser
) -> None:
    """Told while the third month runs, so that the pass still stands at the end."""
    from django.db import transaction

    with transaction.atomic():
        begin = timezone.now().replace(microsecond=0) - 2 * MONTH - DAY
        course = paid_course(asha)
        subscription = waiting_subscription(bilal, make_plan())
        pro = pro_plan(gateway_plan_id=gateway_id("plan"), period="monthly")
        life = snapshots_of_a_life(subscription, [subscription.plan, pro], begin)
        for number in [*order, *again]:
            settle_subscription(snapshot=life[number], at=timezone.now())
        assert state_of(subscription) == {
            "plan_id": pro.pk,
            "status": "cancelled",
            "is_current": True,
            "current_start": begin + 2 * MONTH,
            "current_end": begin + 3 * MONTH,
            "entitled_until": begin + 3 * MONTH,
            "paid_count": 3,
            "ended_at": begin + 3 * MONTH + 9 * DAY,
            "tier": "pro",
        }
        assert enrolled_by_pass(bilal, course)
        transaction.set_rollback(True)


def test_each_state_entitles_as_it_should(premium: Plan) -> None:
    end = timezone.now().replace(microsecond=0) + 10 * DAY
    grace = end + 3 * DAY
    expected = {
        "created": None, "authenticated": None, "active": grace, "pending": grace, "halted": grace,
        "paused": end, "cancelled": end, "completed": end, "expired": end,
    }  # fmt: skip
    for status, until in expected.items():
        subscription = waiting_subscription(person(f"is-{status}"), premium)
        if until:
            settle(subscription, current_end=end)
        settle(subscription, status, current_end=end if until else None, paid_count=1 if until else 0)
        subscription.refresh_from_db()
        assert (subscription.status, subscription.entitled_until) == (status, until)


def test_a_charge_that_failed_opens_no_period(bilal: CustomUser, premium: Plan) -> None:
    """Razorpay tells of the new period while its charge is tried again."""
    subscription = running_subscription(bilal, premium)
    paid_until = subscription.current_end
    assert paid_until
    for status in ("pending", "halted", "cancelled"):
        settle(subscription, status, current_start=paid_until, current_end=paid_until + MONTH)
    subscription.refresh_from_db()
    assert (subscription.current_end, subscription.status) == (paid_until, "cancelled")


def test_a_word_of_the_past_changes_nothing_and_one_of_now_stands(bilal: CustomUser, premium: Plan) -> None:
    subscription = running_subscription(bilal, premium)
    settle(subscription, "paused")
    before = state_of(subscription)
    assert before["status"] == "paused"
    settle(subscription, "active", current_end=before["current_end"])  # an event from before the pause
    settle(subscription, "active", current_end=before["current_end"] - MONTH, paid_count=0)
    assert state_of(subscription) == before
    settle(subscription, "active", current_end=before["current_end"], is_fresh=True)  # resumed
    assert state_of(subscription)["status"] == "active"


@pytest.mark.parametrize("ended", ["cancelled", "completed", "expired"])
def test_what_has_ended_never_lives_again(ended: str, bilal: CustomUser, premium: Plan) -> None:
    subscription = running_subscription(bilal, premium)
    settle(subscription, ended)
    for status in ("active", "authenticated", "halted"):
        settle(subscription, status, paid_count=2, is_fresh=True)
    assert state_of(subscription)["status"] == ended


# --- whose it is --------------------------------------------------------------------------------


def test_a_lost_id_is_adopted_by_the_receipt(bilal: CustomUser, premium: Plan) -> None:
    subscription = waiting_subscription(bilal, premium, razorpay_subscription_id=None)
    settle(subscription, id="sub_lost000000001")
    subscription.refresh_from_db()
    assert (subscription.razorpay_subscription_id, subscription.status) == ("sub_lost000000001", "active")


def test_nobody_elses_subscription_is_taken(bilal: CustomUser, premium: Plan) -> None:
    subscription = waiting_subscription(bilal, premium)
    for fields in ({"notes": {}}, {"notes": {"receipt": subscription.receipt}}, {"notes": {"receipt": ""}}):
        with pytest.raises(UnknownSubscription):
            settle(subscription, id="sub_another000001", **fields)
    subscription.refresh_from_db()
    assert subscription.status == "created"


def test_a_plan_that_is_not_ours_any_more_leaves_the_plan(bilal: CustomUser, premium: Plan) -> None:
    subscription = waiting_subscription(bilal, premium)
    Plan.objects.update(gateway_plan_id="")  # its price was changed
    settled = settle(subscription, plan_id=subscription.gateway_plan_id)
    assert (settled.plan, settled.status) == (premium, "active")


def test_a_change_of_plan_at_the_gateway_moves_tier_and_courses(
    asha: CustomUser, bilal: CustomUser, premium: Plan
) -> None:
    named, other = paid_course(asha), paid_course(asha, title="Business English")
    pro = pro_plan(gateway_plan_id=gateway_id("plan"), covers_all_courses=False)
    pro.courses.set([named])
    subscription = running_subscription(bilal, premium)
    for course in (named, other):
        enrolled_by_pass(bilal, course)
    settle(subscription, plan_id=pro.gateway_plan_id)
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "pro"
    assert (can_access(bilal, named.pk), can_access(bilal, other.pk)) == (True, False)


# --- access -------------------------------------------------------------------------------------


def test_a_renewal_moves_what_the_subscription_opened(asha: CustomUser, bilal: CustomUser, premium: Plan) -> None:
    course, subscription = paid_course(asha), running_subscription(bilal, premium)
    assert enrolled_by_pass(bilal, course)
    assert subscription.current_end
    renewed = subscription.current_end + MONTH
    settle(subscription, paid_count=2, current_start=subscription.current_end, current_end=renewed)
    assert Enrollment.objects.get(user=bilal, course=course).expiry_date == renewed + 3 * DAY


def test_the_end_of_a_subscription_leaves_what_was_bought(asha: CustomUser, bilal: CustomUser, premium: Plan) -> None:
    by_both, by_pass = paid_course(asha), paid_course(asha, title="Business English")
    running_subscription(bilal, premium)
    for course in (by_both, by_pass):
        enrolled_by_pass(bilal, course)
    grant_access(
        user_id=bilal.pk, course_id=by_both.pk, source="manual", reference="", reason="a prize", at=timezone.now()
    )
    settle(Subscription.objects.get(), "cancelled")
    settle_ended_subscriptions(now=timezone.now() + 2 * MONTH)
    assert (can_access(bilal, by_both.pk), can_access(bilal, by_pass.pk)) == (True, False)


def test_a_stranger_gets_nothing_of_it(asha: CustomUser, bilal: CustomUser, chitra: CustomUser, premium: Plan) -> None:
    from e_learning.core.api.errors import PaymentRequired

    course = paid_course(asha)
    running_subscription(bilal, premium)
    with pytest.raises(PaymentRequired):
        enrolled_by_pass(chitra, course)
    chitra.refresh_from_db()
    assert chitra.subscription_tier == "free"
    assert not can_access(chitra, course.pk)


def test_settling_again_tells_courses_nothing(bilal: CustomUser, premium: Plan, django_assert_num_queries: Any) -> None:
    subscription = waiting_subscription(bilal, premium)
    snapshot = subscription_told(subscription)
    settle_subscription(snapshot=snapshot, at=timezone.now())
    # A savepoint and its release, whose it is, the rows, their plans, and the plan that is told.
    with django_assert_num_queries(6):
        settle_subscription(snapshot=snapshot, at=timezone.now())
