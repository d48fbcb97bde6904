"""All 720 orders in which one payment's story can be told end in one state."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model, TextField, Value
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import can_access
from courses.models import AccessGrant, Course, Enrollment
from e_learning.core.models import OutgoingMail
from payments.gateways import gateway
from payments.models import GatewayPayment, Invoice, LedgerEntry, Payment, RefundRequest, WebhookEvent
from payments.orders.services import verify_payment
from payments.reconciliation.audit import contradictions
from payments.webhooks.services.handlers import handle
from tests.payments.razorpay_server import KEY_SECRET, RazorpayServer

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
STORY = ["verify", "payment.authorized", "payment.captured", "order.paid", "payment.failed", "refund.processed"]
Telling = dict[str, Callable[[], Any]]


@pytest.fixture
def telling(razorpay: RazorpayServer, order: Payment, bilal: CustomUser) -> Telling:
    """Each part of the story as something to call: a payment that failed, came through late, and went back."""
    order_id = order.razorpay_order_id or ""
    failed = razorpay.pay(order_id, outcome="failure")["razorpay_payment_id"]
    razorpay.authorize_late(failed)
    gateway().capture(failed, amount_paise=order.amount_paise, currency=order.currency)
    signature = hmac.new(KEY_SECRET.encode(), f"{order_id}|{failed}".encode(), hashlib.sha256).hexdigest()
    checkout = {
        "razorpay_order_id": order_id,
        "razorpay_payment_id": failed,
        "razorpay_signature": signature,
    }
    before_the_refund = dict(razorpay.store._kept)
    refund = razorpay.refund_at_dashboard(failed, amount=order.amount_paise)
    razorpay.finish_refund(refund["id"])
    parts: Telling = {name: _part(razorpay.event(name)[1]) for name in STORY[1:]}
    razorpay.store._kept = before_the_refund  # whoever verifies asks while the money is still ours
    return parts | {"verify": lambda: verify_payment(user=bilal, **checkout)}


def _part(body: bytes) -> Callable[[], None]:
    event = WebhookEvent(event=json.loads(body)["event"], body=body.decode())

    def tell() -> None:
        outcome = handle(event, timezone.now())
        assert outcome.state == "processed", outcome

    return tell


WRITTEN: list[tuple[type[Model], str]] = [
    (Payment, "status refunded_paise refund_reserved_paise is_open failure_reason razorpay_payment_id"),
    (GatewayPayment, "razorpay_payment_id status role error_reason"),
    (Invoice, "kind number total_paise taxable_paise cgst_paise sgst_paise igst_paise"),
    (LedgerEntry, "posting account amount_paise"),
    (RefundRequest, "status origin amount_paise razorpay_refund_id"),
    (AccessGrant, "source reference ended_reason"),
    (Enrollment, "is_active"),
    (OutgoingMail, "kind recipient"),
]


def state() -> list[str]:
    """Return all that was written, times aside, in one statement: seven hundred orders ask."""
    kinds = [
        model._default_manager.order_by().values_list(
            JSONObject(table=Cast(Value(model.__name__), TextField()), **{name: name for name in columns.split()}),
            flat=True,
        )
        for model, columns in WRITTEN
    ]
    # A refund of the same turn gets another id each time; its posting is named after it.
    return sorted(re.sub(r"refund:\d+", "refund:#", json.dumps(row)) for row in kinds[0].union(*kinds[1:], all=True))


def every_end(telling: Telling, told: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Yield every order of what is not told yet with its end. Orders that begin alike share their beginning."""
    left = [part for part in telling if part not in told]
    if not left:
        yield " ".join(told), state()
    for part in left:
        with undone() if len(left) > 1 else nullcontext():  # the last one goes with the one before it
            telling[part]()
            yield from every_end(telling, (*told, part))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def end_of(telling: Telling, told: list[str]) -> list[str]:
    with undone():
        for part in told:
            telling[part]()
        return state()


def test_all_orders_end_in_one_state(telling: Telling, order: Payment, bilal: CustomUser, course: Course) -> None:
    ends = dict(every_end(telling))
    assert len(ends) == 720
    one = ends[" ".join(STORY)]
    assert {told: end for told, end in ends.items() if end != one} == {}
    for part in STORY:
        telling[part]()
    order.refresh_from_db()
    assert (order.status, order.refunded_paise) == ("refunded", order.amount_paise)
    assert not can_access(bilal, course.pk)
    assert sorted(Invoice.objects.values_list("kind", flat=True)) == ["credit_note", "invoice"]
    assert sorted(OutgoingMail.objects.values_list("kind", flat=True)) == ["payment_receipt", "payment_refund"]


@pytest.mark.parametrize("told", [STORY, STORY[::-1], STORY[3:] + STORY[:3]], ids=" ".join)
def test_told_three_times_it_is_told_once(telling: Telling, told: list[str]) -> None:
    assert end_of(telling, told * 3) == end_of(telling, told)
    for part in told:
        telling[part]()
    assert contradictions() == []
