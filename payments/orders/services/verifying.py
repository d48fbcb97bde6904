"""Checkout's answer, brought by the buyer: proved, looked up at the gateway, and settled."""

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.api import enrollment_id_of
from e_learning.core.api.errors import Conflict, InvalidInput, NotThere
from payments.gateways import gateway
from payments.gateways.base import PaymentSnapshot
from payments.orders.models import GatewayPayment, Payment
from payments.orders.services.charging import record_charge
from payments.orders.services.settling import NOT_CAPTURED, PaymentNotCaptured, refuse_mismatch, settle_payment
from payments.subscriptions.models import Subscription
from payments.subscriptions.services import settle_subscription

_Role = GatewayPayment.Role


class InvalidSignature(InvalidInput):
    code = "invalid_signature"
    message = _("This answer doesn't come from the payment service.")

    def __init__(self) -> None:
        super().__init__(attr="razorpay_signature")


class PaidTwice(Conflict):
    code = "paid_twice"
    message = _("This was paid for already. What you paid now is refunded.")


@dataclass(frozen=True, slots=True)
class Verified:
    """How the payment stands; no course and no enrolment where a plan was bought."""

    payment_id: int
    status: str
    course_id: int | None
    enrollment_id: int | None


def verify_payment(
    *,
    user: User,
    razorpay_payment_id: str,
    razorpay_signature: str,
    razorpay_order_id: str | None = None,
    razorpay_subscription_id: str | None = None,
) -> Verified:
    """Take in checkout's answer for an order or a subscription of ``user``'s, any number of times and at once.

    Refuses with 404 (nothing of theirs), 400 ``invalid_signature``, 409 ``payment_mismatch``, 409
    ``payment_not_captured``, 409 ``paid_twice``, and 503 where the gateway has to be asked and does not answer.
    The signature proves that the gateway knows of the payment; only the gateway's word says that it was
    captured. What we know to be captured is answered from rows.
    """
    if razorpay_subscription_id is not None:
        return _verify_charge(user, razorpay_subscription_id, razorpay_payment_id, razorpay_signature)
    return _verify_order(user, razorpay_order_id or "", razorpay_payment_id, razorpay_signature)


def _verify_order(user: User, order_id: str, payment_id: str, signature: str) -> Verified:
    payment = _own_order(user, order_id, payment_id)
    # Over the order's id of our row: a signature for another order must not open this one.
    if not gateway().is_checkout_signature_valid(
        order_id=payment.razorpay_order_id, payment_id=payment_id, signature=signature
    ):
        raise InvalidSignature
    if payment.role in {_Role.WINNING, _Role.SURPLUS}:
        return _answer(payment, role=payment.role, status=payment.status, enrollment_id=None)
    snapshot = _taken_at_gateway(payment, payment_id)
    as_read = payment if payment.role is None else None
    settled = settle_payment(snapshot=snapshot, at=timezone.now(), signature=signature, as_read=as_read)
    return _answer(payment, role=settled.role, status=settled.status, enrollment_id=settled.enrollment_id)


def _verify_charge(user: User, subscription_id: str, payment_id: str, signature: str) -> Verified:
    now, provider = timezone.now(), gateway()
    subscription = Subscription.objects.filter(user=user, razorpay_subscription_id=subscription_id).first()
    if subscription is None:
        raise NotThere
    if not provider.is_subscription_signature_valid(
        payment_id=payment_id, subscription_id=subscription_id, signature=signature
    ):
        raise InvalidSignature
    known = Payment.objects.filter(subscription=subscription, razorpay_payment_id=payment_id).first()
    if known is None:
        charge, told = provider.payment(payment_id), provider.subscription(subscription_id)
        subscription = settle_subscription(snapshot=told, at=now, is_fresh=True)
        known = record_charge(subscription=subscription, snapshot=charge, at=now)
    return Verified(known.pk, known.status, None, None)


def _own_order(user: User, order_id: str, payment_id: str) -> Any:
    """Return the payment of the order with the ``role`` of the attempt that is brought, None where that is new."""
    attempt = GatewayPayment.objects.filter(payment=OuterRef("pk"), razorpay_payment_id=payment_id)
    orders = Payment.objects.owned_by(user).filter(razorpay_order_id=order_id)
    payment = orders.annotate(role=Subquery(attempt.values("role"))).first()
    if payment is None:
        raise NotThere
    payment.user = user
    return payment


def _taken_at_gateway(payment: Payment, payment_id: str) -> PaymentSnapshot:
    """Return what the gateway says; what was only authorised is captured first, unless the order is paid already."""
    provider = gateway()
    snapshot = provider.payment(payment_id)
    refuse_mismatch(payment, snapshot)
    if snapshot.status == GatewayPayment.Status.AUTHORIZED and payment.status in NOT_CAPTURED:
        return provider.capture(payment_id, amount_paise=payment.amount_paise, currency=payment.currency)
    return snapshot


def _answer(payment: Payment, *, role: str, status: str, enrollment_id: int | None) -> Verified:
    if role == _Role.SURPLUS:
        raise PaidTwice
    if status in NOT_CAPTURED:
        raise PaymentNotCaptured
    if enrollment_id is None and payment.course_id is not None:
        enrollment_id = enrollment_id_of(user_id=payment.user_id, course_id=payment.course_id)
    return Verified(payment.pk, status, payment.course_id, enrollment_id)
