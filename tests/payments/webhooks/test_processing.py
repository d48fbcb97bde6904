"""What becomes of events: processed, parked and picked up, refused, put off; each once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import can_access
from courses.models import Course
from e_learning.core.mail import due_mail_ids, send_queued_mail
from e_learning.core.models import OutgoingMail
from payments.models import GatewayPayment, Invoice, Payment, RefundRequest, WebhookEvent
from payments.webhooks.services import due_event_ids, process_event, receive_event, try_events_again
from payments.webhooks.services.processing import CLAIM, PARKED_FOR
from payments.webhooks.tasks import sweep_webhook_events
from tests.factories.people import person
from tests.payments.razorpay_server import RazorpayServer
from tests.payments.webhooks.told import bring, bring_all, changed, signed

pytestmark = pytest.mark.django_db


def pay(razorpay: RazorpayServer, order: Payment, **how: Any) -> str:
    return str(razorpay.pay(order.razorpay_order_id or "", **how)["razorpay_payment_id"])


def take_in(event_id: str, body: bytes) -> WebhookEvent:
    receive_event(body=body, signature=signed(body), event_id=event_id, at=timezone.now())
    return WebhookEvent.objects.get(event_id=event_id)


def states() -> dict[str, str]:
    return dict(WebhookEvent.objects.values_list("event", "state"))


# --- what each event does ---------------------------------------------------------------------------


def test_paid_order_enrols(razorpay: RazorpayServer, order: Payment, bilal: CustomUser, course: Course) -> None:
    pay(razorpay, order)
    bring_all(razorpay)
    assert states() == {
        "payment.authorized": "processed",
        "payment.captured": "processed",
        "order.paid": "processed",
    }
    order.refresh_from_db()
    assert order.status == "captured"
    assert can_access(bilal, course.pk)
    assert Invoice.objects.count() == 1


def test_declined_payment_is_written_down(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order, outcome="failure")
    bring_all(razorpay)
    order.refresh_from_db()
    assert order.status == "failed"
    assert states() == {"payment.failed": "processed"}


def test_authorised_payment_is_only_written_down(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order, outcome="authorize")
    bring_all(razorpay)
    order.refresh_from_db()
    assert order.status == "authorized"
    assert "POST /v1/payments" not in " ".join(razorpay.calls)


def test_refund_at_the_gateway_ends_access(
    razorpay: RazorpayServer, order: Payment, bilal: CustomUser, course: Course
) -> None:
    refund = razorpay.refund_at_dashboard(pay(razorpay, order), amount=order.amount_paise)
    bring_all(razorpay)
    assert can_access(bilal, course.pk)  # under way is not gone
    assert RefundRequest.objects.get().status == "processing"
    razorpay.finish_refund(refund["id"])
    bring(*razorpay.events[-1])
    order.refresh_from_db()
    assert order.status == "refunded"
    assert not can_access(bilal, course.pk)


def test_refund_that_failed_leaves_everything(
    razorpay: RazorpayServer, order: Payment, bilal: CustomUser, course: Course
) -> None:
    refund = razorpay.refund_at_dashboard(pay(razorpay, order), amount=1_000)
    razorpay.finish_refund(refund["id"], outcome="failed")
    bring_all(razorpay)
    order.refresh_from_db()
    assert (order.status, order.refund_reserved_paise) == ("captured", 0)
    assert can_access(bilal, course.pk)
    bring("evt_speed", changed(razorpay.event("refund.created")[1], "refund").replace(b"created", b"speed_changed", 1))
    assert RefundRequest.objects.get().status == "failed"


def test_order_whose_id_was_lost_is_found_by_its_receipt(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order)
    order_id = order.razorpay_order_id
    Payment.objects.update(razorpay_order_id=None)
    event = bring(*razorpay.event("payment.captured"))
    assert event.state == "parked"
    assert bring(*razorpay.event("order.paid")).state == "processed"
    order.refresh_from_db()
    assert (order.razorpay_order_id, order.status) == (order_id, "captured")
    process_event(event_id=event.event_id, now=event.next_attempt_at)
    event.refresh_from_db()
    assert event.state == "processed"


def test_paid_order_of_another_payment_is_refused(razorpay: RazorpayServer, order: Payment) -> None:
    """A true receipt beside a payment of another order would hand over the row."""
    pay(razorpay, order)
    Payment.objects.update(razorpay_order_id=None)
    body = changed(razorpay.event("order.paid")[1], "payment", order_id="order_of_another")
    assert bring("evt_mixed", body).state == "refused"
    order.refresh_from_db()
    assert order.razorpay_order_id is None
    Payment.objects.update(status="failed")


def test_charge_of_a_subscription_is_told_of_by_its_subscription(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order)
    body = changed(razorpay.event("payment.captured")[1], "payment", order_id="order_of_inv", invoice_id="inv_1")
    event = bring("evt_charge", body)
    assert (event.state, "subscription.charged" in event.note) == ("ignored", True)


def test_unknown_events_are_kept_and_ignored(razorpay: RazorpayServer) -> None:
    for number, name in enumerate(["settlement.processed", "payment_link.paid", "payment.downtime.started", "x"]):
        event = bring(f"evt_{number}", b'{"event": "%s", "payload": {}}' % name.encode())
        assert (event.state, event.event, event.attempts) == ("ignored", name, 1)


# --- disputes ---------------------------------------------------------------------------------------


def test_dispute_is_told_to_every_admin_and_changes_nothing(
    razorpay: RazorpayServer, order: Payment, bilal: CustomUser, course: Course, admin: CustomUser, mailoutbox: Any
) -> None:
    person("former", role="admin", is_active=False)
    payment_id = pay(razorpay, order)
    dispute = razorpay.open_dispute(payment_id)
    razorpay.close_dispute(dispute["id"], outcome="lost")
    bring_all(razorpay)
    bring_all(razorpay)
    assert {state for event, state in states().items() if "dispute" in event} == {"processed"}
    order.refresh_from_db()
    assert order.status == "captured"
    assert can_access(bilal, course.pk)
    assert OutgoingMail.objects.filter(kind="payment_dispute").count() == 2
    for mail_id in due_mail_ids():
        send_queued_mail(mail_id)
    letters = [letter for letter in mailoutbox if letter.subject == "A payment is disputed"]
    assert [letter.to for letter in letters] == [[admin.email]] * 2
    assert payment_id in letters[0].body
    assert "499.00 INR" in letters[0].body
    assert "State: lost" in letters[1].body


def test_dispute_of_an_unknown_payment_waits(razorpay: RazorpayServer, order: Payment, admin: CustomUser) -> None:
    razorpay.open_dispute(pay(razorpay, order))
    assert bring(*razorpay.event("payment.dispute.created")).state == "parked"
    assert not OutgoingMail.objects.filter(kind="payment_dispute").exists()


# --- parked, put off, given up ----------------------------------------------------------------------


def test_event_waits_for_its_order_longer_and_longer_and_is_given_up(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order)
    Payment.objects.update(razorpay_order_id="order_not_this")
    event = bring(*razorpay.event("payment.captured"))
    waits = []
    while event.state == "parked":
        assert process_event(event_id=event.event_id, now=event.next_attempt_at - timedelta(seconds=1)) is None
        now = event.next_attempt_at
        process_event(event_id=event.event_id, now=now)
        event.refresh_from_db()
        waits.append((event.next_attempt_at - now).total_seconds())
    assert waits[:8] == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert set(waits[7:]) == {3600}
    assert (event.state, event.note) == ("ignored", "given up: unknown_order")
    assert event.processed_at is not None
    assert event.processed_at >= event.received_at + PARKED_FOR
    assert event.event_id not in due_event_ids(now=event.processed_at + timedelta(days=30))


def test_parked_event_is_picked_up_by_the_sweep(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order)
    order_id = order.razorpay_order_id
    Payment.objects.update(razorpay_order_id=None)
    event = bring(*razorpay.event("payment.captured"))
    Payment.objects.update(razorpay_order_id=order_id)
    assert sweep_webhook_events() == 0  # it waits out its back-off
    WebhookEvent.objects.update(next_attempt_at=timezone.now())
    assert sweep_webhook_events() == 1
    event.refresh_from_db()
    assert (event.state, event.attempts) == ("processed", 2)


def test_event_whose_wake_up_was_lost_is_swept(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order)
    take_in(*razorpay.event("payment.captured"))
    assert sweep_webhook_events() == 1
    assert sweep_webhook_events() == 0
    order.refresh_from_db()
    assert order.status == "captured"


def test_event_that_fails_is_undone_and_tried_again(razorpay: RazorpayServer, order: Payment) -> None:
    """The invoice that a credit note corrects is missing: a fault of ours, which somebody mends."""
    refund = razorpay.refund_at_dashboard(pay(razorpay, order), amount=order.amount_paise)
    for event_id, body in razorpay.events:
        bring(event_id, body)
    invoice = Invoice.objects.get()
    Invoice.objects.all().delete()
    razorpay.finish_refund(refund["id"])
    event = bring(*razorpay.event("refund.processed"))
    assert (event.state, event.attempts, event.note) == ("received", 1, "failed; the log says why")
    order.refresh_from_db()
    assert (order.status, RefundRequest.objects.get().status) == ("captured", "processing")
    invoice.save(force_insert=True)
    assert process_event(event_id=event.event_id, now=event.next_attempt_at) == "processed"
    order.refresh_from_db()
    assert order.status == "refunded"


def test_worker_that_died_gives_its_event_up(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order)
    event = take_in(*razorpay.event("payment.captured"))
    now = timezone.now()
    WebhookEvent.objects.update(attempts=1, next_attempt_at=now + CLAIM)  # what a claim writes
    assert process_event(event_id=event.event_id, now=now) is None
    assert process_event(event_id=event.event_id, now=now + CLAIM) == "processed"


def test_staff_try_again_what_changed_nothing(razorpay: RazorpayServer, order: Payment, settings: Any) -> None:
    pay(razorpay, order)
    settings.RAZORPAY_ACCOUNT_ID = "acc_typed_wrongly"
    event = bring(*razorpay.event("payment.captured"))
    assert event.state == "refused"
    settings.RAZORPAY_ACCOUNT_ID = ""
    assert try_events_again(event_pks=[event.pk]) == 1
    sweep_webhook_events()
    event.refresh_from_db()
    assert event.state == "processed"
    assert try_events_again(event_pks=[event.pk]) == 0


def test_same_event_under_two_ids_acts_once(razorpay: RazorpayServer, order: Payment) -> None:
    pay(razorpay, order)
    _id, body = razorpay.event("payment.captured")
    assert [bring(event_id, body).state for event_id in ("a", "b", "c")] == ["processed"] * 3
    assert GatewayPayment.objects.count() == Invoice.objects.count() == 1
    assert OutgoingMail.objects.filter(kind="payment_receipt").count() == 1
