"""The one way forward of a payment, whatever the gateway says, in which order and how often."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import Course, Enrollment
from e_learning.core.events import _listeners
from e_learning.core.models import OutgoingMail
from payments.events import PaymentCaptured, SurplusCaptured
from payments.gateways.base import PaymentSnapshot
from payments.models import CouponUse, GatewayPayment, Invoice, LedgerEntry, Payment
from payments.orders.services import Mismatch, UnknownOrder, settle_payment
from payments.orders.services.ordering import create_order
from tests.payments.factories import make_coupon, make_order, make_plan, paid_course, payment_told

pytestmark = pytest.mark.django_db


def settle(snapshot: PaymentSnapshot, **more: Any) -> Any:
    return settle_payment(snapshot=snapshot, at=timezone.now(), **more)


@pytest.fixture
def order(bilal: CustomUser, course: Course) -> Payment:
    return make_order(bilal, course)


@pytest.fixture
def heard() -> Any:
    """Return the list of what payments announce while the test runs."""
    events: list[object] = []
    for kind in (PaymentCaptured, SurplusCaptured):
        _listeners[kind].append(events.append)
    yield events
    for kind in (PaymentCaptured, SurplusCaptured):
        _listeners[kind].remove(events.append)


# --- a capture ----------------------------------------------------------------------------------


def test_capture_brings_access_invoice_posting_mail_and_event_once(
    order: Payment,
    bilal: CustomUser,
    course: Course,
    heard: list[object],
    django_capture_on_commit_callbacks: Any,
) -> None:
    told = payment_told(order, fee_paise=1178)
    with django_capture_on_commit_callbacks(execute=True):
        first = settle(told, signature="abc")
    with django_capture_on_commit_callbacks(execute=True):
        again = settle(told)
    order.refresh_from_db()
    enrollment = Enrollment.objects.get(user=bilal, course=course)
    assert (first.status, first.role, first.is_newly_captured) == ("captured", "winning", True)
    assert again == replace(first, is_newly_captured=False)
    assert first.enrollment_id == enrollment.pk
    assert enrollment.grants.get().source == "purchase"
    assert (order.razorpay_payment_id, order.razorpay_signature, order.is_open) == (told.id, "abc", False)
    assert order.completed_at is not None
    attempt = order.attempts.get()
    assert (attempt.status, attempt.role, attempt.method, attempt.fee_paise) == ("captured", "winning", "upi", 1178)
    assert Invoice.objects.get().total_paise == order.amount_paise
    assert {entry.account: entry.amount_paise for entry in LedgerEntry.objects.all()} == {
        "gateway": 49_900,
        "revenue": -42_288,
        "gst": -7_612,
    }
    assert OutgoingMail.objects.get().kind == "payment_receipt"
    [event] = heard
    assert event == PaymentCaptured(user_id=bilal.pk, payment_id=order.pk, at=order.completed_at)


def test_capture_of_a_plan_opens_what_it_covers(bilal: CustomUser) -> None:
    order = make_order(bilal, make_plan())
    settled = settle(payment_told(order))
    order.refresh_from_db()
    assert (settled.status, settled.enrollment_id) == ("captured", None)
    assert order.subscription is not None
    assert order.subscription.is_prepaid
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "premium"


def test_capture_is_all_or_nothing(order: Payment, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_kwargs: Any) -> None:
        raise OSError("no mail today")

    monkeypatch.setattr("payments.orders.services.capturing.queue_mail", fail)
    with pytest.raises(OSError, match="no mail"), transaction.atomic():
        settle(payment_told(order))
    order.refresh_from_db()
    assert order.status == "created"
    assert not Enrollment.objects.exists()
    assert not GatewayPayment.objects.exists()
    assert not Invoice.objects.exists()


# --- any order ----------------------------------------------------------------------------------

STORY = ["created", "failed", "authorized", "captured"]


@pytest.mark.parametrize("words", list(permutations(STORY)))
def test_one_attempt_ends_the_same_in_any_order(order: Payment, words: tuple[str, ...]) -> None:
    told = payment_told(order)
    for word in words:
        settle(replace(told, status=word))
    order.refresh_from_db()
    attempt = order.attempts.get()
    assert (order.status, attempt.status, attempt.role) == ("captured", "captured", "winning")
    assert Enrollment.objects.get().is_active


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["created"], "created"),
        (["failed"], "failed"),
        (["authorized"], "authorized"),
        (["failed", "authorized"], "authorized"),
        (["authorized", "failed"], "authorized"),
        (["refunded"], "captured"),
        (["captured", "refunded"], "captured"),
        (["refunded", "captured"], "captured"),
    ],
)
def test_status_only_goes_forward(order: Payment, words: list[str], status: str) -> None:
    told = payment_told(order)
    for word in words:
        settle(replace(told, status=word))
    order.refresh_from_db()
    assert order.status == status


def test_failed_attempt_keeps_the_order_open_and_says_why(order: Payment) -> None:
    settle(payment_told(order, "failed"))
    order.refresh_from_db()
    assert (order.status, order.failure_reason, order.is_open) == ("failed", "payment_cancelled", True)
    settled = settle(payment_told(order))
    order.refresh_from_db()
    assert (settled.status, order.failure_reason) == ("captured", "")
    assert list(order.attempts.values_list("role", flat=True)) == ["trying", "winning"]


def test_failed_attempt_takes_back_nothing(order: Payment) -> None:
    settle(payment_told(order, "authorized"))
    assert settle(payment_told(order, "failed")).status == "authorized"
    settle(payment_told(order))
    assert settle(payment_told(order, "failed")).status == "captured"
    assert settle(payment_told(order, "authorized")).status == "captured"


# --- paid twice ---------------------------------------------------------------------------------


def test_second_captured_attempt_is_surplus(
    order: Payment, heard: list[object], django_capture_on_commit_callbacks: Any
) -> None:
    settle(payment_told(order))
    order.refresh_from_db()
    second = payment_told(order)
    with django_capture_on_commit_callbacks(execute=True):
        settled = settle(second)
        assert settle(second).role == "surplus"
    assert (settled.role, settled.status, settled.is_newly_captured) == ("surplus", "captured", False)
    before = order.razorpay_payment_id
    order.refresh_from_db()
    assert order.razorpay_payment_id == before
    assert Invoice.objects.count() == 1
    attempt = order.attempts.get(role="surplus")
    assert LedgerEntry.objects.get(account="surplus").amount_paise == -49_900
    assert heard == [SurplusCaptured(attempt_id=attempt.pk)]


def test_course_bought_by_another_order_meanwhile_is_surplus(order: Payment, bilal: CustomUser, course: Course) -> None:
    Payment.objects.update(is_open=False)
    other = make_order(bilal, course)
    settle(payment_told(other))
    told = payment_told(order)
    for _time in range(2):
        settled = settle(told)
        assert (settled.role, settled.status, settled.is_newly_captured) == ("surplus", "failed", False)
    order.refresh_from_db()
    assert (order.status, order.failure_reason, order.is_open, order.completed_at) == (
        "failed",
        "paid_twice",
        False,
        None,
    )
    assert Enrollment.objects.get().grants.get().reference == f"payment:{other.pk}"
    assert not order.invoices.exists()
    assert order.ledger.filter(account="surplus").count() == 1


def test_surplus_for_a_bought_course_lets_its_coupon_go(bilal: CustomUser, course: Course) -> None:
    coupon = make_coupon(max_uses_per_user=2)
    first = make_order(bilal, course, is_open=False)
    second = create_order_with(coupon.code, bilal, course)
    settle(payment_told(first))
    settle(payment_told(second))
    coupon.refresh_from_db()
    assert (coupon.used_count, CouponUse.objects.get().state) == (0, "released")


def create_order_with(code: str, user: CustomUser, course: Course) -> Payment:
    """Order by the service, with the sandbox as gateway."""
    return create_order(user=user, course_id=course.pk, coupon_code=code).payment


def test_course_whose_access_ran_out_can_be_bought_again(bilal: CustomUser, course: Course) -> None:
    Course.objects.update(access_days=30)
    long_ago = timezone.now() - timedelta(days=40)
    first = settle_payment(snapshot=payment_told(make_order(bilal, course)), at=long_ago)
    second = settle(payment_told(make_order(bilal, course)))
    assert (second.status, second.enrollment_id) == ("captured", first.enrollment_id)
    assert Enrollment.objects.get().expiry_date is not None


# --- whose it is --------------------------------------------------------------------------------


def test_unknown_order(order: Payment) -> None:
    for told in (payment_told(order, order_id="order_none"), payment_told(order, order_id=None)):
        with pytest.raises(UnknownOrder):
            settle(told)
    with pytest.raises(UnknownOrder):
        settle(payment_told(order, order_id="order_none"), receipt="none")


def test_lost_order_is_found_by_its_receipt_and_keeps_the_id(order: Payment) -> None:
    Payment.objects.update(razorpay_order_id=None)
    settled = settle(payment_told(order, order_id="order_found"), receipt=order.receipt)
    order.refresh_from_db()
    assert (settled.status, order.razorpay_order_id) == ("captured", "order_found")


@pytest.mark.parametrize("field", ["amount_paise", "currency", "order_id"])
def test_what_contradicts_our_row_changes_nothing(order: Payment, field: str, caplog: pytest.LogCaptureFixture) -> None:
    values: dict[str, Any] = {"amount_paise": 100, "currency": "USD", "order_id": "order_other"}
    told = replace(payment_told(order), **{field: values[field]})
    with pytest.raises(Mismatch):
        settle(told, receipt=order.receipt)
    assert not GatewayPayment.objects.exists()
    order.refresh_from_db()
    assert order.status == "created"
    assert told.id in caplog.text


def test_attempt_at_another_order_changes_nothing(order: Payment, chitra: CustomUser, course: Course) -> None:
    other = make_order(chitra, course)
    told = payment_told(other)
    settle(told)
    with pytest.raises(Mismatch):
        settle(replace(told, order_id=order.razorpay_order_id))
    order.refresh_from_db()
    assert (order.status, order.attempts.count()) == ("created", 0)


def test_order_past_its_time_is_honoured(order: Payment) -> None:
    Payment.objects.update(is_open=False, expires_at=timezone.now() - timedelta(days=3))
    assert settle(payment_told(order)).status == "captured"


def test_purchases_of_two_people_do_not_meet(asha: CustomUser, bilal: CustomUser, chitra: CustomUser) -> None:
    course = paid_course(asha)
    for learner in (bilal, chitra):
        assert settle(payment_told(make_order(learner, course))).role == "winning"
    assert Enrollment.objects.filter(course=course, is_active=True).count() == 2
