"""A refund reaches the gateway once, whatever the network does."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import can_access
from courses.models import Course
from payments.gateways import gateway
from payments.models import Payment, RefundRequest
from payments.orders.services import settle_payment
from payments.refunds.services import approve_refund, due_refund_ids, refund_payment, refund_surplus, send_refund
from payments.refunds.services.sending import CLAIM
from payments.refunds.tasks import sweep_refunds
from tests.payments.factories import PRICE_PAISE, paid_course
from tests.payments.razorpay_http import Fault, FaultKind
from tests.payments.razorpay_server import RazorpayServer
from tests.payments.refunds.paid import asked_back, bought_at, paid_for, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def refund(bought: Payment, admin: CustomUser) -> RefundRequest:
    asked = asked_back(bought)
    return approve_refund(refund_id=asked.pk, staff=admin, notes="Fine.", at=timezone.now())


def send(refund: RefundRequest, now: datetime | None = None) -> RefundRequest:
    """Send it when it is due, and return it as it then is."""
    refund.refresh_from_db()
    send_refund(refund_id=refund.pk, now=now or refund.next_attempt_at)
    refund.refresh_from_db()
    return refund


def at_gateway(payment: Payment) -> list[tuple[str, int]]:
    told = gateway().refunds_of_payment(payment.razorpay_payment_id or "")
    return [(one.status, one.amount_paise) for one in told]


def test_sent_refund_is_under_way_until_the_gateway_ends_it(
    razorpay: RazorpayServer, bought: Payment, refund: RefundRequest, course: Course
) -> None:
    send(refund)
    assert (refund.status, refund.attempts, refund.last_error) == ("processing", 1, "")
    assert at_gateway(bought) == [("pending", PRICE_PAISE)]
    assert can_access(bought.user, course.pk)
    assert refund.razorpay_refund_id is not None
    razorpay.finish_refund(refund.razorpay_refund_id)
    send(refund)  # no webhook came: the sweep looks
    assert refund.status == "processed"
    assert standing(bought) == ("refunded", PRICE_PAISE, PRICE_PAISE)
    assert not can_access(bought.user, course.pk)
    assert [call for call in razorpay.calls if call.startswith("POST") and "refund" in call] == [
        f"POST /v1/payments/{bought.razorpay_payment_id}/refund"
    ]


def test_refund_that_is_processed_at_once_is_done_at_once(
    razorpay: RazorpayServer, bought: Payment, refund: RefundRequest
) -> None:
    razorpay.refunds_wait = False
    send(refund)
    send(refund) if refund.status == "processing" else None
    assert refund.status == "processed"
    assert at_gateway(bought) == [("processed", PRICE_PAISE)]


@pytest.mark.parametrize(
    "kind", ["drop", "drop_after", "hang", "500", "500_after", "html", "html_after", "429", "busy", "redirect"]
)
def test_no_fault_of_the_network_loses_or_doubles_a_refund(
    razorpay: RazorpayServer, bought: Payment, refund: RefundRequest, kind: FaultKind, settings: Any
) -> None:
    settings.RAZORPAY_TIMEOUT_SECONDS = 0.5 if kind == "hang" else 10.0
    razorpay.faults.append(Fault(kind, path="/refund", times=2))
    for _call in range(2):
        before = refund.next_attempt_at
        send(refund)
        if refund.razorpay_refund_id is None:
            assert refund.status == "processing"
            assert refund.last_error in {"gateway_unreachable", "gateway_busy"}
            assert before is not None
            assert refund.next_attempt_at is not None
            assert refund.next_attempt_at > before
    send(refund)
    assert refund.razorpay_refund_id is not None
    assert at_gateway(bought) == [("pending", PRICE_PAISE)]
    assert standing(bought) == ("captured", PRICE_PAISE, 0)


def test_waits_longer_and_longer(razorpay: RazorpayServer, refund: RefundRequest) -> None:
    razorpay.faults.append(Fault("500", path="/refund", times=None))
    waits = []
    for _call in range(10):
        now = refund.next_attempt_at
        assert now is not None
        send(refund, now)
        assert refund.next_attempt_at is not None
        waits.append((refund.next_attempt_at - now).total_seconds())
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert refund.status == "processing"


def test_refused_refund_has_failed_and_frees_its_amount(
    razorpay: RazorpayServer, bought: Payment, admin: CustomUser
) -> None:
    """A part went back at the gateway, and nobody has told us: all of it is more than what is left there."""
    razorpay.refund_at_dashboard(bought.razorpay_payment_id or "", amount=1_000)
    refund = refund_payment(payment_id=bought.pk, staff=admin, amount_paise=None, reason="Fine.", at=timezone.now())
    send(refund)
    assert refund.status == "rejected"  # what was found there took its room
    assert refund.admin_notes == "The money went back in another way already."
    assert standing(bought) == ("captured", 1_000, 0)
    assert at_gateway(bought) == [("pending", 1_000)]


def test_refused_refund_that_the_gateway_does_not_know_fails_for_staff_to_see(
    razorpay: RazorpayServer, bought: Payment, refund: RefundRequest
) -> None:
    payment = razorpay.store.get("payment", bought.razorpay_payment_id or "")
    assert payment is not None
    razorpay.store.put("payment", payment | {"captured": False})
    send(refund)
    assert (refund.status, refund.next_attempt_at) == ("failed", None)
    assert "should be captured" in refund.last_error
    assert standing(bought) == ("captured", 0, 0)
    assert refund.pk not in due_refund_ids(now=timezone.now() + timedelta(days=9))


def test_account_that_knows_nothing_of_the_payment_makes_nothing_fail(
    razorpay: RazorpayServer, bought: Payment, refund: RefundRequest
) -> None:
    """As with a key of another account, or of test mode."""
    kept = dict(razorpay.store._kept)
    razorpay.store._kept.clear()
    send(refund)
    assert (refund.status, refund.last_error) == (
        "processing",
        "GatewayRefused: 400 NA: The id provided does not exist",
    )
    razorpay.store._kept |= kept
    send(refund)
    assert at_gateway(bought) == [("pending", PRICE_PAISE)]


def test_refund_that_was_made_at_the_gateway_meanwhile_is_taken_over(
    razorpay: RazorpayServer, bought: Payment, refund: RefundRequest
) -> None:
    made = razorpay.refund_at_dashboard(bought.razorpay_payment_id or "", amount=PRICE_PAISE)
    send(refund)
    assert (refund.status, refund.razorpay_refund_id) == ("processing", made["id"])
    assert RefundRequest.objects.count() == 1


def test_sent_refund_that_fails_at_the_bank_frees_its_amount(
    razorpay: RazorpayServer, bought: Payment, refund: RefundRequest
) -> None:
    send(refund)
    razorpay.finish_refund(refund.razorpay_refund_id or "", outcome="failed")
    send(refund)
    assert refund.status == "failed"
    assert standing(bought) == ("captured", 0, 0)


def test_claimed_refund_is_left_alone_until_its_sender_is_given_up(
    razorpay: RazorpayServer, refund: RefundRequest
) -> None:
    now = timezone.now()
    RefundRequest.objects.update(status="processing", attempts=1, next_attempt_at=now + CLAIM)
    assert send_refund(refund_id=refund.pk, now=now) is None
    assert send_refund(refund_id=refund.pk, now=now + CLAIM) == "processing"
    assert len([call for call in razorpay.calls if call.endswith("/refund")]) == 1


def test_requested_and_rejected_refunds_are_never_sent(razorpay: RazorpayServer, bought: Payment) -> None:
    asked = asked_back(bought)
    assert send_refund(refund_id=asked.pk, now=timezone.now() + timedelta(days=1)) is None
    assert asked.pk not in due_refund_ids(now=timezone.now() + timedelta(days=1))


def test_refund_of_another_gateways_payment_waits_for_it(
    razorpay: RazorpayServer, bilal: CustomUser, asha: CustomUser, admin: CustomUser
) -> None:
    payment = paid_for(bilal, paid_course(asha, title="Of the sandbox"))
    refund = refund_payment(payment_id=payment.pk, staff=admin, amount_paise=None, reason="Old.", at=timezone.now())
    calls = list(razorpay.calls)
    send(refund)
    assert (refund.status, refund.last_error) == ("processing", "paid by sandbox, which is not set up now")
    assert razorpay.calls == calls


def test_sweep_gives_back_what_was_paid_twice(
    razorpay: RazorpayServer, bought: Payment, bilal: CustomUser, course: Course
) -> None:
    razorpay.refunds_wait = False
    again = razorpay.pay(bought.razorpay_order_id or "", even_if_paid=True)["razorpay_payment_id"]
    settle_payment(snapshot=gateway().payment(again), at=timezone.now())
    sweep_refunds()
    refund = RefundRequest.objects.get()
    assert (refund.origin, refund.attempt.razorpay_payment_id) == ("surplus", again)
    RefundRequest.objects.update(next_attempt_at=timezone.now())
    sweep_refunds()
    refund.refresh_from_db()
    assert refund.status == "processed"
    assert standing(bought) == ("captured", 0, 0)
    assert can_access(bilal, course.pk)
    assert at_gateway(bought) == []


def test_event_of_a_second_payment_wakes_its_refund(
    razorpay: RazorpayServer, bought: Payment, django_capture_on_commit_callbacks: Any
) -> None:
    again = razorpay.pay(bought.razorpay_order_id or "", even_if_paid=True)["razorpay_payment_id"]
    with django_capture_on_commit_callbacks(execute=True):
        settle_payment(snapshot=gateway().payment(again), at=timezone.now())
    refund = RefundRequest.objects.get()
    assert (refund.origin, refund.status) == ("surplus", "processing")
    assert refund.razorpay_refund_id is not None


def test_approval_wakes_the_sender(
    razorpay: RazorpayServer, bought: Payment, admin: CustomUser, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        asked = asked_back(bought)
        approve_refund(refund_id=asked.pk, staff=admin, notes="", at=timezone.now())
    assert at_gateway(bought) == [("pending", PRICE_PAISE)]


def test_answer_that_was_lost_with_a_surplus_is_asked_for_again(
    razorpay: RazorpayServer, bilal: CustomUser, asha: CustomUser
) -> None:
    payment = bought_at(razorpay, bilal, paid_course(asha, title="Other"))
    again = razorpay.pay(payment.razorpay_order_id or "", even_if_paid=True)["razorpay_payment_id"]
    settle_payment(snapshot=gateway().payment(again), at=timezone.now())
    attempt = payment.attempts.get(role="surplus")
    refund = refund_surplus(attempt_id=attempt.pk, at=timezone.now())
    assert refund is not None
    razorpay.faults.append(Fault("drop_after", path="/refund"))
    assert send(refund).last_error == "gateway_unreachable"
    assert send(refund).razorpay_refund_id is not None
    assert len(gateway().refunds_of_payment(again)) == 1
