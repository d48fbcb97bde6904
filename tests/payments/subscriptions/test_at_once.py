"""Many at once. Each race also runs with its guard taken away, and has to go wrong then."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import live_passes
from payments.gateways import one_call
from payments.gateways.models import SandboxObject
from payments.models import Plan, PrepaidPeriod, Subscription
from payments.subscriptions.periods import add_months
from payments.subscriptions.services import (
    create_subscription,
    extend_prepaid,
    prepaying,
    settle_subscription,
    settling,
)
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.guards import without
from tests.payments.factories import gateway_id, make_order, make_plan, subscription_told
from tests.payments.subscriptions.school import (
    pro_plan,
    snapshots_of_a_life,
    state_of,
    waiting_subscription,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 16


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


@pytest.fixture
def premium() -> Plan:
    return make_plan()


# --- subscribing --------------------------------------------------------------------------------


def is_one_after_subscribing(all_at_once: AllAtOnce, bilal: CustomUser) -> bool:
    """Subscribe 16 times at once; say whether one began, that was given to all, and the gateway has one."""
    SandboxObject.objects.filter(kind="subscription").delete()
    Subscription.objects.all().delete()
    made = all_at_once(*[lambda: create_subscription(user=bilal, plan_slug="premium")] * AT_ONCE)
    kinds = sorted(SandboxObject.objects.values_list("kind", flat=True))
    ids = {getattr(getattr(one, "subscription", one), "razorpay_subscription_id", one) for one in made}
    is_new = sum(getattr(one, "is_new", False) for one in made)
    return (kinds, len(ids), is_new, Subscription.objects.count()) == (["plan", "subscription"], 1, 1, 1)


def forget_the_plan() -> None:
    """It has to be made at the gateway anew."""
    SandboxObject.objects.filter(kind="plan").delete()
    Plan.objects.update(gateway_plan_id="", calling_until=None)


@pytest.mark.usefixtures("premium")
def test_of_16_subscribing_at_once_one_subscription_comes(all_at_once: AllAtOnce, bilal: CustomUser) -> None:
    for _round in range(2):
        assert is_one_after_subscribing(all_at_once, bilal)
        forget_the_plan()


@pytest.mark.usefixtures("premium")
def test_without_the_claim_the_gateway_is_asked_for_several(
    all_at_once: AllAtOnce, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_call, "_claim", lambda row, unknown, claim: True)

    def is_right_in_a_round() -> bool:
        forget_the_plan()
        return is_one_after_subscribing(all_at_once, bilal)

    assert not all(is_right_in_a_round() for _round in range(MOST_ROUNDS))


@pytest.mark.usefixtures("premium")
def test_without_the_constraint_several_begin(all_at_once: AllAtOnce, bilal: CustomUser) -> None:
    with without(Subscription, "one_current_subscription"):
        assert not all(is_one_after_subscribing(all_at_once, bilal) for _round in range(MOST_ROUNDS))


# --- settling -----------------------------------------------------------------------------------


def ends_in_one_state(all_at_once: AllAtOnce, bilal: CustomUser, pro: Plan) -> bool:
    """Tell a whole life twice at once; say whether row, tier and pass are those of the last word."""
    begin = timezone.now().replace(microsecond=0)
    subscription = waiting_subscription(bilal, Plan.objects.get(slug="premium"))
    life = snapshots_of_a_life(subscription, [subscription.plan, pro], begin)[:8]  # to halted: what it opens stands
    works = [
        lambda snapshot=snapshot: settle_subscription(snapshot=snapshot, at=timezone.now()) for snapshot in [*life] * 2
    ]
    outcomes = all_at_once(*works)
    state = state_of(subscription)
    passes = [(user_id, ends_at) for _reference, user_id, ends_at in live_passes(at=timezone.now())]
    is_right = (
        all(isinstance(one, Subscription) for one in outcomes)
        and (state["status"], state["paid_count"], state["plan_id"], state["tier"]) == ("halted", 3, pro.pk, "pro")
        and passes == [(bilal.pk, state["entitled_until"])]
    )
    settle_subscription(  # over, so that the next round begins with nothing
        snapshot=subscription_told(subscription, "cancelled"), at=begin.replace(year=begin.year + 2)
    )
    return is_right


def test_a_life_told_at_once_ends_in_one_state(all_at_once: AllAtOnce, bilal: CustomUser, premium: Plan) -> None:
    pro = pro_plan(gateway_plan_id=gateway_id("plan"), gateway="sandbox")
    for _round in range(2):
        assert ends_in_one_state(all_at_once, bilal, pro)


def held_by_nobody(user_id: int, *, with_id: int | None = None) -> list[Subscription]:
    """Read the rows as ``held_subscriptions`` does, and hold none."""
    matters = ~Q(status="cancelled") | Q(pk=with_id or 0)
    return list(Subscription.objects.filter(matters, user=user_id).prefetch_related("plan").order_by("pk"))


@pytest.mark.usefixtures("money_need_not_add_up", "premium")
def test_without_the_lock_words_are_lost(
    all_at_once: AllAtOnce, bilal: CustomUser, on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite's transactions stand in one queue: there is no lock to take away")
    pro = pro_plan(gateway_plan_id=gateway_id("plan"), gateway="sandbox")
    monkeypatch.setattr(settling, "held_subscriptions", held_by_nobody)
    assert not all(ends_in_one_state(all_at_once, bilal, pro) for _round in range(MOST_ROUNDS))


# --- prepaying ----------------------------------------------------------------------------------


def periods_of_one_payment(all_at_once: AllAtOnce, bilal: CustomUser, premium: Plan) -> int:
    """Extend what runs 16 times by one payment, which nobody holds here; returns how many periods that gave."""
    running, payment = make_order(bilal, premium, is_open=False), make_order(bilal, premium)

    def extend(payment_id: int) -> Subscription:
        return extend_prepaid(user_id=bilal.pk, plan_id=premium.pk, payment_id=payment_id, at=timezone.now())

    extend(running.pk)
    all_at_once(*[lambda: extend(payment.pk)] * AT_ONCE)
    return PrepaidPeriod.objects.filter(payment=payment).count()


def test_of_16_that_extend_by_one_payment_one_adds_its_period(
    all_at_once: AllAtOnce, bilal: CustomUser, premium: Plan
) -> None:
    assert periods_of_one_payment(all_at_once, bilal, premium) == 1
    assert Subscription.objects.get().paid_count == 2


@contextmanager
def without_one_period_per_payment() -> Iterator[None]:
    """On PostgreSQL alone, by its own words: for Django a one-to-one field without its constraint is no change."""
    table, name = "payments_prepaidperiod", "payments_prepaidperiod_payment_id_key"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        yield
    finally:
        PrepaidPeriod.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (payment_id)")


@pytest.mark.usefixtures("money_need_not_add_up")
def test_without_lock_and_constraint_one_payment_adds_several(
    all_at_once: AllAtOnce, bilal: CustomUser, premium: Plan, on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite's transactions stand in one queue: there is no lock to take away")
    monkeypatch.setattr(prepaying, "held_subscriptions", held_by_nobody)
    with without_one_period_per_payment():
        assert any(periods_of_one_payment(all_at_once, bilal, premium) > 1 for _round in range(MOST_ROUNDS))


def each_adds_its_period(all_at_once: AllAtOnce, bilal: CustomUser, premium: Plan) -> bool:
    """Extend by 16 payments at once; say whether there is one subscription, longer by all of them."""
    payments = [make_order(bilal, premium, is_open=False) for _number in range(AT_ONCE)]
    at = timezone.now()
    works = [
        lambda payment=payment: extend_prepaid(user_id=bilal.pk, plan_id=premium.pk, payment_id=payment.pk, at=at)
        for payment in payments
    ]
    before = PrepaidPeriod.objects.count()
    is_taken = all(isinstance(one, Subscription) for one in all_at_once(*works))
    end = add_months(PrepaidPeriod.objects.order_by("paid_at")[0].paid_at, before + AT_ONCE)
    return is_taken and list(Subscription.objects.values_list("current_end", flat=True)) == [end]


def test_payments_at_once_each_add_their_period(all_at_once: AllAtOnce, bilal: CustomUser, premium: Plan) -> None:
    assert all(each_adds_its_period(all_at_once, bilal, premium) for _round in range(2))


@pytest.mark.usefixtures("money_need_not_add_up")
def test_without_the_lock_periods_are_lost(
    all_at_once: AllAtOnce, bilal: CustomUser, premium: Plan, on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite's transactions stand in one queue: there is no lock to take away")
    monkeypatch.setattr(prepaying, "held_subscriptions", held_by_nobody)
    assert not all(each_adds_its_period(all_at_once, bilal, premium) for _round in range(MOST_ROUNDS))
