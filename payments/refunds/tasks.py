"""Tasks of refunds. Each only hurries along what a row already says."""

from celery import shared_task
from django.utils import timezone

from payments.refunds import services


@shared_task(name="payments.send_refund")
def send_refund(refund_id: int) -> None:
    services.send_refund(refund_id=refund_id)


@shared_task(name="payments.refund_surplus")
def refund_surplus(attempt_id: int) -> None:
    services.refund_surplus(attempt_id=attempt_id, at=timezone.now())


@shared_task(name="payments.sweep_refunds")
def sweep_refunds() -> int:
    """Do what was not woken: what was paid twice gets its refund, and what is due is brought to the gateway."""
    for attempt_id in services.surplus_attempt_ids():
        services.refund_surplus(attempt_id=attempt_id, at=timezone.now())
    ids = services.due_refund_ids()
    for refund_id in ids:
        services.send_refund(refund_id=refund_id)
    return len(ids)
