"""Staff decide: each decision is one conditional update, so that of two at once one holds.

A refund that is to be carried out is a row with ``next_attempt_at``; the event only wakes its sender.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from e_learning.core.api.errors import Conflict, NotAllowed, NotThere
from e_learning.core.events import publish_on_commit
from payments.events import RefundApproved
from payments.orders.models import GatewayPayment, Payment
from payments.refunds.models import RefundRequest
from payments.refunds.services.requesting import RequestedAlready
from payments.refunds.services.reserving import (
    RefundTooLarge,
    check_captured,
    lock_payment,
    new_idempotency_key,
    refuse_crumbs,
    release,
    reserve,
    what_is_left,
    winning_attempt,
)

_Status = RefundRequest.Status
_Origin = RefundRequest.Origin


class DecidedAlready(Conflict):
    code = "refund_decided_already"
    message = _("This refund was decided already.")


@transaction.atomic
def approve_refund(*, refund_id: int, staff: User, notes: str, at: datetime) -> RefundRequest:
    """Let a requested refund go to the gateway. Refuses: 403, 404, 409 ``refund_decided_already``."""
    _check_may_decide(staff)
    refund = _held_with_its_payment(refund_id)
    _decide(refund, _Status.REQUESTED, status=_Status.APPROVED, next_attempt_at=at, **_by(staff, notes, at))
    publish_on_commit(RefundApproved(refund.pk))
    return refund


@transaction.atomic
def reject_refund(*, refund_id: int, staff: User, notes: str, at: datetime) -> RefundRequest:
    """Refuse a requested refund; its amount may be asked for again. Refuses as ``approve_refund`` does."""
    _check_may_decide(staff)
    refund = _held_with_its_payment(refund_id)
    _decide(refund, _Status.REQUESTED, status=_Status.REJECTED, **_by(staff, notes, at))
    release(refund)
    return refund


@transaction.atomic
def refund_payment(
    *, payment_id: int, staff: User, amount_paise: int | None, reason: str, at: datetime
) -> RefundRequest:
    """Give back of a payment what staff say (all that is left, unless told), whatever its age and progress.

    Refuses, in this order: 403, 404, 409 ``payment_not_captured``, ``refund_too_large`` and ``refund_too_small``.
    """
    _check_may_decide(staff)
    if not Payment.objects.filter(pk=payment_id).exists():
        raise NotThere
    payment = lock_payment(payment_id)
    check_captured(payment)
    amount = what_is_left(payment) if amount_paise is None else amount_paise
    if amount < 1:
        raise RefundTooLarge
    refuse_crumbs(payment, amount)
    reserve(payment_id=payment.pk, amount_paise=amount)
    refund = _approved(winning_attempt(payment), amount, _Origin.STAFF, reason=reason, **_by(staff, "", at))
    publish_on_commit(RefundApproved(refund.pk))
    return refund


@transaction.atomic
def refund_surplus(*, attempt_id: int, at: datetime) -> RefundRequest | None:
    """Give back what was paid twice, once an attempt; None where that is done, or where nothing of it is left.

    Approved by itself: the school has no claim on it.
    """
    attempt = GatewayPayment.objects.get(pk=attempt_id)
    payment = lock_payment(attempt.payment_id)
    attempt.refresh_from_db()
    given = attempt.refunds.exclude(status__in=[_Status.REJECTED, _Status.FAILED]).aggregate(paise=Sum("amount_paise"))
    left = attempt.amount_paise - (given["paise"] or 0)
    if attempt.role != GatewayPayment.Role.SURPLUS or left < 1:
        return None
    try:
        with transaction.atomic():
            refund = _approved(attempt, left, _Origin.SURPLUS, reason="paid twice", decided_at=at)
    except IntegrityError:  # one_surplus_refund: it was written before
        return None
    assert refund.payment_id == payment.pk
    publish_on_commit(RefundApproved(refund.pk))
    return refund


@transaction.atomic
def retry_refund(*, refund_id: int, staff: User, notes: str, at: datetime) -> RefundRequest:
    """Send a failed refund again, under a new key: the gateway answers an old key with the old failure.

    Refuses: 403, 404, 409 ``refund_decided_already`` (it has not failed), ``refund_requested_already`` (the learner
    asked anew) and ``refund_too_large`` (what it had reserved was given back otherwise).
    """
    _check_may_decide(staff)
    refund = _held_with_its_payment(refund_id)
    again = {"razorpay_refund_id": None, "idempotency_key": new_idempotency_key(), "attempts": 0, "last_error": ""}
    try:
        with transaction.atomic():
            _decide(
                refund, _Status.FAILED, status=_Status.APPROVED, next_attempt_at=at, **again, **_by(staff, notes, at)
            )
    except IntegrityError as error:  # one_open_request_per_payment
        raise RequestedAlready from error
    if refund.attempt.role == GatewayPayment.Role.WINNING:
        reserve(payment_id=refund.payment_id, amount_paise=refund.amount_paise)
    publish_on_commit(RefundApproved(refund.pk))
    return refund


def may_decide_refunds(staff: Any) -> bool:
    """Say whether this person decides refunds: admins, and staff who were given the permission (group ``finance``)."""
    if not staff.is_authenticated:
        return False
    return bool(staff.is_admin or (staff.is_staff and staff.has_perm("payments.change_refundrequest")))


def _check_may_decide(staff: User) -> None:
    if not may_decide_refunds(staff):
        raise NotAllowed


def _held_with_its_payment(refund_id: int) -> RefundRequest:
    refund = RefundRequest.objects.select_related("attempt").filter(pk=refund_id).first()
    if refund is None:
        raise NotThere
    lock_payment(refund.payment_id)
    return refund


def _decide(refund: RefundRequest, only: RefundRequest.Status, **changes: Any) -> None:
    """Change the refund if it is still in that state: the condition decides between two at once."""
    if not RefundRequest.objects.filter(pk=refund.pk, status=only).update(**changes):
        raise DecidedAlready
    refund.refresh_from_db()


def _by(staff: User, notes: str, at: datetime) -> dict[str, Any]:
    return {"decided_by": staff, "decided_at": at, "admin_notes": notes}


def _approved(attempt: GatewayPayment, amount_paise: int, origin: RefundRequest.Origin, **values: Any) -> RefundRequest:
    return RefundRequest.objects.create(
        payment_id=attempt.payment_id,
        attempt=attempt,
        amount_paise=amount_paise,
        origin=origin,
        status=_Status.APPROVED,
        idempotency_key=new_idempotency_key(),
        requested_at=values["decided_at"],
        next_attempt_at=values["decided_at"],
        **values,
    )
