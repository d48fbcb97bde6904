"""What a processed refund brings. Everything here is written in the transaction that marks it as processed."""

from datetime import datetime

from django.db.models import Case, F, Sum, Value, When

from courses.api import end_access
from e_learning.core.events import publish_on_commit
from e_learning.core.mail import queue_mail
from payments.events import RefundProcessed
from payments.invoices.ledger import post_refund, post_surplus_refund
from payments.invoices.services import issue_credit_note
from payments.orders.models import GatewayPayment, Payment
from payments.orders.services.capturing import reference_of
from payments.refunds.models import RefundRequest
from payments.subscriptions.services import end_prepaid_period

NOTICE = "payment_refund"


def book_refund(refund: RefundRequest, *, at: datetime) -> None:
    """Count what went back, end what was bought when all is gone, write credit note and posting, and tell.

    What was paid twice was never earned nor invoiced: such a refund moves the ledger alone.
    """
    _count_on_attempt(refund.attempt)
    if refund.attempt.role == GatewayPayment.Role.SURPLUS:
        post_surplus_refund(refund_id=refund.pk, payment_id=refund.payment_id, amount_paise=refund.amount_paise, at=at)
    else:
        payment = _counted_on_payment(refund)
        if payment.status == Payment.Status.REFUNDED:
            _end_what_was_bought(payment, at=at)
        _write_documents(refund, at=at)  # last: everybody queues for the note's number, until the commit
    _tell(refund, at=at)


def _count_on_attempt(attempt: GatewayPayment) -> None:
    gone = attempt.refunds.filter(status=RefundRequest.Status.PROCESSED).aggregate(paise=Sum("amount_paise"))["paise"]
    if gone >= attempt.amount_paise:
        GatewayPayment.objects.filter(pk=attempt.pk).update(status=GatewayPayment.Status.REFUNDED)


def _counted_on_payment(refund: RefundRequest) -> Payment:
    gone = F("refunded_paise") + refund.amount_paise
    is_whole = When(amount_paise=gone, then=Value(Payment.Status.REFUNDED.value))
    Payment.objects.filter(pk=refund.payment_id).update(
        refunded_paise=gone, status=Case(is_whole, default=Value(Payment.Status.PARTIALLY_REFUNDED.value))
    )
    return Payment.objects.get(pk=refund.payment_id)


def _write_documents(refund: RefundRequest, *, at: datetime) -> None:
    facts = {"refund_id": refund.pk, "payment_id": refund.payment_id, "amount_paise": refund.amount_paise}
    note = issue_credit_note(**facts, at=at)
    assert note is not None  # a refund of nothing is no row
    post_refund(**facts, tax_paise=note.cgst_paise + note.sgst_paise + note.igst_paise, at=at)


def _end_what_was_bought(payment: Payment, *, at: datetime) -> None:
    """A part that goes back leaves access as it is; when all of it is gone, so is what it bought."""
    if payment.course_id is not None:
        end_access(source="purchase", reference=reference_of(payment.pk), reason="refunded", at=at)
    elif payment.subscription_id is not None:
        end_prepaid_period(subscription_id=payment.subscription_id, payment_id=payment.pk, at=at)


def _tell(refund: RefundRequest, *, at: datetime) -> None:
    user = refund.payment.user
    queue_mail(kind=NOTICE, recipient=user.email, context={"refund_id": refund.pk})
    publish_on_commit(RefundProcessed(user_id=user.pk, payment_id=refund.payment_id, refund_id=refund.pk, at=at))
