"""Many deliveries and many workers at once. Each race also runs with its guard taken away, and has to go wrong then."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from accounts.models import CustomUser
from e_learning.core.models import OutgoingMail
from payments.models import Invoice, Payment, WebhookEvent
from payments.webhooks.services import process_event, processing, receive_event
from tests.crowd import AllAtOnce, crowd
from tests.payments.razorpay_server import RazorpayServer
from tests.payments.webhooks.told import bring_all, signed
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300), pytest.mark.usefixtures("tasks_wait")]
AT_ONCE = 16
ROUNDS = times(20, few=3)


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


# --- the inbox ----------------------------------------------------------------------------------


def rows_after_many_deliveries(all_at_once: AllAtOnce, body: bytes) -> int:
    def deliver() -> None:
        receive_event(body=body, signature=signed(body), event_id="evt_1", at=timezone.now())

    all_at_once(*[deliver] * AT_ONCE)
    return WebhookEvent.objects.count()


def test_many_deliveries_are_one_row(all_at_once: AllAtOnce, razorpay: RazorpayServer, order: Payment) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    for _round in range(ROUNDS):
        assert rows_after_many_deliveries(all_at_once, razorpay.events[0][1]) == 1


@contextmanager
def without_unique_ids() -> Iterator[None]:
    unique: Any = WebhookEvent._meta.get_field("event_id")
    plain = copy(unique)
    plain._unique = plain.unique = False  # both: the second is remembered once it was asked for
    try:
        with connection.schema_editor() as editor:
            editor.alter_field(WebhookEvent, unique, plain)
        yield
    finally:
        WebhookEvent.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.alter_field(WebhookEvent, plain, unique)


def test_without_the_constraint_they_are_many(all_at_once: AllAtOnce, razorpay: RazorpayServer, order: Payment) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    with without_unique_ids():
        assert rows_after_many_deliveries(all_at_once, razorpay.events[0][1]) > 1


# --- working off --------------------------------------------------------------------------------


def mails_of_a_dispute(all_at_once: AllAtOnce, razorpay: RazorpayServer, order: Payment) -> int:
    """Let many work off one dispute: its mail is what nothing but the claim keeps from going out twice."""
    paid = razorpay.pay(order.razorpay_order_id or "")["razorpay_payment_id"]
    bring_all(razorpay)
    razorpay.open_dispute(paid)
    event_id, body = razorpay.events[-1]
    receive_event(body=body, signature=signed(body), event_id=event_id, at=timezone.now())
    all_at_once(*[lambda: process_event(event_id=event_id)] * AT_ONCE)
    return OutgoingMail.objects.filter(kind="payment_dispute").count()


def test_of_many_workers_one_works_an_event_off(
    all_at_once: AllAtOnce, razorpay: RazorpayServer, order: Payment, admin: CustomUser
) -> None:
    assert mails_of_a_dispute(all_at_once, razorpay, order) == 1


def test_without_the_claim_several_do(
    all_at_once: AllAtOnce,
    razorpay: RazorpayServer,
    order: Payment,
    admin: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processing, "due", lambda now: Q())
    monkeypatch.setattr(processing, "held", lambda event: Q(pk=event.pk))
    assert mails_of_a_dispute(all_at_once, razorpay, order) > 1


def test_events_of_one_payment_at_once_capture_it_once(
    all_at_once: AllAtOnce, razorpay: RazorpayServer, order: Payment
) -> None:
    """All of them, five times each, under ids of their own."""
    razorpay.pay(order.razorpay_order_id or "")
    ids = []
    for event_id, body in razorpay.events * 5:
        ids.append(f"{event_id}-{len(ids)}")
        receive_event(body=body, signature=signed(body), event_id=ids[-1], at=timezone.now())
    all_at_once(*[lambda event_id=event_id: process_event(event_id=event_id) for event_id in ids])
    WebhookEvent.objects.exclude(state="processed").update(next_attempt_at=timezone.now())
    for event_id in ids:
        process_event(event_id=event_id)
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"processed"}
    assert Invoice.objects.count() == 1
    assert OutgoingMail.objects.filter(kind="payment_receipt").count() == 1
