"""Tasks of the sandbox. Each only hurries along what a row already says."""

import json

from celery import shared_task

from payments.gateways.buying import finish_pending_refunds, finish_sandbox_refund
from payments.gateways.delivering import deliver, due_delivery_ids


@shared_task(name="payments.deliver_sandbox_event")
def deliver_sandbox_event(delivery_id: int) -> None:
    """Deliver one webhook. After that of a new refund the bank has had its moment, whether it arrived or not."""
    delivery = deliver(delivery_id)
    if delivery is not None and delivery.event == "refund.created":
        finish_sandbox_refund(json.loads(delivery.body)["payload"]["refund"]["entity"]["id"])


@shared_task(name="payments.sweep_sandbox")
def sweep_sandbox() -> int:
    """Deliver what was not woken or waited out its back-off, and finish refunds that were forgotten."""
    ids = due_delivery_ids()
    for delivery_id in ids:
        deliver_sandbox_event(delivery_id)
    return len(ids) + finish_pending_refunds()
