"""The inbox: a signed event becomes a row, and that is all that its sender waits for.

Razorpay counts an answer after five seconds as a failure, sends again what failed and, after a day
of failures, sends nothing more. So nothing is judged here but the signature: what an event means is for the
task, and an event that means nothing to us is kept too.
"""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import InvalidInput
from e_learning.core.events import publish_on_commit
from payments.events import WebhookReceived
from payments.gateways import gateway
from payments.webhooks.models import WebhookEvent

LONGEST_ID = 100
LONGEST_NAME = 80


class InvalidSignature(InvalidInput):
    code = "invalid_signature"
    message = _("The signature does not fit the body.")


class NotAnEvent(InvalidInput):
    code = "parse_error"
    message = _("The body is not an event in JSON.")


@transaction.atomic
def receive_event(*, body: bytes, signature: str, event_id: str, at: datetime) -> None:
    """Keep a signed event, once an ``event_id``, and wake its task after the commit.

    Refuses, in this order: a signature that does not fit the bytes (400 ``invalid_signature``), a body that
    is no JSON object, an id that no header of Razorpay's would hold (400). Without an id the
    body's own digest serves: the same bytes again are the same event. An id that was kept before changes nothing.
    """
    present = gateway()
    if not present.is_webhook_signature_valid(body, signature):
        raise InvalidSignature
    told = read_event(body)
    event_id = event_id or f"sha256:{sha256(body).hexdigest()}"
    if len(event_id) > LONGEST_ID or not event_id.isascii() or not event_id.isprintable():
        raise InvalidInput(attr="X-Razorpay-Event-Id")
    row = WebhookEvent(
        event_id=event_id,
        event=_name_of(told),
        gateway=present.name,
        body=body.decode(),
        next_attempt_at=at,
        received_at=at,
    )
    WebhookEvent.objects.bulk_create([row], ignore_conflicts=True)
    publish_on_commit(WebhookReceived(event_id))


def read_event(body: bytes | str) -> dict[str, Any]:
    """Return the event in ``body``; raises ``NotAnEvent``.

    More is let through than callers of the API may send: a NUL or half a surrogate pair that a buyer put in a
    note is no reason to be told the same event for a day. Whatever is read from it is cleaned where it is read.
    """
    try:
        told = json.loads(body.decode() if isinstance(body, bytes) else body)
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, a number of thousands of digits, too deep
        raise NotAnEvent from error
    if not isinstance(told, dict):
        raise NotAnEvent
    return told


def _name_of(told: dict[str, Any]) -> str:
    """Return the event's name as a column takes it; "" where there is none."""
    name = told.get("event")
    if not isinstance(name, str):
        return ""
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:LONGEST_NAME]
