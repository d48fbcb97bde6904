"""A learner asks for money back."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.api import learned_percent
from e_learning.core.api.errors import Conflict, NotThere
from payments.orders.models import Payment
from payments.refunds.models import RefundRequest
from payments.refunds.services.reserving import (
    OPEN,
    RefundTooLarge,
    check_captured,
    new_idempotency_key,
    refuse_crumbs,
    reserve,
    what_is_left,
    winning_attempt,
)


class WindowPassed(Conflict):
    code = "refund_window_passed"
    message = _("The time in which a refund can be asked for is over.")


class ProgressPassed(Conflict):
    code = "refund_progress_passed"
    message = _("Too much of the course was learnt for a refund.")


class RequestedAlready(Conflict):
    code = "refund_requested_already"
    message = _("A refund of this payment was asked for already.")


@transaction.atomic
def request_refund(
    *, user: User, payment_id: int, reason: str, amount_paise: int | None, at: datetime
) -> RefundRequest:
    """Ask for ``amount_paise`` of an own payment back, or for all that is left; staff decide.

    Refuses, in this order: 404 (absent or not own), 409 ``payment_not_captured``, ``refund_window_passed``,
    ``refund_progress_passed`` (of a course), ``refund_requested_already``, ``refund_too_small`` and
    ``refund_too_large``.
    """
    payment = Payment.objects.owned_by(user).select_for_update(no_key=True).filter(pk=payment_id).first()
    if payment is None:
        raise NotThere
    check_captured(payment)
    _check_window(payment, at)
    _check_progress(payment)
    request = _written(payment, reason=reason, amount_paise=amount_paise or what_is_left(payment), at=at)
    refuse_crumbs(payment, request.amount_paise)
    reserve(payment_id=payment.pk, amount_paise=request.amount_paise)
    return request


def _check_window(payment: Payment, at: datetime) -> None:
    assert payment.completed_at is not None  # captured_has_its_time
    if at > payment.completed_at + timedelta(days=settings.REFUND_WINDOW_DAYS):
        raise WindowPassed


def _check_progress(payment: Payment) -> None:
    if payment.course_id is None:  # a plan opens many courses: its window alone decides
        return
    if learned_percent(user_id=payment.user_id, course_id=payment.course_id) > settings.REFUND_PROGRESS_PERCENT:
        raise ProgressPassed


def _written(payment: Payment, *, reason: str, amount_paise: int, at: datetime) -> RefundRequest:
    """Write the request. That a payment has one open request is decided by the constraint, not by a look before."""
    if amount_paise == 0:  # nothing is left: asked for by an open request, or gone back
        is_asked_for = payment.refunds.filter(origin=RefundRequest.Origin.LEARNER, status__in=OPEN).exists()
        raise RequestedAlready if is_asked_for else RefundTooLarge
    try:
        with transaction.atomic():
            return RefundRequest.objects.create(
                payment=payment,
                attempt=winning_attempt(payment),
                amount_paise=amount_paise,
                origin=RefundRequest.Origin.LEARNER,
                reason=reason,
                idempotency_key=new_idempotency_key(),
                requested_at=at,
            )
    except IntegrityError as error:
        raise RequestedAlready from error
