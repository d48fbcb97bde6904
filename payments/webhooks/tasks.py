"""Tasks of the inbox."""

from celery import shared_task

from payments.webhooks.services import due_event_ids, process_event


@shared_task(name="payments.process_webhook_event")
def process_webhook_event(event_id: str) -> None:
    process_event(event_id=event_id)


@shared_task(name="payments.sweep_webhook_events")
def sweep_webhook_events() -> int:
    """Work off what was not woken: the wake-up was lost, the worker died, or a back-off has passed."""
    ids = due_event_ids()
    for event_id in ids:
        process_event(event_id=event_id)
    return len(ids)
