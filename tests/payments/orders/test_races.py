"""Many taps at once. Each race also runs with its guard taken away, and has to go wrong then."""

from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accounts.models import CustomUser
from courses.learning.services import granting
from courses.models import AccessGrant, Course, Enrollment
from e_learning.core.api.errors import ApiError
from payments.gateways import one_call
from payments.models import Coupon, CouponUse, GatewayPayment, Invoice, Payment
from payments.orders.services import coupons, create_order, settling, verify_payment
from payments.orders.services.coupons import CouponUsedAlready, CouponUsedUp
from payments.orders.services.verifying import PaidTwice, Verified
from tests.crowd import all_at_once
from tests.factories.people import person
from tests.guards import without
from tests.payments.factories import make_coupon, paid_course
from tests.payments.orders.calls import paid
from tests.payments.razorpay_http import Fault
from tests.payments.razorpay_server import RazorpayServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 32


def forget_what_was_bought() -> None:
    for table in (AccessGrant, Invoice, CouponUse, GatewayPayment):
        table.objects.all().delete()


# --- ordering -----------------------------------------------------------------------------------


def order_in_all(user: CustomUser, course: Course) -> list[Any]:
    return all_at_once(*[lambda: create_order(user=user, course_id=course.pk)] * AT_ONCE)


def test_of_32_orders_one_is_made_and_all_are_given_it(
    razorpay: RazorpayServer, bilal: CustomUser, course: Course
) -> None:
    razorpay.faults.append(Fault("delay", "POST /v1/orders", seconds=0.3))
    orders = order_in_all(bilal, course)
    assert [one for one in orders if isinstance(one, ApiError)] == []
    assert {one.payment.razorpay_order_id for one in orders} == {Payment.objects.get().razorpay_order_id}
    assert sum(one.is_new for one in orders) == 1
    assert razorpay.calls == ["POST /v1/orders"]


def test_without_the_claim_the_gateway_makes_several(
    razorpay: RazorpayServer, bilal: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    razorpay.faults.append(Fault("delay", "POST /v1/orders", times=None, seconds=0.3))
    monkeypatch.setattr(one_call, "_claim", lambda row, unknown, claim: True)
    order_in_all(bilal, course)
    assert razorpay.calls.count("POST /v1/orders") > 1


def test_where_the_gateway_is_away_nobody_waits_long_and_no_order_is_doubled(
    razorpay: RazorpayServer, bilal: CustomUser, course: Course
) -> None:
    razorpay.faults.append(Fault("drop_after", "POST /v1/orders"))
    refused = order_in_all(bilal, course)
    assert {one.status for one in refused if isinstance(one, ApiError)} == {503}
    order = create_order(user=bilal, course_id=course.pk).payment
    assert [one["id"] for one in razorpay.store.listed("order")] == [order.razorpay_order_id]


# --- coupons ------------------------------------------------------------------------------------


def take_in_all(course: Course, coupon: Coupon) -> list[Any]:
    people = [person(f"learner{number}") for number in range(AT_ONCE)]
    return all_at_once(
        *[
            lambda learner=learner: create_order(user=learner, course_id=course.pk, coupon_code=coupon.code)
            for learner in people
        ]
    )


def taken(outcomes: list[Any]) -> int:
    return sum(not isinstance(one, ApiError) for one in outcomes)


def test_of_32_people_5_get_a_coupon_for_5(razorpay: RazorpayServer, course: Course) -> None:
    coupon = make_coupon(max_uses=5)
    outcomes = take_in_all(course, coupon)
    assert taken(outcomes) == 5
    assert {type(one) for one in outcomes if isinstance(one, ApiError)} == {CouponUsedUp}
    coupon.refresh_from_db()
    assert coupon.used_count == Payment.objects.count() == CouponUse.objects.count() == 5


def test_without_the_condition_more_than_5_do(
    razorpay: RazorpayServer, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_have_looked = Barrier(AT_ONCE, timeout=60)

    def looked_at_before(coupon_id: int, *, within_limit: bool) -> bool:
        left = Coupon.objects.filter(pk=coupon_id, used_count__lt=5).exists()
        all_have_looked.wait()
        return left and bool(Coupon.objects.filter(pk=coupon_id).update(used_count=F("used_count") + 1))

    if connection.vendor == "sqlite":  # where one writes at a time, a look before the write is as good as a condition
        monkeypatch.setattr(coupons, "_count_one", lambda coupon_id, within_limit: True)
    else:
        monkeypatch.setattr(coupons, "_count_one", looked_at_before)
    assert taken(take_in_all(course, make_coupon(max_uses=5))) > 5
    Coupon.objects.update(used_count=CouponUse.objects.count())


def use_for_many_courses(asha: CustomUser, bilal: CustomUser) -> list[Any]:
    courses = [paid_course(asha) for _number in range(8)]
    return all_at_once(
        *[
            lambda course=course: create_order(user=bilal, course_id=course.pk, coupon_code="DIWALI20")
            for course in courses
        ]
    )


def test_one_person_uses_a_coupon_as_often_as_it_says(
    razorpay: RazorpayServer, asha: CustomUser, bilal: CustomUser
) -> None:
    coupon = make_coupon(max_uses_per_user=2)
    outcomes = use_for_many_courses(asha, bilal)
    assert taken(outcomes) == 2
    assert {type(one) for one in outcomes if isinstance(one, ApiError)} == {CouponUsedAlready}
    coupon.refresh_from_db()
    assert (coupon.used_count, sorted(CouponUse.objects.values_list("slot", flat=True))) == (2, [1, 2])


@pytest.mark.usefixtures("money_need_not_add_up")
def test_without_the_slots_one_person_uses_it_more_often(
    razorpay: RazorpayServer, asha: CustomUser, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_coupon(max_uses_per_user=1)
    monkeypatch.setattr(coupons, "_live_slots", lambda coupon_id, user_id: [])
    with without(CouponUse, "one_use_per_slot", clear=forget_what_was_bought):
        assert taken(use_for_many_courses(asha, bilal)) > 1


# --- verifying ----------------------------------------------------------------------------------


def verify_in_all(user: CustomUser, *checkouts: dict[str, str]) -> list[Any]:
    works = [lambda checkout=checkout: verify_payment(user=user, **checkout) for checkout in checkouts]
    return all_at_once(*works * (AT_ONCE // len(works)))


def test_of_32_verifies_one_captures_and_all_say_so(
    razorpay: RazorpayServer, bilal: CustomUser, course: Course
) -> None:
    order = create_order(user=bilal, course_id=course.pk).payment
    verified = verify_in_all(bilal, paid(razorpay, {"razorpay_order_id": order.razorpay_order_id}))
    enrollment = Enrollment.objects.get(user=bilal, is_active=True)
    assert set(verified) == {Verified(order.pk, "captured", course.pk, enrollment.pk)}
    assert GatewayPayment.objects.get().role == "winning"
    assert Invoice.objects.get().sequence == 1
    assert enrollment.grants.count() == 1


def pay_twice(razorpay: RazorpayServer, bilal: CustomUser, course: Course) -> list[Any]:
    """Pay one order on two phones, and verify both 16 times at once."""
    order = create_order(user=bilal, course_id=course.pk).payment
    body = {"razorpay_order_id": order.razorpay_order_id}
    return verify_in_all(bilal, *[paid(razorpay, body, even_if_paid=True) for _phone in range(2)])


def test_of_two_payments_of_one_order_one_wins(razorpay: RazorpayServer, bilal: CustomUser, course: Course) -> None:
    outcomes = pay_twice(razorpay, bilal, course)
    assert sorted({type(one).__name__ for one in outcomes}) == ["PaidTwice", "Verified"]
    assert sum(isinstance(one, PaidTwice) for one in outcomes) == AT_ONCE // 2
    assert sorted(GatewayPayment.objects.values_list("role", flat=True)) == ["surplus", "winning"]
    assert Invoice.objects.count() == Enrollment.objects.filter(is_active=True).count() == 1


@pytest.mark.usefixtures("money_need_not_add_up")
def test_without_condition_and_constraints_both_win(
    razorpay: RazorpayServer, bilal: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved_whatever_it_was(self: Any, before: Any, **changes: Any) -> bool:
        return bool(Payment.objects.filter(pk=self.payment.pk).update(**changes))

    monkeypatch.setattr(settling._Settling, "_move", moved_whatever_it_was)
    with (
        without(GatewayPayment, "one_winning_attempt", clear=forget_what_was_bought),
        without(Invoice, "one_invoice_per_payment", clear=forget_what_was_bought),
    ):
        pay_twice(razorpay, bilal, course)
        assert GatewayPayment.objects.filter(role="winning").count() == 2


def buy_in_two_orders(razorpay: RazorpayServer, bilal: CustomUser, course: Course) -> list[Any]:
    """Pay two orders of one course (the first was closed by a new price), and verify both 16 times at once."""
    checkouts = []
    for price in (49_900, 39_900):
        Course.objects.update(price_paise=price)
        order = create_order(user=bilal, course_id=course.pk).payment
        checkouts.append(paid(razorpay, {"razorpay_order_id": order.razorpay_order_id}))
    return verify_in_all(bilal, *checkouts)


def test_of_two_orders_of_one_course_one_buys_it(razorpay: RazorpayServer, bilal: CustomUser, course: Course) -> None:
    outcomes = buy_in_two_orders(razorpay, bilal, course)
    assert sum(isinstance(one, PaidTwice) for one in outcomes) == AT_ONCE // 2
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["captured", "failed"]
    assert sorted(GatewayPayment.objects.values_list("role", flat=True)) == ["surplus", "winning"]
    assert AccessGrant.objects.count() == Invoice.objects.count() == 1


@pytest.mark.usefixtures("money_need_not_add_up")
def test_without_the_look_and_the_constraint_both_orders_buy_it(
    razorpay: RazorpayServer, bilal: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = granting._facts
    monkeypatch.setattr(granting, "_facts", lambda new: (*facts(new)[:3], False))
    with without(AccessGrant, "one_live_purchase", clear=forget_what_was_bought):
        buy_in_two_orders(razorpay, bilal, course)
        assert list(Payment.objects.values_list("status", flat=True)) == ["captured", "captured"]
