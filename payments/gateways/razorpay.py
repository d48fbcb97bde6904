"""Razorpay by its official SDK, which is given what it lacks: time-outs, today's certificates, errors that say why.

The one exception to ``core/http.py``, the door for outgoing HTTP: the SDK brings ``requests``. What that door
promises holds here too: time-outs, no redirect followed, answers of bounded size.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any, ClassVar, Self, TypeVar

import certifi
import razorpay
import requests
import urllib3
from django.conf import settings
from requests.adapters import BaseAdapter, HTTPAdapter

from payments.gateways.base import (
    BadSnapshot,
    Gateway,
    GatewayBusy,
    GatewayRefused,
    GatewayUnreachable,
    Notes,
    OrderSnapshot,
    PaymentSnapshot,
    PlanSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
    order_snapshot,
    payment_snapshot,
    plan_snapshot,
    refund_snapshot,
    subscription_snapshot,
)

logger = logging.getLogger(__name__)
#: To connect, and for each read, in seconds.
TIME_OUTS = (3.05, 10.0)
#: For a whole answer: a server that sends a byte now and then would pass the one above for ever.
MOST_SECONDS = 30.0
_MOST_BYTES = 5 * 1024 * 1024
_ID = re.compile(r"[A-Za-z0-9_]{1,40}")
_CAPTURED = frozenset({"captured", "refunded"})
_ENDED = frozenset({"cancelled", "completed", "expired"})
#: Not the caller's fault: our keys are wrong, or the gateway's own house is on fire. Asking again later is right.
_NOT_THE_CALLERS_FAULT = frozenset({401, 403, 408})
_OWN_TROUBLE = frozenset({"SERVER_ERROR", "GATEWAY_ERROR"})

# The SDK prints "Request timed out." and the like to standard output. Its module gets a ``print`` of its own:
# redirecting standard output for a call would redirect that of every thread.
razorpay.client.print = lambda *args, **kwargs: None

Snapshot = TypeVar("Snapshot")


class RazorpayGateway(Gateway):
    """Razorpay at ``RAZORPAY_BASE_URL``. Each call has a session of its own: threads share nothing but the keys."""

    name: ClassVar[str] = "razorpay"
    is_sandbox: ClassVar[bool] = False

    def __init__(
        self,
        *,
        key_id: str,
        key_secret: str,
        webhook_secrets: tuple[str, ...],
        base_url: str,
        timeouts: tuple[float, float] = TIME_OUTS,
        most_seconds: float = MOST_SECONDS,
    ) -> None:
        super().__init__(key_id=key_id, key_secret=key_secret, webhook_secrets=webhook_secrets)
        self._base_url = base_url
        self._timeouts = timeouts
        self._most_seconds = most_seconds

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            key_id=settings.RAZORPAY_KEY_ID,
            key_secret=settings.RAZORPAY_KEY_SECRET,
            webhook_secrets=(settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS),
            base_url=settings.RAZORPAY_BASE_URL,
            timeouts=(TIME_OUTS[0], settings.RAZORPAY_TIMEOUT_SECONDS),
        )

    def create_order(self, *, amount_paise: int, currency: str, receipt: str, notes: Notes) -> OrderSnapshot:
        body = {"amount": amount_paise, "currency": currency, "receipt": receipt, "notes": dict(notes)}
        return self._ask(order_snapshot, lambda client: client.order.create(body))

    def find_order(self, *, receipt: str) -> OrderSnapshot | None:
        found = self._list(order_snapshot, lambda client: client.order.all({"receipt": receipt, "count": 100}))
        # Looked at again: an order of somebody else's receipt must never become ours, whatever the filter did.
        ours = [order for order in found if order.receipt == receipt]
        return min(ours, key=lambda order: (order.created_at, order.id), default=None)

    def payments_of_order(self, order_id: str) -> list[PaymentSnapshot]:
        # No count: this call documents none. Newest come first, and nothing follows the captured attempt.
        found = self._list(payment_snapshot, lambda client: client.order.payments(_id(order_id), {}))
        return [payment for payment in found if payment.order_id == order_id]

    def payment(self, payment_id: str) -> PaymentSnapshot:
        return self._ask(payment_snapshot, lambda client: client.payment.fetch(_id(payment_id), {}))

    def capture(self, payment_id: str, *, amount_paise: int, currency: str) -> PaymentSnapshot:
        # A dict of its own each time: the SDK keeps the amount in its default one, where another thread finds it.
        body = {"currency": currency}
        try:
            return self._ask(
                payment_snapshot, lambda client: client.payment.capture(_id(payment_id), amount_paise, body)
            )
        except GatewayRefused:
            payment = self.payment(payment_id)
            if payment.status in _CAPTURED:
                return payment
            raise

    def refund(
        self, payment_id: str, *, amount_paise: int, idempotency_key: str, receipt: str, notes: Notes
    ) -> RefundSnapshot:
        body = {"amount": amount_paise, "speed": "normal", "receipt": receipt, "notes": dict(notes)}
        headers = {"X-Refund-Idempotency": idempotency_key}
        return self._ask(
            refund_snapshot, lambda client: client.payment.refund(_id(payment_id), body, headers=dict(headers))
        )

    def refunds_of_payment(self, payment_id: str) -> list[RefundSnapshot]:
        found = self._list(
            refund_snapshot, lambda client: client.payment.fetch_multiple_refund(_id(payment_id), {"count": 100})
        )
        return [refund for refund in found if refund.payment_id == payment_id]

    def create_plan(
        self, *, period: str, interval: int, name: str, amount_paise: int, currency: str, notes: Notes
    ) -> PlanSnapshot:
        item = {"name": name, "amount": amount_paise, "currency": currency}
        body = {"period": period, "interval": interval, "item": item, "notes": dict(notes)}
        return self._ask(plan_snapshot, lambda client: client.plan.create(body))

    def create_subscription(self, *, plan_id: str, total_count: int, notes: Notes) -> SubscriptionSnapshot:
        body = {"plan_id": plan_id, "total_count": total_count, "notes": dict(notes)}
        return self._ask(subscription_snapshot, lambda client: client.subscription.create(body))

    def subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        return self._ask(subscription_snapshot, lambda client: client.subscription.fetch(_id(subscription_id), {}))

    def cancel_subscription(self, subscription_id: str, *, at_cycle_end: bool) -> SubscriptionSnapshot:
        body = {"cancel_at_cycle_end": int(at_cycle_end)}
        try:
            return self._ask(
                subscription_snapshot, lambda client: client.subscription.cancel(_id(subscription_id), body)
            )
        except GatewayRefused:
            subscription = self.subscription(subscription_id)
            if subscription.status in _ENDED:
                return subscription
            raise

    def change_plan(self, subscription_id: str, *, plan_id: str) -> SubscriptionSnapshot:
        body = {"plan_id": plan_id, "schedule_change_at": "now"}
        return self._ask(subscription_snapshot, lambda client: client.subscription.edit(_id(subscription_id), body))

    def payments_of_subscription(self, subscription_id: str) -> list[PaymentSnapshot]:
        query = {"subscription_id": _id(subscription_id)}
        invoices = self._list(_mapping, lambda client: client.invoice.all(query))
        paid = [
            str(invoice["payment_id"])
            for invoice in invoices
            if invoice.get("subscription_id") == subscription_id and invoice.get("payment_id")
        ]
        return [replace(self.payment(payment_id), subscription_id=subscription_id) for payment_id in paid]

    def _list(self, read: Callable[[object], Snapshot], call: Callable[[Any], object]) -> list[Snapshot]:
        return self._ask(lambda answer: [read(item) for item in _items(answer)], call)

    def _ask(self, read: Callable[[object], Snapshot], call: Callable[[Any], object]) -> Snapshot:
        """Make one call of the SDK's and read its answer. Raises the errors that ``Gateway`` names."""
        with _Session(self._timeouts) as session:
            session.mount(self._base_url, self._adapter())
            client = razorpay.Client(session=session, auth=(self.key_id, self._key_secret), base_url=self._base_url)
            # The SDK's own list of authorities is of 2015 and lacks those of today.
            client.cert_path = certifi.where()
            try:
                return read(call(client))
            except (requests.RequestException, urllib3.exceptions.HTTPError, BadSnapshot) as error:
                # The kind alone: messages of these carry addresses and pieces of bodies.
                logger.warning("no answer of the gateway that can be read: %s", type(error).__name__)
                raise GatewayUnreachable from error

    def _adapter(self) -> BaseAdapter:
        return _BoundedAdapter(self._most_seconds)


class _Session(requests.Session):
    """Time-outs always, no redirect, no proxy or password from the environment, and refusals as what they are.

    The SDK keeps nothing of an error but its description: status and reason are read before it sees them.
    """

    def __init__(self, timeouts: tuple[float, float]) -> None:
        super().__init__()
        self.trust_env = False
        self._timeouts = timeouts

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        asked = {"timeout": self._timeouts, **kwargs, "allow_redirects": False}
        response = super().request(method, url, *args, **asked)
        if not 200 <= response.status_code < 300:
            raise _refusal_in(response)
        return response


class _BoundedAdapter(HTTPAdapter):
    """Reads the whole answer at once, of bounded size and within a time."""

    def __init__(self, most_seconds: float) -> None:
        super().__init__()
        self._most_seconds = most_seconds

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        deadline = time.monotonic() + self._most_seconds
        response = super().send(request, *args, **{**kwargs, "stream": True})
        body = bytearray()
        # What has come so far, not a full buffer: waiting for one would let a dripping server hold us for ever.
        while piece := response.raw.read1(65536, decode_content=True):
            body += piece
            if len(body) > _MOST_BYTES or time.monotonic() > deadline:
                response.close()
                raise requests.ConnectionError("answer too large or too slow")
        response.close()
        response.raw = BytesIO(bytes(body))
        return response


def _refusal_in(response: requests.Response) -> GatewayUnreachable | GatewayBusy | GatewayRefused:
    status, error = response.status_code, _error_in(response)
    reason, description = str(error.get("reason") or ""), str(error.get("description") or "")
    logger.warning("the gateway answered %s (%s): %r", status, reason or "-", description[:200])
    if status == 429 or (status == 409 and "Different request" not in description):
        return GatewayBusy()
    is_readable = bool(error) and 400 <= status < 500
    if not is_readable or status in _NOT_THE_CALLERS_FAULT or error.get("code") in _OWN_TROUBLE:
        return GatewayUnreachable()
    return GatewayRefused(reason=reason, description=description, http_status=status)


def _error_in(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return {}
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _items(answer: object) -> list[object]:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise BadSnapshot("items")
    return items


def _mapping(entity: object) -> dict[str, Any]:
    if not isinstance(entity, dict):
        raise BadSnapshot("entity")
    return entity


def _id(object_id: str) -> str:
    """Return the id, which becomes part of an address: what is no id may not choose another one."""
    if not _ID.fullmatch(object_id):
        raise GatewayRefused(description="not an id")
    return object_id
