"""The sandbox's webhooks on their way: over real HTTP to our own endpoint, signed, at least once."""

import json
import logging
from datetime import timedelta

import httpx
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from e_learning.core.back_off import pause_after
from e_learning.core.http import UnreachableService, call
from e_learning.core.wake import wake_on_commit
from payments.gateways.models import SandboxDelivery
from payments.gateways.signatures import signature_of
from payments.gateways.simulator.desk import Entity

logger = logging.getLogger(__name__)
#: What takes longer has failed: Razorpay's rule.
_TIME_OUT = httpx.Timeout(5.0)
_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(hours=1)
_GIVE_UP_AFTER = timedelta(hours=24)
#: For so long a claimed delivery is its sender's alone.
_CLAIM = timedelta(seconds=30)


def queue_delivery(event_id: str, body: Entity) -> None:
    """Write the webhook with the change it tells of; it leaves after the commit."""
    from payments.gateways.tasks import deliver_sandbox_event

    delivery = SandboxDelivery.objects.create(
        event_id=event_id, event=body["event"], body=json.dumps(body), next_attempt_at=timezone.now()
    )
    wake_on_commit(deliver_sandbox_event, delivery.pk)


def deliver(delivery_id: int) -> SandboxDelivery | None:
    """Claim the webhook and send it once. Returns it, or None where another has it or it is not due."""
    now = timezone.now()
    waiting = SandboxDelivery.objects.filter(pk=delivery_id, state=SandboxDelivery.State.WAITING)
    if not waiting.filter(next_attempt_at__lte=now).update(next_attempt_at=now + _CLAIM, attempts=F("attempts") + 1):
        return None
    delivery = SandboxDelivery.objects.get(pk=delivery_id)
    if _is_taken(delivery):
        delivery.state = SandboxDelivery.State.DELIVERED
    elif now - delivery.created_at > _GIVE_UP_AFTER:
        delivery.state = SandboxDelivery.State.GIVEN_UP
    pause = pause_after(delivery.attempts, first=_FIRST_DELAY, longest=_LONGEST_DELAY)
    waiting.filter(attempts=delivery.attempts).update(state=delivery.state, next_attempt_at=timezone.now() + pause)
    return delivery


def due_delivery_ids(*, most: int = 200) -> list[int]:
    """Return ids of webhooks that should have been sent by now, oldest first."""
    due = SandboxDelivery.objects.filter(state=SandboxDelivery.State.WAITING, next_attempt_at__lte=timezone.now())
    return list(due.order_by("next_attempt_at", "id").values_list("id", flat=True)[:most])


def _is_taken(delivery: SandboxDelivery) -> bool:
    from payments.gateways.sandbox import webhook_secret

    body = delivery.body.encode()
    headers = {
        "Content-Type": "application/json",
        "X-Razorpay-Signature": signature_of(body, webhook_secret()),
        "X-Razorpay-Event-Id": delivery.event_id,
    }
    try:
        answer = call("POST", settings.SANDBOX_WEBHOOK_URL, content=body, headers=headers, timeout=_TIME_OUT)
    except UnreachableService:
        logger.info("webhook %s of the sandbox found nobody; it is tried again", delivery.event_id)
        return False
    return 200 <= answer.status < 300
