"""Payments that were captured, and what the gateway tells of refunds of them."""

from typing import Any

from django.utils import timezone

from accounts.models import CustomUser
from courses.models import Course
from payments.gateways import gateway
from payments.gateways.base import RefundSnapshot
from payments.models import GatewayPayment, Payment, Plan, RefundRequest
from payments.orders.services import settle_payment
from payments.refunds.services import request_refund, settle_refund
from tests.payments.factories import gateway_id, make_order, payment_told, refund_told
from tests.payments.razorpay_server import RazorpayServer


def paid_for(user: CustomUser, bought: Course | Plan, **fields: Any) -> Payment:
    """Return an order of ``bought`` that was paid and captured just now."""
    payment = make_order(user, bought, **fields)
    settle_payment(snapshot=payment_told(payment), at=timezone.now())
    payment.refresh_from_db()
    return payment


def bought_at(razorpay: RazorpayServer, user: CustomUser, bought: Course | Plan) -> Payment:
    """Return a payment that was ordered, paid and captured at ``razorpay`` too."""
    payment = make_order(user, bought, gateway="razorpay", razorpay_order_id=None)
    order = gateway().create_order(
        amount_paise=payment.amount_paise, currency=payment.currency, receipt=payment.receipt, notes={}
    )
    Payment.objects.filter(pk=payment.pk).update(razorpay_order_id=order.id)
    paid = razorpay.pay(order.id)
    settle_payment(snapshot=gateway().payment(paid["razorpay_payment_id"]), at=timezone.now())
    payment.refresh_from_db()
    return payment


def pay_twice(payment: Payment) -> GatewayPayment:
    """Pay a paid order again, and return the attempt that is surplus."""
    snapshot = payment_told(payment)
    settle_payment(snapshot=snapshot, at=timezone.now())
    return GatewayPayment.objects.get(razorpay_payment_id=snapshot.id)


def asked_back(payment: Payment, amount_paise: int | None = None, **fields: Any) -> RefundRequest:
    """Let the buyer ask for a refund."""
    values: dict[str, Any] = {"reason": "Not what I hoped for.", "at": timezone.now()} | fields
    return request_refund(user=payment.user, payment_id=payment.pk, amount_paise=amount_paise, **values)


def made_at_dashboard(payment: Payment, amount_paise: int, status: str = "processed", **fields: Any) -> RefundSnapshot:
    """Return what the gateway tells of a refund that nobody asked for through us."""
    attempt = payment.attempts.get(role="winning")
    stands_for = RefundRequest(payment=payment, attempt=attempt, amount_paise=amount_paise)
    return refund_told(stands_for, status, **({"id": gateway_id("rfnd"), "notes": {}} | fields))


def tell(snapshot: RefundSnapshot) -> RefundRequest | None:
    """Settle what is told, and return the row as it then is."""
    refund = settle_refund(snapshot=snapshot, payment_snapshot=None, at=timezone.now())
    if refund is not None:
        refund.refresh_from_db()
    return refund


def standing(payment: Payment) -> tuple[str, int, int]:
    """Return the payment's status, and the paise reserved and refunded."""
    payment.refresh_from_db()
    return payment.status, payment.refund_reserved_paise, payment.refunded_paise
