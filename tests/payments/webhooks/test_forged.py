"""Five thousand forgeries change nothing."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.core.serializers import serialize
from django.test import RequestFactory

from payments.models import CouponUse, GatewayPayment, Invoice, LedgerEntry, Payment, RefundRequest, WebhookEvent
from payments.webhooks.services import process_event
from payments.webhooks.views import RazorpayWebhookView
from tests.payments.razorpay_server import KEY_SECRET, WEBHOOK_SECRET, RazorpayServer
from tests.payments.webhooks.told import WEBHOOK, bring, changed, post, signed

pytestmark = pytest.mark.django_db
FORGERIES = 5_000
MONEY = [Payment, GatewayPayment, Invoice, LedgerEntry, RefundRequest, CouponUse]


def everything() -> list[str]:
    return [serialize("json", model._default_manager.order_by("pk")) for model in MONEY]


def flipped(data: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def forgeries(body: bytes, others: list[bytes], chance: Random) -> Iterator[tuple[bytes, str]]:
    """Yield bodies with signatures that don't fit them, one way after the other."""
    genuine, told = signed(body), json.loads(body)
    entity = told["payload"]["payment"]["entity"]
    while True:
        amount = chance.randrange(1, 10**7)
        yield flipped(body, chance), genuine
        yield body, flipped(genuine.encode(), chance).decode("latin-1")
        yield body, signed(body, "".join(chance.choices("abcdef0123456789", k=24)))
        yield body, signed(body, "")
        yield body, signed(body, KEY_SECRET)
        yield body, ""
        yield body, genuine[: chance.randrange(64)]
        yield body, signed(chance.choice(others))
        yield json.dumps(told, indent=chance.randrange(1, 9)).encode(), genuine
        yield json.dumps(told, sort_keys=True, separators=(",", ":")).encode(), genuine
        yield changed(body, "payment", amount=amount + entity["amount"]), genuine
        yield changed(body, "payment", currency=chance.choice(["USD", "EUR"])), genuine
        yield changed(body, "payment", order_id=f"order_{amount}"), genuine
        yield json.dumps(told | {"account_id": f"acc_{amount}"}).encode(), genuine
        yield body + b" " * chance.randrange(1, 9), genuine
        yield body[: chance.randrange(len(body))], genuine


def test_five_thousand_forgeries_change_nothing(razorpay: RazorpayServer, order: Payment) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    _id, body = razorpay.event("payment.captured")
    others = [other for _id, other in razorpay.events if other != body]
    before, view, factory = everything(), RazorpayWebhookView.as_view(), RequestFactory()
    forged = forgeries(body, others, Random(20_240_229))
    for number in range(FORGERIES):
        data, signature = next(forged)
        headers: Any = {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": f"evt_{number}"}
        response = view(factory.post(WEBHOOK, data, content_type="application/json", headers=headers))
        assert response.status_code == 400, (number, data, signature)
    assert not WebhookEvent.objects.exists()
    assert everything() == before
    assert post(body).status_code == 200  # nothing but the forgery was wrong with them


@pytest.mark.parametrize(
    "lie",
    [
        {"amount": 100},
        {"amount": 49_901},
        {"amount": 10**14},
        {"currency": "USD"},
        {"order_id": "order_of_nobody"},
        {"order_id": None},
        {"status": "settled"},
        {"id": ""},
        {"amount": -49_900},
        {"amount": "49900.00"},
    ],
    ids=str,
)
def test_what_is_signed_and_contradicts_us_changes_nothing(
    razorpay: RazorpayServer, order: Payment, lie: dict[str, Any]
) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    before = everything()
    for name in ("payment.captured", "order.paid"):
        event = bring(f"evt_{name}", changed(razorpay.event(name)[1], "payment", **lie))
        assert event.state in {"refused", "parked"}, event.note
    assert everything() == before


def test_event_of_another_account_changes_nothing(razorpay: RazorpayServer, order: Payment, settings: Any) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    settings.RAZORPAY_ACCOUNT_ID = "acc_another"
    before = everything()
    assert {bring(event_id, body).state for event_id, body in razorpay.events} == {"refused"}
    assert everything() == before


def test_nothing_secret_is_logged(razorpay: RazorpayServer, order: Payment, caplog: Any) -> None:
    razorpay.pay(order.razorpay_order_id or "")
    event_id, body = razorpay.event("payment.captured")
    with caplog.at_level("DEBUG"):
        post(body, signature="0" * 64)
        bring("evt_lie", changed(body, "payment", amount=100))
        post(body, event_id=event_id)
        process_event(event_id=event_id)
    assert WEBHOOK_SECRET not in caplog.text
    assert KEY_SECRET not in caplog.text
    assert signed(body) not in caplog.text
