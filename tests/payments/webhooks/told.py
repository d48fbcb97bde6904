"""Events as Razorpay tells them, and how they are brought to us."""

import hashlib
import hmac
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from courses.models import Course
from payments.gateways import gateway
from payments.models import Payment, Plan, WebhookEvent
from payments.webhooks.services import process_event, receive_event
from tests.payments.factories import make_order
from tests.payments.razorpay_server import WEBHOOK_SECRET, RazorpayServer

WEBHOOK = "/api/payments/webhooks/razorpay/"


def order_at(razorpay: RazorpayServer, user: CustomUser, bought: Course | Plan, **fields: Any) -> Payment:
    """Return an open order that Razorpay knows too."""
    payment = make_order(user, bought, gateway="razorpay", razorpay_order_id=None, **fields)
    order = gateway().create_order(
        amount_paise=payment.amount_paise, currency=payment.currency, receipt=payment.receipt, notes={}
    )
    payment.razorpay_order_id = order.id
    payment.save(update_fields=["razorpay_order_id"])
    return payment


def signed(body: bytes, secret: str = WEBHOOK_SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(body: bytes, *, event_id: str = "evt_1", signature: str | None = None, client: Client | None = None) -> Any:
    """Bring ``body`` to the door, signed as it is unless said otherwise; without an id where that is ""."""
    headers = {"X-Razorpay-Signature": signed(body) if signature is None else signature}
    if event_id:
        headers["X-Razorpay-Event-Id"] = event_id
    return (client or Client()).post(WEBHOOK, body, content_type="application/json", headers=headers)


def bring(event_id: str, body: bytes) -> WebhookEvent:
    """Take the event in and work it off, and return its row."""
    receive_event(body=body, signature=signed(body), event_id=event_id, at=timezone.now())
    process_event(event_id=event_id)
    return WebhookEvent.objects.get(event_id=event_id)


def bring_all(razorpay: RazorpayServer) -> list[WebhookEvent]:
    """Bring everything that Razorpay has told so far, in order."""
    return [bring(event_id, body) for event_id, body in razorpay.events]


def changed(body: bytes, kind: str, **fields: Any) -> bytes:
    """Return the event with fields of its entity of ``kind`` changed."""
    told = json.loads(body)
    told["payload"][kind]["entity"] |= fields
    return json.dumps(told).encode()
