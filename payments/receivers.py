"""What payments hears: its own facts, to wake the tasks that their rows are waiting for."""

from e_learning.core.events import listens_to
from e_learning.core.wake import wake_on_commit
from payments.events import RefundApproved, SurplusCaptured, WebhookReceived
from payments.refunds.tasks import refund_surplus, send_refund
from payments.webhooks.tasks import process_webhook_event


@listens_to(WebhookReceived)
def on_webhook_received(event: WebhookReceived) -> None:
    wake_on_commit(process_webhook_event, event.event_id)


@listens_to(SurplusCaptured)
def on_surplus_captured(event: SurplusCaptured) -> None:
    wake_on_commit(refund_surplus, event.attempt_id)


@listens_to(RefundApproved)
def on_refund_approved(event: RefundApproved) -> None:
    wake_on_commit(send_refund, event.refund_id)
