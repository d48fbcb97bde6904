"""The one way forward of a payment: what the gateway says of an attempt becomes what is bought.

Checkout's answer, webhooks and the reconciler all come here with what they were told, in any order, any number
of times and at once. The status of an attempt and of a payment goes forward only, and what a capture brings (access,
invoice, posting, mail) is written with it, in one transaction, or not at all. The lock on the payment puts those
who come at once in a queue; what decides are conditional updates and constraints, and who was beaten looks again.
Locks are taken in this order: payment, attempt, coupon, access, invoice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courses.api import AlreadyBought, enrollment_id_of
from e_learning.core.api.errors import Conflict, NotThere
from e_learning.core.events import publish_on_commit
from payments.events import SurplusCaptured
from payments.gateways.base import PaymentSnapshot
from payments.invoices.ledger import post_surplus
from payments.orders.models import GatewayPayment, Payment
from payments.orders.services.capturing import book_capture, open_what_was_bought
from payments.orders.services.coupons import release_coupon

logger = logging.getLogger(__name__)
_Status = Payment.Status
_Role = GatewayPayment.Role
#: Of an attempt; each comes before the next.
_WAY = ["created", "failed", "authorized", "captured", "refunded"]
TAKEN = frozenset({"captured", "refunded"})
NOT_CAPTURED = (_Status.CREATED, _Status.FAILED, _Status.AUTHORIZED)
#: What a payment is that was captured for something bought already: the money goes back.
PAID_TWICE = "paid_twice"
Result = TypeVar("Result")
_MOST_TRIES = 5


class UnknownOrder(NotThere):
    """The gateway tells of an order that is not ours, or not yet."""

    code = "unknown_order"


class Mismatch(Conflict):
    """What the gateway says contradicts our row: another amount, currency or order. Nothing was changed."""

    code = "payment_mismatch"
    message = _("This payment doesn't belong to this order.")


class PaymentNotCaptured(Conflict):
    code = "payment_not_captured"
    message = _("The payment has not come through.")


class Beaten(Exception):
    """Another transaction changed the row between looking and writing."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How a payment stands after the gateway's word was taken in; ``role`` is that of the attempt told of."""

    payment_id: int
    status: str
    enrollment_id: int | None
    is_newly_captured: bool
    role: str


def settle_payment(
    *,
    snapshot: PaymentSnapshot,
    at: datetime,
    receipt: str | None = None,
    signature: str = "",
    as_read: Payment | None = None,
) -> Settled:
    """Take in what the gateway says of one attempt at paying one of our orders.

    The order is found by its id, or by ``receipt`` where the id was lost on its way to us, which is then kept.
    Refuses with ``UnknownOrder`` and ``Mismatch``, and has changed nothing then. The first captured attempt pays
    the order; another one, or one for a course that was bought meanwhile, is surplus, to be refunded.
    ``as_read`` is the order with its user, read a moment ago, when this attempt was not known: where that is
    still so two looks are spared, and where it isn't the constraints and conditions say so.
    """
    read = [as_read] if as_read is not None and _may_go_without_lock(as_read, snapshot) else []

    def settle(*, is_paid_twice: bool = False) -> Settled:
        payment = read.pop() if (is_as_read := bool(read)) else _held_payment(snapshot, receipt)
        refuse_mismatch(payment, snapshot)
        known = None if is_as_read else _known_attempt(payment, snapshot)
        return _Settling(payment, known, snapshot, at, signature).settled(is_paid_twice=is_paid_twice)

    try:
        return again_if_beaten(settle)
    except AlreadyBought:  # found after much was written, so it was all rolled back
        return again_if_beaten(lambda: settle(is_paid_twice=True))


def again_if_beaten(work: Callable[[], Result]) -> Result:
    """Run ``work`` as one transaction, and again where it met a row that another one wrote meanwhile."""
    for _try in range(_MOST_TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except (IntegrityError, Beaten):
            continue
    with transaction.atomic():
        return work()


def _held_payment(snapshot: PaymentSnapshot, receipt: str | None) -> Payment:
    """Return the payment of the snapshot's order, held until the commit."""
    if not snapshot.order_id:
        raise UnknownOrder
    rows = Payment.objects.select_for_update(of=("self",), no_key=True).select_related("user")
    payment = rows.filter(razorpay_order_id=snapshot.order_id).first()
    if payment is None and receipt:
        payment = rows.filter(receipt=receipt).first()
    if payment is None:
        raise UnknownOrder
    if payment.razorpay_order_id is None:
        _adopt(payment, snapshot.order_id)
    return payment


def _adopt(payment: Payment, order_id: str) -> None:
    """Keep the order's id, which the gateway's answer to us should have brought."""
    if not Payment.objects.filter(pk=payment.pk, razorpay_order_id=None).update(razorpay_order_id=order_id):
        raise Beaten
    payment.razorpay_order_id = order_id


def _may_go_without_lock(payment: Payment, snapshot: PaymentSnapshot) -> bool:
    """A capture begins by claiming the payment, which holds it as well as a look with a lock."""
    return snapshot.status in TAKEN and payment.status in NOT_CAPTURED


def _known_attempt(payment: Payment, snapshot: PaymentSnapshot) -> GatewayPayment | None:
    attempt = GatewayPayment.objects.filter(razorpay_payment_id=snapshot.id).first()
    if attempt is not None and attempt.payment_id != payment.pk:
        raise _mismatch(payment, snapshot)
    return attempt


def refuse_mismatch(payment: Payment, snapshot: PaymentSnapshot) -> None:
    """Refuse an attempt that is not for this order, or not of its amount."""
    told = (snapshot.order_id, snapshot.amount_paise, snapshot.currency)
    if told != (payment.razorpay_order_id, payment.amount_paise, payment.currency):
        raise _mismatch(payment, snapshot)


def _mismatch(payment: Payment, snapshot: PaymentSnapshot) -> Mismatch:
    logger.warning(
        "payment %s: the gateway tells of %s with %s %s for order %s, which is not what we asked for",
        payment.pk,
        snapshot.id,
        snapshot.amount_paise,
        snapshot.currency,
        snapshot.order_id,
    )
    return Mismatch()


class _Settling:
    """One payment, one attempt at it, and what is told of it."""

    def __init__(
        self,
        payment: Payment,
        known: GatewayPayment | None,
        told: PaymentSnapshot,
        at: datetime,
        signature: str,
    ) -> None:
        self.payment, self.told, self.at, self.signature = payment, told, at, signature
        self.is_new = known is None
        self.attempt = known or GatewayPayment(
            payment=payment,
            razorpay_payment_id=told.id,
            amount_paise=told.amount_paise,
            currency=told.currency,
            status=GatewayPayment.Status.CREATED,
            first_seen_at=at,
        )

    def settled(self, *, is_paid_twice: bool) -> Settled:
        was = (self.attempt.status, self.attempt.role)
        if not self.is_new and _WAY.index(self.told.status) <= _WAY.index(self.attempt.status):
            return self._outcome(enrollment_id=None, is_newly_captured=False)
        enrollment_id, is_newly_captured = None, False
        if self.told.status not in TAKEN:
            self._follow()
        elif self.attempt.role == _Role.TRYING:
            is_newly_captured = self._decide(is_paid_twice=is_paid_twice)
        self._keep_attempt(was)
        if is_newly_captured:
            enrollment_id = self._book()
        elif self.attempt.role == _Role.SURPLUS != was[1]:
            self._book_surplus()
        return self._outcome(enrollment_id=enrollment_id, is_newly_captured=is_newly_captured)

    def _follow(self) -> None:
        """An attempt that failed or was authorised: the payment follows it, unless it is further already."""
        status = self.told.status
        if status == _Status.FAILED:
            self._move((_Status.CREATED,), status=status, failure_reason=self.told.error_reason[:100])
        elif status == _Status.AUTHORIZED:
            self._move((_Status.CREATED, _Status.FAILED), status=status, authorized_at=self.at, failure_reason="")

    def _decide(self, *, is_paid_twice: bool) -> bool:
        """Give a captured attempt its role, for good; says whether it pays the order."""
        self.attempt.role = _Role.SURPLUS
        if self.payment.status not in NOT_CAPTURED:
            return False
        if is_paid_twice:
            self._move(NOT_CAPTURED, status=_Status.FAILED, failure_reason=PAID_TWICE, is_open=False)
            release_coupon(self.payment)
            return False
        captured = {"status": _Status.CAPTURED, "razorpay_payment_id": self.told.id, "completed_at": self.at}
        if self.signature:
            captured["razorpay_signature"] = self.signature
        if not self._move(NOT_CAPTURED, **captured, failure_reason="", is_open=False):
            raise Beaten
        self.attempt.role = _Role.WINNING
        return True

    def _move(self, before: tuple[str, ...], **changes: object) -> bool:
        """Move the payment on from one of ``before``; says whether it was this call's to move."""
        moved = bool(Payment.objects.filter(pk=self.payment.pk, status__in=before).update(**changes))
        if moved:
            for name, value in changes.items():
                setattr(self.payment, name, value)
        return moved

    def _keep_attempt(self, was: tuple[str, str]) -> None:
        """Write the attempt; the constraint lets one win. A row that another one moved meanwhile is looked at again."""
        attempt, told = self.attempt, self.told
        attempt.status = told.status
        attempt.method = told.method[:20] or attempt.method
        attempt.error_reason = told.error_reason[:100]
        attempt.fee_paise = told.fee_paise if told.fee_paise is not None else attempt.fee_paise
        if told.status in TAKEN:
            attempt.captured_at = attempt.captured_at or self.at
        if self.is_new:
            attempt.save(force_insert=True)
            return
        fields = ("status", "role", "method", "error_reason", "fee_paise", "captured_at")
        untouched = GatewayPayment.objects.filter(pk=attempt.pk, status=was[0], role=was[1])
        if not untouched.update(**{name: getattr(attempt, name) for name in fields}):
            raise Beaten

    def _book(self) -> int | None:
        enrollment_id = open_what_was_bought(self.payment, at=self.at)
        book_capture(self.payment, at=self.at)
        return enrollment_id

    def _book_surplus(self) -> None:
        post_surplus(
            attempt_id=self.attempt.pk, payment_id=self.payment.pk, amount_paise=self.told.amount_paise, at=self.at
        )
        publish_on_commit(SurplusCaptured(attempt_id=self.attempt.pk))

    def _outcome(self, *, enrollment_id: int | None, is_newly_captured: bool) -> Settled:
        payment = self.payment
        if enrollment_id is None and payment.course_id is not None and payment.status not in NOT_CAPTURED:
            enrollment_id = enrollment_id_of(user_id=payment.user_id, course_id=payment.course_id)
        return Settled(payment.pk, payment.status, enrollment_id, is_newly_captured, self.attempt.role)
