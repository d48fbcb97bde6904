"""Tasks of refunds. Each only hurries along what a row already says."""

import logging

from celery import shared_task
from django.utils import timezone

from payments.refunds import services

logger = logging.getLogger(__name__)


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
        try:
            services.refund_surplus(attempt_id=attempt_id, at=timezone.now())
        except Exception:  # whatever it is, the next one is not to wait for it
            logger.exception("attempt %s was paid twice and got no refund", attempt_id)
    ids = services.due_refund_ids()
    for refund_id in ids:
        services.send_refund(refund_id=refund_id)
    return len(ids)
