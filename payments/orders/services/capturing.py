"""What a captured payment brings. Everything here is written in the transaction that captures it."""

from datetime import datetime

from courses.api import GrantOutcome, grant_access
from e_learning.core.events import publish_on_commit
from e_learning.core.mail import queue_mail
from payments.events import PaymentCaptured
from payments.invoices.ledger import post_capture
from payments.invoices.services import issue_invoice
from payments.orders.models import Payment
from payments.orders.services.coupons import use_coupon
from payments.subscriptions.services import extend_prepaid

RECEIPT = "payment_receipt"


def reference_of(payment_id: int) -> str:
    """Return the name under which courses keep what this payment opened."""
    return f"payment:{payment_id}"


def open_what_was_bought(payment: Payment, *, at: datetime) -> int | None:
    """Use up the coupon and give what was bought; returns the enrolment where that is a course.

    Refuses with ``AlreadyBought`` where another payment of this person bought the course. Where it does so in
    this moment, the constraint of courses tears the transaction, which is to be begun anew. What a coupon
    made free is a grant of its own kind, for no money is bound to it.
    """
    use_coupon(payment)
    if payment.course_id is None:
        assert payment.plan_id is not None  # payment_for_a_course_or_a_plan
        subscription = extend_prepaid(user_id=payment.user_id, plan_id=payment.plan_id, payment_id=payment.pk, at=at)
        Payment.objects.filter(pk=payment.pk).update(subscription=subscription)
        return None
    return grant_course(payment, at=at, in_savepoint=False).enrollment_id


def grant_course(payment: Payment, *, at: datetime, in_savepoint: bool = True) -> GrantOutcome:
    """Grant the course that ``payment`` bought, as ``grant_access`` does: once, however often it is asked for."""
    assert payment.course_id is not None  # the caller asked
    return grant_access(
        user_id=payment.user_id,
        course_id=payment.course_id,
        source="purchase" if payment.amount_paise else "coupon",
        reference=reference_of(payment.pk),
        reason=payment.receipt,
        at=at,
        in_savepoint=in_savepoint,
    )


def book_capture(payment: Payment, *, at: datetime) -> None:
    """Write down what came in: invoice, posting and receipt, none of them for nothing; and tell of it."""
    if payment.amount_paise:
        post_capture(payment_id=payment.pk, amount_paise=payment.amount_paise, tax_paise=payment.tax_paise, at=at)
        queue_mail(kind=RECEIPT, recipient=payment.user.email, context={"payment_id": payment.pk})
        issue_invoice(  # last: everybody queues for its number, until the commit
            payment_id=payment.pk,
            buyer_name=payment.user.full_name or payment.user.username,
            buyer_email=payment.user.email,
            place_of_supply=payment.billing_state,
            description=payment.description,
            total_paise=payment.amount_paise,
            gst_rate=payment.gst_rate,
            currency=payment.currency,
            at=at,
            is_first=True,
        )
    publish_on_commit(PaymentCaptured(user_id=payment.user_id, payment_id=payment.pk, at=at))


def capture_nothing(payment: Payment, *, at: datetime) -> None:
    """Capture what a coupon made free, in the transaction that writes the order: no gateway takes one of nothing."""
    payment.status, payment.completed_at, payment.is_open = Payment.Status.CAPTURED, at, False
    payment.save(update_fields=["status", "completed_at", "is_open"])
    open_what_was_bought(payment, at=at)
    book_capture(payment, at=at)
