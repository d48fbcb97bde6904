"""The sandbox: what payments asks of Razorpay, answered in this process, from rows, with no key and no money.

The same SDK makes the same calls; only the wire is ours. So the objects, refusals and signatures that the rest of
the app meets are those it will meet with a key.
"""

import json
from contextlib import nullcontext
from io import BytesIO
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

import requests
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from requests.adapters import BaseAdapter

from payments.gateways.delivering import queue_delivery
from payments.gateways.models import SandboxObject
from payments.gateways.razorpay import RazorpayGateway
from payments.gateways.signatures import signature_of
from payments.gateways.simulator.desk import Desk, Entity
from payments.gateways.simulator.wire import answer

KEY_ID = "rzp_test_sandbox"
_BASE_URL = "https://sandbox.invalid"
_PAGE_SALT = "payments.sandbox.page"
_PAGE_SECONDS = 24 * 3600


class SandboxGateway(RazorpayGateway):
    """Razorpay's stand-in. Its secrets come from ``SECRET_KEY``, so that nothing has to be set."""

    name: ClassVar[str] = "sandbox"
    is_sandbox: ClassVar[bool] = True

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            key_id=KEY_ID,
            key_secret=_secret("key"),
            webhook_secrets=(webhook_secret(),),
            base_url=_BASE_URL,
        )

    def checkout_signature(self, *, paid_id: str, payment_id: str) -> str:
        """Sign what checkout returns for an order or, the other way round, for a subscription."""
        parts = [payment_id, paid_id] if paid_id.startswith("sub_") else [paid_id, payment_id]
        return signature_of("|".join(parts), self._key_secret)

    def _adapter(self) -> BaseAdapter:
        return _RowsAdapter()


def webhook_secret() -> str:
    """Return the secret that the sandbox signs its webhooks with."""
    return _secret("webhook")


def sandbox_desk() -> Desk:
    """Return the counter over rows. Work at it inside a transaction: what changes is locked."""
    return Desk(
        store=_RowStore(),
        now=lambda: int(timezone.now().timestamp()),
        tell=queue_delivery,
        account_id="acc_sandbox",
        short_url=lambda subscription_id: sandbox_page_url(subscription_id) or "",
    )


def sandbox_page_url(paid_id: str) -> str | None:
    """Return the page at which a person plays the buyer of this order or subscription, or None once a key is set.

    The address is good for a day. Whoever has it may pay, as with Razorpay's own links.
    """
    if settings.RAZORPAY_KEY_ID:
        return None
    token = signing.dumps(paid_id, salt=_PAGE_SALT)
    return f"{settings.PUBLIC_URL}{reverse('sandbox-page', args=[token])}"


def paid_id_in(token: str) -> str | None:
    """Return what the page's address is for, or None if it was not made by us or is too old."""
    try:
        return str(signing.loads(token, salt=_PAGE_SALT, max_age=_PAGE_SECONDS))
    except signing.BadSignature:
        return None


def _secret(label: str) -> str:
    return salted_hmac(f"payments.sandbox.{label}", "", algorithm="sha256").hexdigest()


class _RowStore:
    """The simulator's objects as rows."""

    def get(self, kind: str, object_id: str, *, for_change: bool = False) -> Entity | None:
        rows = SandboxObject.objects.filter(kind=kind, object_id=object_id)
        row = (rows.select_for_update() if for_change else rows).first()
        return dict(row.body) if row else None

    def add(self, kind: str, entity: Entity, *, parent: str = "", label: str = "") -> None:
        SandboxObject.objects.create(kind=kind, object_id=entity["id"], parent=parent, label=label, body=entity)

    def put(self, kind: str, entity: Entity) -> None:
        SandboxObject.objects.filter(kind=kind, object_id=entity["id"]).update(body=entity)

    def listed(self, kind: str, *, parent: str | None = None, label: str | None = None) -> list[Entity]:
        asked = {"kind": kind, "parent": parent, "label": label}
        rows = SandboxObject.objects.filter(**{name: value for name, value in asked.items() if value is not None})
        return [dict(body) for body in rows.order_by("-id").values_list("body", flat=True)]


class _RowsAdapter(BaseAdapter):
    """Where a request would leave for the network, it comes to the counter instead; what changes is one transaction."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        address = urlsplit(request.url)
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        with transaction.atomic() if request.method != "GET" else nullcontext():
            status, answered = answer(
                sandbox_desk(),
                request.method,
                address.path,
                query=dict(parse_qsl(address.query)),
                headers=headers,
                body=body,
            )
        response = requests.Response()
        response.status_code = status
        response.request, response.url = request, request.url
        response.raw = BytesIO(json.dumps(answered).encode())
        return response

    def close(self) -> None:
        """Nothing is open."""
