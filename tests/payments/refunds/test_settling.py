"""What the gateway tells of refunds, in any order and any number of times, ends in one state."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import can_access
from courses.models import Course
from e_learning.core.models import OutgoingMail
from payments.models import GatewayPayment, Invoice, LedgerEntry, Payment, RefundRequest
from payments.orders.services import Mismatch, UnknownOrder
from payments.refunds.services import approve_refund, refund_surplus, reject_refund, settle_refund, surplus_attempt_ids
from tests.payments.factories import (
    PRICE_PAISE,
    gateway_id,
    make_order,
    make_plan,
    paid_course,
    payment_told,
    refund_told,
)
from tests.payments.refunds.paid import asked_back, made_at_dashboard, paid_for, pay_twice, standing, tell

pytestmark = pytest.mark.django_db
TOLD = ["pending", "processed", "failed"]


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return paid_course(asha)


@pytest.fixture
def payment(bilal: CustomUser, course: Course) -> Payment:
    return paid_for(bilal, course)


def approved(payment: Payment, admin: CustomUser, amount_paise: int | None = None) -> RefundRequest:
    asked = asked_back(payment, amount_paise)
    return approve_refund(refund_id=asked.pk, staff=admin, notes="Fine.", at=timezone.now())


def mails(kind: str = "payment_refund") -> int:
    return OutgoingMail.objects.filter(kind=kind).count()


# --- what a processed refund brings -----------------------------------------------------------------


def test_whole_refund_ends_access_and_writes_a_credit_note(
    payment: Payment, admin: CustomUser, bilal: CustomUser, course: Course
) -> None:
    assert can_access(bilal, course.pk)
    refund = tell(refund_told(approved(payment, admin)))
    assert refund is not None
    assert refund.status == "processed"
    assert standing(payment) == ("refunded", PRICE_PAISE, PRICE_PAISE)
    assert not can_access(bilal, course.pk)
    assert Invoice.objects.get(kind="credit_note").total_paise == PRICE_PAISE
    assert refund.attempt.status == "refunded"
    assert mails() == 1


def test_part_that_goes_back_leaves_access(
    payment: Payment, admin: CustomUser, bilal: CustomUser, course: Course
) -> None:
    tell(refund_told(approved(payment, admin, 10_000)))
    assert standing(payment) == ("partially_refunded", 10_000, 10_000)
    assert can_access(bilal, course.pk)
    tell(refund_told(approved(payment, admin)))
    assert standing(payment) == ("refunded", PRICE_PAISE, PRICE_PAISE)
    assert not can_access(bilal, course.pk)
    notes = Invoice.objects.filter(kind="credit_note").values_list("total_paise", flat=True)
    assert sorted(notes) == [10_000, PRICE_PAISE - 10_000]


def test_course_can_be_bought_again_after_its_refund(payment: Payment, bilal: CustomUser, course: Course) -> None:
    tell(made_at_dashboard(payment, PRICE_PAISE))
    paid_for(bilal, course)
    assert can_access(bilal, course.pk)


def test_refund_is_told_once_after_the_commit(
    payment: Payment, admin: CustomUser, django_capture_on_commit_callbacks: Any
) -> None:
    from e_learning.core.events import _listeners
    from payments.events import RefundProcessed

    heard: list[RefundProcessed] = []
    _listeners[RefundProcessed].append(heard.append)
    try:
        told = refund_told(approved(payment, admin))
        with django_capture_on_commit_callbacks(execute=True):
            refund = tell(told)
            tell(told)
    finally:
        _listeners[RefundProcessed].remove(heard.append)
    assert refund is not None
    assert [(event.payment_id, event.refund_id, event.user_id) for event in heard] == [
        (payment.pk, refund.pk, payment.user_id)
    ]


def test_mail_names_the_sum_and_the_credit_note(payment: Payment, admin: CustomUser, mailoutbox: Any) -> None:
    from e_learning.core.mail import due_mail_ids, send_queued_mail

    tell(refund_told(approved(payment, admin)))
    for mail_id in due_mail_ids():
        send_queued_mail(mail_id)
    [letter] = [letter for letter in mailoutbox if letter.subject == "Your refund"]
    assert letter.to == [payment.user.email]
    assert "INR 499.00" in letter.body
    assert Invoice.objects.get(kind="credit_note").number in letter.body
    assert "ends what you had bought" in letter.body


def test_mail_goes_out_where_no_settings_were_ever_made(payment: Payment, admin: CustomUser, mailoutbox: Any) -> None:
    from e_learning.core.mail import due_mail_ids, send_queued_mail

    payment.user.settings.delete()
    tell(refund_told(approved(payment, admin)))
    for mail_id in due_mail_ids():
        send_queued_mail(mail_id)
    assert "Your refund" in [letter.subject for letter in mailoutbox]


def test_whole_refund_of_a_prepaid_plan_takes_its_period_back(bilal: CustomUser) -> None:
    payment = paid_for(bilal, make_plan())
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "premium"
    tell(made_at_dashboard(payment, 10_000))
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "premium"
    tell(made_at_dashboard(payment, 19_900))
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "free"


# --- any order --------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(TOLD)), ids=" ".join)
def test_any_order_ends_processed_and_counts_once(payment: Payment, admin: CustomUser, order: tuple[str, ...]) -> None:
    """Razorpay tells the truth late: whatever else is told, what was processed once went back."""
    refund = approved(payment, admin, 10_000)
    rfnd = gateway_id("rfnd")
    for status in [*order, *order]:
        tell(refund_told(refund, status, id=rfnd))
    refund.refresh_from_db()
    assert refund.status == "processed"
    assert standing(payment) == ("partially_refunded", 10_000, 10_000)
    assert mails() == 1


@pytest.mark.parametrize("order", [("pending", "failed"), ("failed", "pending"), ("failed", "failed")], ids=" ".join)
def test_failed_refund_frees_what_it_reserved(payment: Payment, admin: CustomUser, order: tuple[str, ...]) -> None:
    refund = approved(payment, admin)
    rfnd = gateway_id("rfnd")
    for status in order:
        tell(refund_told(refund, status, id=rfnd))
    refund.refresh_from_db()
    assert refund.status == "failed"
    assert standing(payment) == ("captured", 0, 0)
    assert mails() == 0
    assert asked_back(payment).amount_paise == PRICE_PAISE


def test_failure_told_after_the_money_went_back_is_noted_and_changes_nothing(
    payment: Payment, admin: CustomUser
) -> None:
    refund = approved(payment, admin)
    rfnd = gateway_id("rfnd")
    tell(refund_told(refund, id=rfnd))
    told = tell(refund_told(refund, "failed", id=rfnd))
    assert told is not None
    assert (told.status, told.last_error) == ("processed", "told as failed after it was told as processed")
    assert standing(payment) == ("refunded", PRICE_PAISE, PRICE_PAISE)


def test_refund_comes_before_its_payment_was_known(bilal: CustomUser, course: Course) -> None:
    order = make_order(bilal, course)
    paid = payment_told(order, "refunded")
    attempt = GatewayPayment(payment=order, razorpay_payment_id=paid.id)
    told = refund_told(RefundRequest(payment=order, attempt=attempt, amount_paise=PRICE_PAISE), notes={})
    with pytest.raises(UnknownOrder):
        settle_refund(snapshot=told, payment_snapshot=None, at=timezone.now())
    refund = settle_refund(snapshot=told, payment_snapshot=paid, at=timezone.now())
    assert refund is not None
    assert standing(order) == ("refunded", PRICE_PAISE, PRICE_PAISE)
    assert not can_access(bilal, course.pk)


def test_refund_of_a_payment_that_only_failed_waits(bilal: CustomUser, course: Course) -> None:
    order = make_order(bilal, course)
    paid = payment_told(order, "failed")
    attempt = GatewayPayment(payment=order, razorpay_payment_id=paid.id)
    told = refund_told(RefundRequest(payment=order, attempt=attempt, amount_paise=PRICE_PAISE), notes={})
    with transaction.atomic(), pytest.raises(UnknownOrder):
        settle_refund(snapshot=told, payment_snapshot=paid, at=timezone.now())
    assert not RefundRequest.objects.exists()


# --- made at the gateway ----------------------------------------------------------------------------


def test_refund_made_at_the_gateway_gets_a_row(payment: Payment) -> None:
    refund = tell(made_at_dashboard(payment, 5_000))
    assert refund is not None
    assert (refund.origin, refund.status) == ("gateway", "processed")
    assert standing(payment) == ("partially_refunded", 5_000, 5_000)


def test_refund_made_at_the_gateway_is_under_way_first(payment: Payment) -> None:
    told = made_at_dashboard(payment, 5_000, "pending")
    refund = tell(told)
    assert refund is not None
    assert refund.status == "processing"
    assert standing(payment) == ("captured", 5_000, 0)
    tell(made_at_dashboard(payment, 5_000, id=told.id))
    assert standing(payment) == ("partially_refunded", 5_000, 5_000)


def test_refund_that_failed_at_the_gateway_and_was_never_ours_is_nothing(payment: Payment) -> None:
    assert tell(made_at_dashboard(payment, 5_000, "failed")) is None
    assert not RefundRequest.objects.exists()


def test_refund_of_the_same_amount_takes_over_the_open_request(payment: Payment) -> None:
    asked = asked_back(payment, 10_000)
    refund = tell(made_at_dashboard(payment, 10_000))
    assert refund is not None
    assert (refund.pk, refund.status, refund.origin) == (asked.pk, "processed", "learner")
    assert standing(payment) == ("partially_refunded", 10_000, 10_000)


def test_requests_that_no_longer_fit_make_way(payment: Payment, admin: CustomUser) -> None:
    asked = asked_back(payment)
    tell(made_at_dashboard(payment, 1_000))
    asked.refresh_from_db()
    assert (asked.status, asked.admin_notes) == ("rejected", "The money went back in another way already.")
    assert standing(payment) == ("partially_refunded", 1_000, 1_000)


def test_requests_that_still_fit_stay(payment: Payment) -> None:
    asked = asked_back(payment, PRICE_PAISE - 1_000)
    tell(made_at_dashboard(payment, 1_000))
    asked.refresh_from_db()
    assert asked.status == "requested"
    assert standing(payment) == ("partially_refunded", PRICE_PAISE, 1_000)


def test_rejected_request_that_the_gateway_carried_out_all_the_same_is_processed(
    payment: Payment, admin: CustomUser
) -> None:
    asked = asked_back(payment, 10_000)
    reject_refund(refund_id=asked.pk, staff=admin, notes="No.", at=timezone.now())
    assert standing(payment) == ("captured", 0, 0)
    refund = tell(refund_told(asked))
    assert refund is not None
    assert (refund.pk, refund.status) == (asked.pk, "processed")
    assert standing(payment) == ("partially_refunded", 10_000, 10_000)


def test_receipt_names_the_request_and_an_old_one_names_none(payment: Payment, admin: CustomUser) -> None:
    refund = approved(payment, admin, 10_000)
    by_receipt = refund_told(refund, receipt=refund.idempotency_key, notes={})
    old = made_at_dashboard(payment, 10_000, receipt="refund-of-a-call-before")
    other = tell(old)
    assert other is not None
    assert (other.origin, other.pk == refund.pk) == ("gateway", False)
    told = tell(by_receipt)
    assert told is not None
    assert told.pk == refund.pk


# --- what contradicts -------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "currency"), [(1_000, "USD"), (PRICE_PAISE + 1, "INR"), (0, "INR")])
def test_refund_that_does_not_fit_its_payment_is_refused(payment: Payment, amount: int, currency: str) -> None:
    with transaction.atomic(), pytest.raises(Mismatch):
        tell(made_at_dashboard(payment, amount, currency=currency))
    assert standing(payment) == ("captured", 0, 0)
    assert not RefundRequest.objects.exists()


def test_refund_of_another_amount_than_was_sent_is_refused(payment: Payment, admin: CustomUser) -> None:
    refund = approved(payment, admin, 10_000)
    with transaction.atomic(), pytest.raises(Mismatch):
        tell(refund_told(refund, amount_paise=20_000))
    refund.refresh_from_db()
    assert refund.status == "approved"


def test_sum_of_refunds_never_passes_the_capture(payment: Payment) -> None:
    tell(made_at_dashboard(payment, PRICE_PAISE - 100))
    with transaction.atomic(), pytest.raises(Mismatch):
        tell(made_at_dashboard(payment, 101))
    assert standing(payment)[2] == PRICE_PAISE - 100


def test_refund_cannot_move_to_another_payment(payment: Payment, bilal: CustomUser, asha: CustomUser) -> None:
    told = made_at_dashboard(payment, 1_000)
    tell(told)
    other = paid_for(bilal, paid_course(asha, title="Other"))
    with transaction.atomic(), pytest.raises(Mismatch):
        tell(made_at_dashboard(other, 1_000, id=told.id))
    assert standing(other) == ("captured", 0, 0)


# --- paid twice -------------------------------------------------------------------------------------


def test_surplus_goes_back_and_touches_neither_payment_nor_access(
    payment: Payment, bilal: CustomUser, course: Course
) -> None:
    attempt = pay_twice(payment)
    assert surplus_attempt_ids() == [attempt.pk]
    refund = refund_surplus(attempt_id=attempt.pk, at=timezone.now())
    assert refund is not None
    assert (refund.origin, refund.status, refund.amount_paise) == ("surplus", "approved", PRICE_PAISE)
    assert surplus_attempt_ids() == []
    tell(refund_told(refund))
    assert standing(payment) == ("captured", 0, 0)
    assert can_access(bilal, course.pk)
    assert not Invoice.objects.filter(kind="credit_note").exists()
    entries = LedgerEntry.objects.filter(account="surplus").values_list("amount_paise", flat=True)
    assert sorted(entries) == [-PRICE_PAISE, PRICE_PAISE]


def test_surplus_is_given_back_once(payment: Payment, admin: CustomUser) -> None:
    attempt = pay_twice(payment)
    assert refund_surplus(attempt_id=attempt.pk, at=timezone.now()) is not None
    assert refund_surplus(attempt_id=attempt.pk, at=timezone.now()) is None
    winning = payment.attempts.get(role="winning")
    assert refund_surplus(attempt_id=winning.pk, at=timezone.now()) is None
    assert RefundRequest.objects.count() == 1


def test_surplus_that_went_back_at_the_gateway_is_not_given_back_again(payment: Payment) -> None:
    attempt = pay_twice(payment)
    told = refund_told(RefundRequest(payment=payment, attempt=attempt, amount_paise=PRICE_PAISE), notes={})
    tell(told)
    assert surplus_attempt_ids() == []
    assert refund_surplus(attempt_id=attempt.pk, at=timezone.now()) is None


def test_learner_cannot_ask_back_what_was_paid_twice(payment: Payment) -> None:
    """The surplus is on its way already: only what bought the course can be asked for."""
    pay_twice(payment)
    assert asked_back(payment).attempt.role == "winning"


def test_old_payment_of_nothing_special_has_its_refund_counted_at_its_time(payment: Payment) -> None:
    at = timezone.now() + timedelta(days=40)
    refund = settle_refund(snapshot=made_at_dashboard(payment, 1_000), payment_snapshot=None, at=at)
    assert refund is not None
    assert refund.processed_at == at
    assert Invoice.objects.get(kind="credit_note").issued_at == at
