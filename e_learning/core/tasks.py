"""Tasks of the plumbing. Each only hurries along what a row already says."""

from celery import shared_task

from e_learning.core.api.idempotency import forget_answers
from e_learning.core.mail import due_mail_ids, send_queued_mail


@shared_task(name="core.deliver_mail")
def deliver_mail(mail_id: int) -> None:
    send_queued_mail(mail_id)


@shared_task(name="core.sweep_mail")
def sweep_mail() -> int:
    """Send what was not woken: the wake-up was lost, the sender died, or a back-off has passed."""
    ids = due_mail_ids()
    for mail_id in ids:
        send_queued_mail(mail_id)
    return len(ids)


@shared_task(name="core.forget_idempotent_answers")
def forget_idempotent_answers() -> int:
    return forget_answers()
