"""Two passes at once divide the work, and never do it twice. Without the claim they ask about everything twice."""

import pytest
from django.utils import timezone

from courses.models import Course, Enrollment
from payments.models import Invoice, RefundRequest
from payments.orders.services import create_order
from payments.reconciliation.services import reconcile
from payments.reconciliation.services.passes import Pass
from tests.crowd import all_at_once
from tests.factories.people import person
from tests.payments.razorpay_server import RazorpayServer

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS = 8


def reconcile_twice_at_once(course: Course, razorpay: RazorpayServer) -> int:
    """Let everybody pay, the first twice, and two passes find out; returns how often an order was asked about."""
    for number in range(BUYERS):
        order_id = str(create_order(user=person(f"learner{number}"), course_id=course.pk).payment.razorpay_order_id)
        razorpay.pay(order_id)
        if number == 0:
            razorpay.pay(order_id, even_if_paid=True)
    now = timezone.now()
    reports = all_at_once(*[lambda: reconcile(now=now)] * 2)
    assert all(report.is_clean for report in reports)
    return sum(call.startswith("GET /v1/orders/") for call in razorpay.calls)


def test_two_passes_at_once_ask_about_each_order_once(course: Course, razorpay: RazorpayServer) -> None:
    assert reconcile_twice_at_once(course, razorpay) == BUYERS
    assert Enrollment.objects.filter(is_active=True).count() == Invoice.objects.filter(kind="invoice").count() == BUYERS
    assert RefundRequest.objects.get().status == "processed"
    assert len(razorpay.store.listed("refund")) == 1


def test_without_the_claim_they_ask_twice_and_still_do_nothing_twice(
    course: Course, razorpay: RazorpayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_all = Pass.claims
    monkeypatch.setattr(Pass, "claims", lambda run, rows: take_all(run, rows) or True)
    with pytest.raises(AssertionError):
        assert reconcile_twice_at_once(course, razorpay) == BUYERS
    assert Invoice.objects.filter(kind="invoice").count() == BUYERS
    assert len(razorpay.store.listed("refund")) == 1
