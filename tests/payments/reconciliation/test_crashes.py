"""``kill -9`` at six points. What comes after asks the gateway, and brings everything to its end exactly once.

The process that dies is a real one, on the database of this test; Razorpay is a server that speaks its wire, whose
webhooks nobody hears. "Later" is when claims of the dead have run out.
"""

import json
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import AccessGrant, Course, Enrollment
from e_learning.core.models import OutgoingMail
from e_learning.core.tasks import sweep_mail
from payments.models import GatewayPayment, Invoice, LedgerEntry, Payment, RefundRequest
from payments.orders.services import create_order, verify_payment
from payments.reconciliation.reports import Report
from payments.reconciliation.services import reconcile
from payments.refunds.services import refund_payment
from tests.flows.platform import ROOT
from tests.payments.processes import environment_on
from tests.payments.razorpay_server import RazorpayServer

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(minutes=10)
CHECKOUT = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


def dies_at(point: str, razorpay: RazorpayServer, **takes: Any) -> None:
    """Let a process of its own do the work that ``dying.py`` has for this point, and see it killed."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.payments.reconciliation.dying", point, json.dumps(takes)],
        cwd=ROOT,
        env=environment_on(razorpay),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-3000:]


def paid(buyer: CustomUser, course: Course, razorpay: RazorpayServer, outcome: Any = "success") -> dict[str, str]:
    """Order and pay; returns what checkout hands to the app, which has not told us yet."""
    ordered = create_order(user=buyer, course_id=course.pk)
    assert ordered.payment.razorpay_order_id
    checkout = razorpay.pay(ordered.payment.razorpay_order_id, outcome=outcome)
    return {name: checkout[name] for name in CHECKOUT}


def reconciled_later() -> Report:
    """Run two passes, of which the second finds nothing left to mend; return the first."""
    first = reconcile(now=timezone.now() + LATER)
    assert first.is_clean, first
    second = reconcile(now=timezone.now() + LATER * 2)
    assert second.is_clean, second
    assert second.mended == []
    return first


def assert_bought_once(buyer: CustomUser, course: Course, razorpay: RazorpayServer) -> Payment:
    """Everything that a purchase brings is there, and once."""
    payment = Payment.objects.get(user=buyer, status="captured")
    assert GatewayPayment.objects.get(payment=payment).role == "winning"
    assert AccessGrant.objects.get(user=buyer).reference == f"payment:{payment.pk}"
    assert Enrollment.objects.get(user=buyer, course=course).is_active
    assert Invoice.objects.get(payment=payment).total_paise == course.price_paise
    assert set(LedgerEntry.objects.filter(payment=payment).values_list("posting", flat=True)) == {
        f"capture:{payment.pk}"
    }
    assert OutgoingMail.objects.filter(kind="payment_receipt", recipient=buyer.email).count() == 1
    assert sum(one["receipt"] == payment.receipt for one in razorpay.store.listed("order")) == 1
    return payment


def test_order_made_at_the_gateway_and_its_id_not_written(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    dies_at("order_made", razorpay, user=bilal.pk, course=course.pk)
    assert Payment.objects.get().razorpay_order_id is None
    assert "was found by receipt" in reconciled_later().mended[0].detail
    again = create_order(user=bilal, course_id=course.pk)
    assert not again.is_new
    razorpay.pay(str(again.payment.razorpay_order_id))
    reconcile(now=timezone.now() + LATER * 3)
    assert_bought_once(bilal, course, razorpay)


def test_captured_and_not_committed(bilal: CustomUser, course: Course, razorpay: RazorpayServer) -> None:
    dies_at("captured", razorpay, user=bilal.pk, checkout=paid(bilal, course, razorpay))
    assert not GatewayPayment.objects.exists()
    assert not Enrollment.objects.exists()
    reconciled_later()
    assert_bought_once(bilal, course, razorpay)


def test_committed_and_not_announced(bilal: CustomUser, course: Course, razorpay: RazorpayServer) -> None:
    dies_at("committed", razorpay, user=bilal.pk, checkout=paid(bilal, course, razorpay))
    assert reconciled_later().mended == []
    assert_bought_once(bilal, course, razorpay)
    sweep_mail()
    sweep_mail()
    assert [letter.to for letter in mail.outbox] == [[bilal.email]]


def test_refund_posted_and_its_answer_lost(
    bilal: CustomUser, course: Course, admin: CustomUser, razorpay: RazorpayServer
) -> None:
    payment_id = verify_payment(user=bilal, **paid(bilal, course, razorpay)).payment_id
    now = timezone.now() + LATER  # later than now, so that nobody sends it before the one who dies
    refund = refund_payment(payment_id=payment_id, staff=admin, amount_paise=None, reason="asked", at=now)
    RefundRequest.objects.update(next_attempt_at=timezone.now())
    dies_at("refund_posted", razorpay, refund=refund.pk)
    refund.refresh_from_db()
    assert (refund.status, refund.razorpay_refund_id) == ("processing", None)
    reconciled_later()
    refund.refresh_from_db()
    assert refund.status == "processed"
    assert [one["id"] for one in razorpay.store.listed("refund")] == [refund.razorpay_refund_id]
    assert Payment.objects.get().status == "refunded"
    assert not Enrollment.objects.get(user=bilal).is_active
    assert Invoice.objects.filter(kind="credit_note").count() == 1
    assert OutgoingMail.objects.filter(kind="payment_refund").count() == 1


def test_webhook_answered_and_not_processed(bilal: CustomUser, course: Course, razorpay: RazorpayServer) -> None:
    paid(bilal, course, razorpay)
    event, body = razorpay.event("payment.captured")
    dies_at("webhook_answered", razorpay, body=body.decode(), signature=razorpay.signature(body), event=event)
    assert not GatewayPayment.objects.exists()
    assert reconciled_later().mended[0].what == f"event:{event}"
    assert_bought_once(bilal, course, razorpay)


def test_in_the_middle_of_reconciling(
    bilal: CustomUser, chitra: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    for buyer in (bilal, chitra):
        paid(buyer, course, razorpay, "authorize")
    dies_at("reconciling", razorpay)
    assert Payment.objects.filter(status="captured").count() == 1
    reconciled_later()
    for buyer in (bilal, chitra):
        assert_bought_once(buyer, course, razorpay)
