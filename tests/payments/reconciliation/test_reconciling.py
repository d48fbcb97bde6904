"""With every webhook lost, the gateway is asked: whatever happened there is here after one pass, and once."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import AccessGrant, Course, Enrollment
from payments.models import Invoice, Payment, RefundRequest, Subscription, WebhookEvent
from payments.orders.services import create_order, verify_payment
from payments.reconciliation.reports import Report
from payments.reconciliation.services import reconcile
from payments.reconciliation.tasks import reconcile_payments
from payments.refunds.services import refund_payment
from payments.subscriptions.services import create_subscription
from tests.factories.people import person
from tests.payments.factories import make_order, make_plan
from tests.payments.razorpay_http import Fault
from tests.payments.razorpay_server import RazorpayServer

#: Tasks that are woken run in place, so these tests commit; the gateway is never asked in a transaction.
pytestmark = pytest.mark.django_db(transaction=True)
CHECKOUT = ("razorpay_order_id", "razorpay_payment_id", "razorpay_signature")


def order(buyer: CustomUser, course: Course) -> Payment:
    return create_order(user=buyer, course_id=course.pk).payment


def bought(buyer: CustomUser, course: Course, razorpay: RazorpayServer) -> Payment:
    checkout = razorpay.pay(str(order(buyer, course).razorpay_order_id))
    done = verify_payment(user=buyer, **{name: checkout[name] for name in CHECKOUT})
    return Payment.objects.get(pk=done.payment_id)


def run(**options: Any) -> Report:
    return reconcile(now=timezone.now(), **options)


def test_nothing_to_ask_is_a_clean_report(razorpay: RazorpayServer) -> None:
    report = run()
    assert report.is_clean
    assert (report.asked, report.mended, razorpay.calls) == ({}, [], [])


@pytest.mark.parametrize("outcome", ["success", "authorize"])
def test_what_was_paid_and_never_told_opens_the_course(
    outcome: Any, bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    """Also what was only authorised: it is captured, as it would be given back after three days."""
    razorpay.pay(str(order(bilal, course).razorpay_order_id), outcome=outcome)
    report = run()
    assert report.is_clean
    assert Payment.objects.get().status == "captured"
    assert Enrollment.objects.get(user=bilal).is_active
    assert run().mended == []
    assert Invoice.objects.count() == 1


def test_a_failed_attempt_that_is_authorised_late_is_captured_days_after(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    declined = razorpay.pay(str(order(bilal, course).razorpay_order_id), outcome="failure")
    run()
    assert Payment.objects.get().status == "failed"
    razorpay.authorize_late(declined["razorpay_payment_id"])
    three_days_on = timezone.now() + timedelta(days=3)
    assert reconcile(now=three_days_on).is_clean
    assert Payment.objects.get().status == "captured"


def test_orders_are_asked_about_for_as_long_as_the_setting_says(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer, settings: Any
) -> None:
    razorpay.pay(str(order(bilal, course).razorpay_order_id))
    on = timezone.now() + timedelta(days=settings.PAYMENT_WATCH_DAYS, minutes=1)
    assert reconcile(now=on).asked == {}
    assert reconcile(now=on, days=30).asked["orders"] == 1


def test_what_was_paid_twice_goes_back_by_itself(bilal: CustomUser, course: Course, razorpay: RazorpayServer) -> None:
    payment = bought(bilal, course, razorpay)
    razorpay.pay(str(payment.razorpay_order_id), even_if_paid=True)
    assert run().is_clean
    refund = RefundRequest.objects.get()
    assert (refund.origin, refund.status, refund.amount_paise) == ("surplus", "processed", course.price_paise)
    payment.refresh_from_db()
    assert (payment.status, payment.refunded_paise) == ("captured", 0)
    assert Enrollment.objects.get(user=bilal).is_active
    assert len(razorpay.store.listed("refund")) == 1


def test_a_surplus_whose_event_was_lost_is_found_in_the_rows(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = bought(bilal, course, razorpay)
    razorpay.pay(str(payment.razorpay_order_id), even_if_paid=True)
    monkeypatch.setattr("payments.orders.services.settling.publish_on_commit", lambda event: None)
    assert "written for what was paid twice" in [one.detail for one in run().mended]
    assert RefundRequest.objects.get().status == "processed"


def test_a_refund_made_at_the_dashboard_ends_what_was_bought(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    payment = bought(bilal, course, razorpay)
    made = razorpay.refund_at_dashboard(str(payment.razorpay_payment_id), amount=payment.amount_paise)
    razorpay.finish_refund(made["id"])
    assert run().is_clean
    payment.refresh_from_db()
    assert payment.status == "refunded"
    assert RefundRequest.objects.get().origin == "gateway"
    assert not Enrollment.objects.get(user=bilal).is_active
    assert run().mended == []


def test_a_refund_that_ended_at_the_gateway_unheard_ends_here(
    bilal: CustomUser, course: Course, admin: CustomUser, razorpay: RazorpayServer
) -> None:
    razorpay.refunds_wait = True
    payment = bought(bilal, course, razorpay)
    refund = refund_payment(payment_id=payment.pk, staff=admin, amount_paise=10_000, reason="asked", at=timezone.now())
    refund.refresh_from_db()
    assert refund.status == "processing"
    assert refund.razorpay_refund_id
    razorpay.finish_refund(refund.razorpay_refund_id)
    assert run().is_clean
    payment.refresh_from_db()
    assert (payment.status, payment.refunded_paise) == ("partially_refunded", 10_000)


def test_a_refund_whose_answer_was_lost_is_not_made_twice(
    bilal: CustomUser, course: Course, admin: CustomUser, razorpay: RazorpayServer
) -> None:
    payment = bought(bilal, course, razorpay)
    razorpay.faults.append(Fault("drop_after", "/refund"))
    refund_payment(payment_id=payment.pk, staff=admin, amount_paise=None, reason="asked", at=timezone.now())
    assert RefundRequest.objects.get().razorpay_refund_id is None
    assert run().is_clean
    assert RefundRequest.objects.get().status == "processed"
    assert len(razorpay.store.listed("refund")) == 1


def test_an_order_that_the_gateway_never_made_is_closed_with_its_time(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    lost = make_order(bilal, course, gateway="razorpay", razorpay_order_id=None)
    assert run().is_clean
    lost.refresh_from_db()
    assert lost.is_open
    assert reconcile(now=lost.expires_at).is_clean
    lost.refresh_from_db()
    assert (lost.is_open, lost.status) == (False, "created")


def test_nobody_looks_for_an_order_while_somebody_waits_for_it(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    soon = timezone.now() + timedelta(seconds=40)
    make_order(bilal, course, gateway="razorpay", razorpay_order_id=None, calling_until=soon)
    run()
    assert razorpay.calls == []


def test_orders_of_another_gateway_are_left_alone(bilal: CustomUser, course: Course, razorpay: RazorpayServer) -> None:
    make_order(bilal, course, gateway="sandbox")
    assert run().asked == {}


def test_a_subscription_that_was_charged_unheard_opens_its_courses(bilal: CustomUser, razorpay: RazorpayServer) -> None:
    make_plan()
    subscription = create_subscription(user=bilal, plan_slug="premium").subscription
    razorpay.pay_subscription(str(subscription.razorpay_subscription_id))
    assert run().is_clean
    bilal.refresh_from_db()
    assert bilal.subscription_tier == "premium"
    assert Payment.objects.get(user=bilal).status == "captured"
    assert run().mended == []
    razorpay.charge_cycle(str(subscription.razorpay_subscription_id))
    assert run().is_clean
    assert Subscription.objects.get().paid_count == 2
    assert Invoice.objects.count() == 2


def test_an_event_that_waits_is_worked_off(bilal: CustomUser, course: Course, razorpay: RazorpayServer) -> None:
    razorpay.pay(str(order(bilal, course).razorpay_order_id))
    event_id, body = razorpay.event("order.paid")
    now = timezone.now()
    WebhookEvent.objects.create(
        event_id=event_id,
        event="order.paid",
        gateway="razorpay",
        body=body.decode(),
        next_attempt_at=now,
        received_at=now,
    )
    assert run().mended[0].what == f"event:{event_id}"
    assert WebhookEvent.objects.get().state == "processed"


def test_a_capture_without_its_access_is_opened_again(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    payment = bought(bilal, course, razorpay)
    Enrollment.objects.all().delete()
    report = run()
    assert report.is_clean
    assert report.mended[0].what == f"payment:{payment.pk}"
    assert Enrollment.objects.get(user=bilal, course=course).is_active


def test_an_enrolment_moved_by_hand_follows_its_grants_again(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    bought(bilal, course, razorpay)
    Enrollment.objects.update(is_active=False)
    assert [one.detail for one in run().mended] == ["follows its grants again"]
    assert Enrollment.objects.get().is_active


@pytest.mark.usefixtures("money_need_not_add_up")
def test_what_staff_took_back_is_named_and_not_given_again(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    payment = bought(bilal, course, razorpay)
    AccessGrant.objects.update(ended_at=timezone.now(), ended_reason="cheated")
    Enrollment.objects.update(is_active=False)
    report = run()
    assert [(one.kind, one.what) for one in report.contradictions] == [("access", f"payment:{payment.pk}")]
    assert report.mended == []


def test_one_row_that_fails_does_not_stop_the_others(
    bilal: CustomUser, chitra: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    """An order at the gateway that isn't what we asked for: somebody else's id in our row."""
    strange, sound = order(bilal, course), order(chitra, course)
    for one in (strange, sound):
        razorpay.pay(str(one.razorpay_order_id))
    Payment.objects.filter(pk=strange.pk).update(amount_paise=100, list_price_paise=100, tax_paise=0)
    report = run()
    assert [one.what for one in report.failures] == [f"payment:{strange.pk}"]
    assert Payment.objects.get(pk=sound.pk).status == "captured"
    assert not Enrollment.objects.filter(user=bilal).exists()


def test_a_gateway_that_does_not_answer_is_left_alone_and_asked_again(
    asha: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    for number in range(6):
        razorpay.pay(str(order(person(f"learner{number}"), course).razorpay_order_id))
    fault = Fault("500", "/payments", times=None)
    razorpay.faults.append(fault)
    razorpay.calls.clear()
    report = run()
    assert report.gateway_error == "gateway_unreachable"
    assert not report.is_clean
    assert len(razorpay.calls) == 3
    fault.times = 0
    assert run().is_clean
    assert Enrollment.objects.filter(is_active=True).count() == 6


def test_a_single_lost_answer_does_not_end_the_pass(
    bilal: CustomUser, chitra: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    for buyer in (bilal, chitra):
        razorpay.pay(str(order(buyer, course).razorpay_order_id))
    razorpay.faults.append(Fault("drop", "/payments"))
    assert run().gateway_error == "gateway_unreachable"
    assert Enrollment.objects.filter(is_active=True).count() == 1
    assert run().is_clean
    assert Enrollment.objects.filter(is_active=True).count() == 2


def test_a_pass_takes_the_longest_unasked_first_and_no_more_than_it_may(
    course: Course, razorpay: RazorpayServer
) -> None:
    for number in range(5):
        order(person(f"learner{number}"), course)
    for _pass in range(2):
        assert run(most=2).asked["orders"] == 2
    assert Payment.objects.filter(checked_at=None).count() == 1
    run(most=2)
    assert not Payment.objects.filter(checked_at=None).exists()


def test_the_command_tells_people_what_was_asked_mended_and_found(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    razorpay.pay(str(order(bilal, course).razorpay_order_id))
    told = io.StringIO()
    call_command("reconcile_payments", stdout=told)
    assert "Asked: orders 1." in told.getvalue()
    assert "nobody had told us" in told.getvalue()
    assert told.getvalue().endswith("Money, access and documents agree.\n")


@pytest.mark.usefixtures("money_need_not_add_up")
def test_the_command_fails_with_what_to_do_where_something_disagrees(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    payment = bought(bilal, course, razorpay)
    Payment.objects.update(is_open=True)
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("reconcile_payments", "--json", stdout=told)
    assert json.loads(told.getvalue())["contradictions"] == [
        {"kind": "open_order", "what": f"payment:{payment.pk}", "detail": "captured, and its order is still open"}
    ]
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("reconcile_payments", stdout=told)
    assert "→ Tell the developers. Nobody loses money by it." in told.getvalue()


def test_the_command_fails_where_the_gateway_does_not_answer(
    bilal: CustomUser, course: Course, razorpay: RazorpayServer
) -> None:
    order(bilal, course)
    razorpay.faults.append(Fault("html", "/payments", times=None))
    told = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("reconcile_payments", "--since", "30", stdout=told)
    assert "did not answer throughout (gateway_unreachable): run this again." in told.getvalue()


@pytest.mark.parametrize("days", ["0", "-3", "all", "36501", "99999999999"])
def test_days_of_which_nothing_could_be_asked_are_refused(days: str) -> None:
    with pytest.raises(CommandError, match="not a number of days"):
        call_command("reconcile_payments", "--since", days)


def test_the_task_says_whether_something_is_left(bilal: CustomUser, course: Course, razorpay: RazorpayServer) -> None:
    order(bilal, course)
    assert reconcile_payments() is True
    razorpay.faults.append(Fault("500", "/payments", times=None))
    assert reconcile_payments() is False
