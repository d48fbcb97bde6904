"""Plans that are paid once: bought with an order, lengthened, beside each other, taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import can_access
from courses.models import Enrollment
from payments.models import Plan, PrepaidPeriod, Subscription
from payments.subscriptions.periods import add_months
from payments.subscriptions.services import end_prepaid_period, extend_prepaid, settle_ended_subscriptions
from tests.payments.factories import make_order, make_plan, paid_course
from tests.payments.subscriptions.school import enrolled_by_pass, prepay, pro_plan, running_subscription

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def premium() -> Plan:
    return make_plan()


def tier_of(user: CustomUser) -> str:
    return CustomUser.objects.values_list("subscription_tier", flat=True).get(pk=user.pk)


def test_a_paid_order_of_a_plan_opens_its_courses_for_a_period(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, premium: Plan
) -> None:
    at, course = timezone.now(), paid_course(asha)
    payment = prepay(bilal, premium, at=at)
    subscription = Subscription.objects.get()
    assert payment.subscription == subscription
    assert (subscription.status, subscription.is_prepaid, subscription.is_current) == ("active", True, True)
    assert subscription.entitled_until == subscription.current_end == add_months(at, 1)  # no grace: nobody charges it
    assert tier_of(bilal) == "premium"
    assert enrolled_by_pass(bilal, course)
    assert Enrollment.objects.get().expiry_date == subscription.current_end
    assert not can_access(chitra, course.pk)


def test_the_same_payment_gives_one_period(bilal: CustomUser, premium: Plan) -> None:
    payment = prepay(bilal, premium)
    before = Subscription.objects.values().get()
    again = extend_prepaid(user_id=bilal.pk, plan_id=premium.pk, payment_id=payment.pk, at=timezone.now() + DAY)
    assert Subscription.objects.values().get() == before
    assert again.pk == before["id"]


def test_the_same_plan_again_gets_longer(bilal: CustomUser, premium: Plan) -> None:
    at = timezone.now()
    for days in range(3):
        prepay(bilal, premium, at=at + days * DAY)
    subscription = Subscription.objects.get()
    assert subscription.entitled_until == add_months(at, 3)
    assert subscription.paid_count == 3


def test_a_higher_plan_counts_at_once_and_the_lower_goes_on_beside_it(
    asha: CustomUser, bilal: CustomUser, premium: Plan
) -> None:
    prepay(bilal, premium)
    prepay(bilal, pro_plan(period="monthly"))
    lower, higher = Subscription.objects.order_by("pk")
    assert (lower.is_current, higher.is_current, tier_of(bilal)) == (False, True, "pro")
    Subscription.objects.filter(pk=higher.pk).update(entitled_until=timezone.now(), current_end=timezone.now())
    settle_ended_subscriptions()
    lower.refresh_from_db()
    assert (lower.is_current, tier_of(bilal)) == (True, "premium")
    assert enrolled_by_pass(bilal, paid_course(asha))


def test_what_is_charged_by_itself_stays_the_current_one(bilal: CustomUser, premium: Plan) -> None:
    """It is the one that has to be seen, to be cancelled."""
    charged = running_subscription(bilal, premium)
    prepay(bilal, pro_plan())
    charged.refresh_from_db()
    assert (charged.is_current, tier_of(bilal)) == (True, "pro")


def test_a_plan_that_is_paid_takes_the_place_of_one_that_waits_for_it(bilal: CustomUser, premium: Plan) -> None:
    from tests.payments.subscriptions.school import settle, waiting_subscription

    waiting = waiting_subscription(bilal, premium)
    prepay(bilal, premium)
    prepaid = Subscription.objects.get(is_prepaid=True)
    assert prepaid.is_current
    settle(waiting)  # paid after all: both are paid for, and one of them is charged again
    for row in (waiting, prepaid):
        row.refresh_from_db()
    assert (waiting.is_current, prepaid.is_current) == (True, False)
    assert prepaid.entitled_until


# --- taken back ---------------------------------------------------------------------------------


def test_a_refund_of_the_only_period_closes_what_it_opened(asha: CustomUser, bilal: CustomUser, premium: Plan) -> None:
    course, payment = paid_course(asha), prepay(bilal, premium)
    enrolled_by_pass(bilal, course)
    subscription = Subscription.objects.get()
    for _time in range(2):
        end_prepaid_period(subscription_id=subscription.pk, payment_id=payment.pk, at=timezone.now())
    subscription.refresh_from_db()
    assert (subscription.status, subscription.is_current, subscription.entitled_until) == ("cancelled", False, None)
    assert tier_of(bilal) == "free"
    assert not can_access(bilal, course.pk)
    assert not Enrollment.objects.get().is_active


def test_a_refund_of_one_period_moves_those_behind_it_up(bilal: CustomUser, premium: Plan) -> None:
    at = timezone.now()
    first, _second, _third = (prepay(bilal, premium, at=at + days * DAY) for days in range(3))
    subscription = Subscription.objects.get()
    end_prepaid_period(subscription_id=subscription.pk, payment_id=first.pk, at=at + 3 * DAY)
    subscription.refresh_from_db()
    assert subscription.entitled_until == add_months(at + DAY, 2)
    assert PrepaidPeriod.objects.filter(taken_back_at__isnull=False).count() == 1


def test_after_a_refund_the_plan_can_be_bought_again(bilal: CustomUser, premium: Plan) -> None:
    payment = prepay(bilal, premium)
    end_prepaid_period(subscription_id=Subscription.objects.get().pk, payment_id=payment.pk, at=timezone.now())
    prepay(bilal, premium)
    assert Subscription.objects.get(is_current=True).entitled_until
    assert tier_of(bilal) == "premium"


def test_a_payment_of_something_else_takes_no_period_back(bilal: CustomUser, premium: Plan) -> None:
    prepay(bilal, premium)
    subscription = Subscription.objects.get()
    end_prepaid_period(subscription_id=subscription.pk, payment_id=make_order(bilal, premium).pk, at=timezone.now())
    subscription.refresh_from_db()
    assert subscription.entitled_until


def test_a_refund_of_the_last_charge_closes_the_period_until_the_next(bilal: CustomUser, premium: Plan) -> None:
    from payments.orders.services import record_charge
    from tests.payments.factories import gateway_id, payment_told
    from tests.payments.subscriptions.school import MONTH, settle

    subscription = running_subscription(bilal, premium)
    paid = [
        record_charge(
            subscription=subscription,
            snapshot=payment_told(make_order(bilal, premium, is_open=False), order_id=gateway_id("order")),
            at=timezone.now() + days * DAY,
        )
        for days in range(2)
    ]
    end_prepaid_period(
        subscription_id=subscription.pk, payment_id=paid[0].pk, at=timezone.now()
    )  # a period of the past
    subscription.refresh_from_db()
    assert subscription.entitled_until
    end_prepaid_period(subscription_id=subscription.pk, payment_id=paid[1].pk, at=timezone.now())
    subscription = Subscription.objects.get()
    assert (subscription.entitled_until, tier_of(bilal)) == (None, "free")
    paid_until = subscription.current_end
    assert paid_until
    settled = settle(subscription, current_end=paid_until)  # told again of the same period
    assert settled.entitled_until is None
    settle(subscription, paid_count=2, current_end=paid_until + MONTH)
    assert tier_of(bilal) == "premium"
