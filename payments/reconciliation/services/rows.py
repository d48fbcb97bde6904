"""What can be mended from our own rows, with no question to the gateway."""

from datetime import datetime

from django.db import transaction

from courses.api import realign_enrollments
from payments.orders.models import Payment
from payments.orders.services import close_expired_orders
from payments.orders.services.capturing import grant_course
from payments.reconciliation.audit.access import unopened_payments
from payments.reconciliation.services.passes import Pass
from payments.webhooks.models import WebhookEvent
from payments.webhooks.services import due_event_ids, process_event


def work_off_events(run: Pass) -> None:
    """Work off every event that is due: its task was not woken, or died, or waited for an order."""
    for event_id in due_event_ids(now=run.now, most=run.most):
        run.report.asked["webhook events"] += 1
        with run.alone(f"event:{event_id}"):
            if process_event(event_id=event_id, now=run.now) == WebhookEvent.State.PROCESSED:
                run.mended(f"event:{event_id}", "had not been worked off")


def close_orders(run: Pass) -> None:
    """Close the orders whose time is over, so that their coupons are free again."""
    with run.alone("expired orders"):
        close_expired_orders(now=run.now)


def mend_access(run: Pass) -> None:
    """Open what was paid for and was never opened, and bring enrolments in line with their grants.

    What was granted once and taken back stays so: who took it back had a reason, and the audit goes on to name it.
    """
    for payment_id in unopened_payments():
        with run.alone(f"payment:{payment_id}"):
            if _open_again(payment_id, at=run.now):
                run.mended(f"payment:{payment_id}", "opens its course again")
    with run.alone("enrolments"):
        for enrollment_id in realign_enrollments(at=run.now):
            run.mended(f"enrollment:{enrollment_id}", "follows its grants again")


@transaction.atomic
def _open_again(payment_id: int, *, at: datetime) -> bool:
    """Grant what the payment bought, as its capture should have; held, so that no refund ends it in between."""
    kept = (Payment.Status.CAPTURED, Payment.Status.PARTIALLY_REFUNDED)
    payment = Payment.objects.select_for_update(no_key=True).filter(pk=payment_id, status__in=kept).first()
    if payment is None or payment.course_id is None:
        return False
    return grant_course(payment, at=at).is_new_grant
