"""Entitlements that run out: access ends by its date, and the sweep tidies up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import AccessPass, Enrollment
from e_learning.celery import app
from payments.models import Plan, Subscription
from payments.subscriptions.services import settle_ended_subscriptions
from tests.factories.people import person
from tests.payments.factories import make_plan, paid_course
from tests.payments.subscriptions.school import (
    MONTH,
    enrolled_by_pass,
    prepay,
    pro_plan,
    running_subscription,
    settle,
    waiting_subscription,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def premium() -> Plan:
    return make_plan()


def tier_of(user: CustomUser) -> str:
    return CustomUser.objects.values_list("subscription_tier", flat=True).get(pk=user.pk)


def swept(now: datetime) -> int:
    return settle_ended_subscriptions(now=now)


def test_grace_is_given_to_the_hour(asha: CustomUser, bilal: CustomUser, premium: Plan, settings: Any) -> None:
    settings.SUBSCRIPTION_GRACE_DAYS = 2
    enrolled_course, subscription = paid_course(asha), running_subscription(bilal, premium)
    enrolled_by_pass(bilal, enrolled_course)
    settle(subscription, "pending")
    end = subscription.current_end
    assert end
    assert Enrollment.objects.current(end + 2 * DAY - timedelta(seconds=1)).exists()
    assert not Enrollment.objects.current(end + 2 * DAY).exists()
    assert swept(end + 2 * DAY - timedelta(seconds=1)) == 0
    assert (swept(end + 2 * DAY), swept(end + 2 * DAY)) == (1, 0)


def test_after_the_end_tier_pass_and_enrolment_are_gone_and_history_stays(
    asha: CustomUser, bilal: CustomUser, premium: Plan
) -> None:
    subscription = running_subscription(bilal, premium)
    enrolled_by_pass(bilal, paid_course(asha))
    settle(subscription, "cancelled")
    assert swept(timezone.now() + 2 * MONTH) == 1
    subscription.refresh_from_db()
    assert (subscription.is_current, subscription.entitled_until, subscription.paid_count) == (False, None, 1)
    assert subscription.current_end
    assert tier_of(bilal) == "free"
    assert not Enrollment.objects.get().is_active
    assert AccessPass.objects.get().ended_at


def test_one_that_may_still_be_charged_stays_to_be_seen_and_comes_back_with_a_charge(
    bilal: CustomUser, premium: Plan
) -> None:
    subscription = running_subscription(bilal, premium, current_end=timezone.now() + DAY)
    settle(subscription, "halted")
    later = timezone.now() + MONTH
    assert swept(later) == 1
    subscription.refresh_from_db()
    assert (subscription.is_current, subscription.entitled_until, tier_of(bilal)) == (True, None, "free")
    settle(subscription, "active", paid_count=2, current_end=later + MONTH)
    assert tier_of(bilal) == "premium"


def test_a_prepaid_one_is_completed(bilal: CustomUser, premium: Plan) -> None:
    prepay(bilal, premium)
    swept(timezone.now() + 2 * MONTH)
    subscription = Subscription.objects.get()
    assert (subscription.status, subscription.ended_at) == ("completed", subscription.current_end)
    assert not subscription.is_current


def test_the_tier_that_is_left_counts(bilal: CustomUser, premium: Plan) -> None:
    prepay(bilal, premium)
    prepay(bilal, premium)
    settle(waiting_subscription(bilal, pro_plan(), is_current=False), current_end=timezone.now() + DAY)
    assert tier_of(bilal) == "pro"
    swept(timezone.now() + 10 * DAY)
    assert tier_of(bilal) == "premium"


def test_the_sweep_reaches_everybody_in_batches_and_nobody_before_the_time(premium: Plan) -> None:
    learners = [person(f"learner{number}") for number in range(5)]
    for learner in learners:
        prepay(learner, premium)
    prepay(person("later"), premium, at=timezone.now() + MONTH)
    assert settle_ended_subscriptions(now=timezone.now() + 35 * DAY, batch=2) == 5
    assert set(CustomUser.objects.filter(subscription_tier="premium").values_list("username", flat=True)) == {"later"}


def test_the_sweep_runs_by_itself(bilal: CustomUser, premium: Plan) -> None:
    from payments.subscriptions.tasks import settle_ended_subscriptions as sweep

    assert app.conf.beat_schedule["settle-ended-subscriptions"]["task"] == sweep.name
    prepay(bilal, premium, at=timezone.now() - 40 * DAY)
    assert sweep.delay().get() == 1
