"""All 720 orders in which one payment's story can be told end in one state."""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import live_grants
from courses.models import Enrollment
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


def state_of(payment: Payment) -> dict[str, Any]:
    """Everything that was written, times and ids aside."""
    payment.refresh_from_db()
    ledger: dict[str, list[int]] = defaultdict(list)
    for account, amount in LedgerEntry.objects.order_by("amount_paise").values_list("account", "amount_paise"):
        ledger[account].append(amount)
    return {
        "payment": (payment.status, payment.refunded_paise, payment.refund_reserved_paise, payment.is_open),
        "reason": payment.failure_reason,
        "won by": payment.razorpay_payment_id,
        "attempts": list(GatewayPayment.objects.values_list("razorpay_payment_id", "status", "role", "error_reason")),
        "documents": list(Invoice.objects.order_by("pk").values_list("kind", "number", "total_paise", "cgst_paise")),
        "ledger": dict(ledger),
        "refunds": list(RefundRequest.objects.values_list("status", "origin", "amount_paise", "razorpay_refund_id")),
        "grants": len(list(live_grants("purchase"))),
        "enrolments": list(Enrollment.objects.values_list("is_active", flat=True)),
        "mail": sorted(OutgoingMail.objects.values_list("kind", flat=True)),
    }


def every_end(telling: Telling, payment: Payment, told: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every order of what is not told yet with its end. Orders that begin alike share their beginning."""
    left = [part for part in telling if part not in told]
    if not left:
        yield " ".join(told), state_of(payment)
    for part in left:
        with undone():
            telling[part]()
            yield from every_end(telling, payment, (*told, part))


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def end_of(telling: Telling, payment: Payment, told: list[str]) -> dict[str, Any]:
    with undone():
        for part in told:
            telling[part]()
        return state_of(payment)


def test_all_orders_end_in_one_state(telling: Telling, order: Payment) -> None:
    ends = dict(every_end(telling, order))
    assert len(ends) == 720
    one = ends[" ".join(STORY)]
    assert {told: end for told, end in ends.items() if end != one} == {}
    assert one["payment"] == ("refunded", order.amount_paise, order.amount_paise, False)
    assert one["enrolments"] == [False]
    assert [document[0] for document in one["documents"]] == ["invoice", "credit_note"]
    assert one["mail"] == ["payment_receipt", "payment_refund"]
    assert {sum(amounts) for amounts in one["ledger"].values()} == {0}


@pytest.mark.parametrize("order_told", [STORY, STORY[::-1], STORY[3:] + STORY[:3]], ids=" ".join)
def test_told_three_times_it_is_told_once(telling: Telling, order: Payment, order_told: list[str]) -> None:
    assert end_of(telling, order, order_told * 3) == end_of(telling, order, order_told)
    for part in order_told:
        telling[part]()
    assert contradictions() == []
