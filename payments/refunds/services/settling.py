"""The one way forward of a refund: what the gateway says of it becomes what went back.

The answer to our own call, webhooks and the reconciler all come here with what they were told, in any order, any
number of times and at once. Requested, approved, processing, then processed or failed: never back, with one exception
that money asks for. What we gave up (rejected, failed) and the gateway carried out all the same is processed. The lock
on the payment puts those who come at once in a queue; the condition of each update decides. Locks are taken in
this order: payment, refunds, access, counters.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from payments.gateways.base import PaymentSnapshot, RefundSnapshot
from payments.orders.models import GatewayPayment, Payment
from payments.orders.services import Mismatch, UnknownOrder, settle_payment
from payments.refunds.models import RefundRequest
from payments.refunds.services.booking import book_refund
from payments.refunds.services.reserving import (
    OPEN,
    RefundTooLarge,
    lock_payment,
    new_idempotency_key,
    release,
    reserve,
    what_is_left,
)

logger = logging.getLogger(__name__)
_Status = RefundRequest.Status
_Role = GatewayPayment.Role
GIVEN_UP = (_Status.REJECTED, _Status.FAILED)
#: A refund that the gateway has and has not ended is looked at so often, in case its webhook never comes.
LOOKED_AT = timedelta(minutes=30)


@transaction.atomic
def settle_refund(
    *, snapshot: RefundSnapshot, payment_snapshot: PaymentSnapshot | None, at: datetime
) -> RefundRequest | None:
    """Take in what the gateway says of one refund; returns its row, None for one that failed and was never ours.

    A payment that is not known as captured yet is settled first, from ``payment_snapshot``. The row is found by the
    refund's id, else by our receipt or note; a refund made at the gateway itself takes over an open request of the
    same amount, or gets a row of its own. Refuses with ``UnknownOrder`` (come again later) and ``Mismatch``.
    """
    attempt = _attempt_of(snapshot, payment_snapshot, at)
    lock_payment(attempt.payment_id)
    if snapshot.currency != attempt.currency or not 1 <= snapshot.amount_paise <= attempt.amount_paise:
        raise _mismatch(snapshot, attempt)
    refund = _row_of(snapshot, attempt)
    if refund is None:
        return None if snapshot.status == "failed" else _made_at_the_gateway(snapshot, attempt, at)
    if refund.amount_paise != snapshot.amount_paise or refund.attempt_id != attempt.pk:
        raise _mismatch(snapshot, attempt)
    _go_forward(refund, snapshot, at)
    return refund


def _attempt_of(snapshot: RefundSnapshot, payment: PaymentSnapshot | None, at: datetime) -> GatewayPayment:
    """Return the captured attempt whose money goes back."""
    captured = GatewayPayment.objects.filter(razorpay_payment_id=snapshot.payment_id).exclude(role=_Role.TRYING)
    attempt = captured.first()
    if attempt is None and payment is not None and payment.id == snapshot.payment_id:
        settle_payment(snapshot=payment, at=at)
        attempt = captured.first()
    if attempt is None:
        raise UnknownOrder
    return attempt


def _mismatch(snapshot: RefundSnapshot, attempt: GatewayPayment) -> Mismatch:
    logger.warning(
        "payment %s: the gateway tells of refund %s of %s %s, which does not fit what we know",
        attempt.payment_id,
        snapshot.id,
        snapshot.amount_paise,
        snapshot.currency,
    )
    return Mismatch()


def _row_of(snapshot: RefundSnapshot, attempt: GatewayPayment) -> RefundRequest | None:
    known = RefundRequest.objects.select_related("attempt").filter(razorpay_refund_id=snapshot.id).first()
    if known is not None:
        return known
    unnamed = attempt.refunds.select_related("attempt").filter(razorpay_refund_id=None)
    named = _named_by(snapshot, unnamed)
    if named is None:  # made at the gateway itself; one that failed there takes over nothing
        same = unnamed.filter(status__in=OPEN, amount_paise=snapshot.amount_paise)
        named = same.none() if snapshot.status == "failed" else same.order_by("id")
    return named.first()


def _named_by(snapshot: RefundSnapshot, rows: QuerySet[RefundRequest]) -> QuerySet[RefundRequest] | None:
    """Return the row that our own receipt or note names, or no row; None where the refund carries neither.

    A key that was replaced since names no row: an answer to a call before the last is not taken for the last one's.
    """
    if snapshot.receipt and snapshot.receipt.startswith("refund-"):
        return rows.filter(idempotency_key=snapshot.receipt)
    request = snapshot.notes.get("refund_request", "")
    if request.isascii() and request.isdigit() and len(request) < 19:
        return rows.filter(pk=int(request))
    return None


def _made_at_the_gateway(snapshot: RefundSnapshot, attempt: GatewayPayment, at: datetime) -> RefundRequest:
    _make_room(attempt, snapshot, at)
    refund = RefundRequest.objects.create(
        payment_id=attempt.payment_id,
        attempt=attempt,
        amount_paise=snapshot.amount_paise,
        origin=RefundRequest.Origin.GATEWAY,
        status=_Status.PROCESSING,
        razorpay_refund_id=snapshot.id,
        idempotency_key=new_idempotency_key(),
        requested_at=at,
        next_attempt_at=at + LOOKED_AT,
    )
    _go_forward(refund, snapshot, at)
    return refund


def _go_forward(refund: RefundRequest, snapshot: RefundSnapshot, at: datetime) -> None:
    if snapshot.status == "failed":
        _fail(refund, snapshot)
        return
    if refund.status in GIVEN_UP and (snapshot.status == "processed" or refund.razorpay_refund_id is None):
        _make_room(refund.attempt, snapshot, at)
        _move(refund, GIVEN_UP, status=_Status.PROCESSING)
    _move(refund, OPEN, status=_Status.PROCESSING, razorpay_refund_id=snapshot.id, next_attempt_at=at + LOOKED_AT)
    if snapshot.status == "processed" and _move(
        refund, (_Status.PROCESSING,), status=_Status.PROCESSED, processed_at=at, next_attempt_at=None, last_error=""
    ):
        book_refund(refund, at=at)


def _fail(refund: RefundRequest, snapshot: RefundSnapshot) -> None:
    """What went back stays gone: a failure told of a processed refund is written down for people to ask about."""
    failed = {"razorpay_refund_id": snapshot.id, "next_attempt_at": None, "last_error": "failed at the gateway"}
    if _move(refund, OPEN, status=_Status.FAILED, **failed):
        release(refund)
    elif refund.status == _Status.PROCESSED:
        logger.warning("refund %s was processed, and now the gateway tells that it failed", refund.pk)
        _move(refund, (_Status.PROCESSED,), last_error="told as failed after it was told as processed")


def _move(refund: RefundRequest, before: tuple[_Status, ...], **changes: object) -> bool:
    """Change the refund if it is in one of ``before``; says whether it was this call's to move."""
    moved = bool(RefundRequest.objects.filter(pk=refund.pk, status__in=before).update(**changes))
    if moved:
        for name, value in changes.items():
            setattr(refund, name, value)
    return moved


def _make_room(attempt: GatewayPayment, snapshot: RefundSnapshot, at: datetime) -> None:
    """Reserve what the gateway gave back unasked. Requests that no longer fit make way, undecided ones first."""
    if attempt.role == _Role.SURPLUS:
        return
    undecided_first = Case(When(status=_Status.REQUESTED, then=Value(0)), default=Value(1), output_field=IntegerField())
    waiting = attempt.refunds.select_related("attempt").filter(status__in=OPEN, razorpay_refund_id=None)
    left = what_is_left(Payment.objects.get(pk=attempt.payment_id))
    for other in waiting.order_by(undecided_first, "-id"):
        if left >= snapshot.amount_paise:
            break
        gone = {"status": _Status.REJECTED, "decided_at": at, "next_attempt_at": None}
        if _move(other, OPEN, **gone, admin_notes=_("The money went back in another way already.")):
            release(other)
            left += other.amount_paise
    try:
        reserve(payment_id=attempt.payment_id, amount_paise=snapshot.amount_paise)
    except RefundTooLarge:
        raise _mismatch(snapshot, attempt) from None
