"""Asking about orders: those that nobody is known to have paid, and those that were captured lately.

A captured order is asked about too: it may have been paid a second time, or refunded at the gateway, and the
webhook that told of it may have been lost.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, Sum

from payments.gateways.base import GatewayRefused, PaymentSnapshot
from payments.orders.models import GatewayPayment, Payment
from payments.orders.services import settle_payment
from payments.orders.services.settling import NOT_CAPTURED, PAID_TWICE, TAKEN
from payments.reconciliation.services.passes import Pass
from payments.refunds.models import RefundRequest
from payments.refunds.services import settle_refund

#: Where no other number is given, captured payments are asked about for as long as somebody may ask them back, and on.
_DAYS_AFTER_THE_WINDOW = 30


def ask_about_orders(run: Pass) -> None:
    """Ask about every order that isn't final, then about what was captured lately."""
    of_gateway = Payment.objects.filter(gateway=run.gateway.name, amount_paise__gt=0)
    watched = run.now - timedelta(days=run.days or settings.PAYMENT_WATCH_DAYS)
    run.over("orders", of_gateway.filter(status__in=NOT_CAPTURED, created_at__gte=watched), _ask_about_order)
    days = run.days or settings.REFUND_WINDOW_DAYS + _DAYS_AFTER_THE_WINDOW
    captured = of_gateway.filter(completed_at__gte=run.now - timedelta(days=days))
    run.over("captured payments", captured, _ask_about_captured)


def _ask_about_order(run: Pass, payment: Payment) -> None:
    order_id = payment.razorpay_order_id or _lost_order_id(run, payment)
    if order_id is None:
        return
    told = run.gateway.payments_of_order(order_id)
    _settle_all(run, payment, told)
    if not any(one.status in TAKEN for one in told):
        _capture_one(run, payment, told)
    _settle_refunds(run, told)


def _lost_order_id(run: Pass, payment: Payment) -> str | None:
    """Look for the order whose id was lost with the gateway's answer, and keep it.

    Not while somebody is waiting for that answer. None where the gateway has no such order: the row is closed
    with its time, or asks again under the same receipt.
    """
    if payment.calling_until is not None and payment.calling_until > run.now:
        return None
    order = run.gateway.find_order(receipt=payment.receipt)
    if order is None or (order.amount_paise, order.currency) != (payment.amount_paise, payment.currency):
        return None
    unknown = Payment.objects.filter(pk=payment.pk, razorpay_order_id=None)
    if unknown.update(razorpay_order_id=order.id):
        run.mended(f"payment:{payment.pk}", f"its order {order.id} was found by receipt")
    return order.id


def _settle_all(run: Pass, payment: Payment, told: list[PaymentSnapshot]) -> None:
    """Settle every attempt: those that were captured first, so that none is taken beside them."""
    for snapshot in sorted(told, key=lambda one: (one.status not in TAKEN, one.created_at, one.id)):
        _settle(run, payment, snapshot)


def _settle(run: Pass, payment: Payment, snapshot: PaymentSnapshot) -> None:
    role_before = _role_of(snapshot)
    settled = settle_payment(snapshot=snapshot, at=run.now, receipt=payment.receipt)
    if settled.is_newly_captured:
        run.mended(f"payment:{payment.pk}", f"{snapshot.id} was captured, and nobody had told us")
    elif settled.role == GatewayPayment.Role.SURPLUS != role_before:
        run.mended(f"payment:{payment.pk}", f"{snapshot.id} paid a second time ({PAID_TWICE}) and goes back")


def _role_of(snapshot: PaymentSnapshot) -> str | None:
    rows = GatewayPayment.objects.filter(razorpay_payment_id=snapshot.id)
    return rows.values_list("role", flat=True).first()


def _capture_one(run: Pass, payment: Payment, told: list[PaymentSnapshot]) -> None:
    """Take the first authorised attempt. One is enough; the gateway gives others back by itself."""
    for snapshot in told:
        if snapshot.status != GatewayPayment.Status.AUTHORIZED:
            continue
        try:
            taken = run.gateway.capture(snapshot.id, amount_paise=payment.amount_paise, currency=payment.currency)
        except GatewayRefused as refusal:
            run.failed(f"payment:{payment.pk}", f"{snapshot.id} was not captured: {refusal}")
            continue
        _settle(run, payment, taken)
        return


def _ask_about_captured(run: Pass, payment: Payment) -> None:
    """A charge of a subscription has no order of ours, and no second attempt."""
    if payment.razorpay_order_id is None:
        assert payment.razorpay_payment_id is not None  # attempts_and_status of the audit
        _settle_refunds(run, [run.gateway.payment(payment.razorpay_payment_id)])
        return
    told = run.gateway.payments_of_order(payment.razorpay_order_id)
    _settle_all(run, payment, told)
    _settle_refunds(run, told)


def _settle_refunds(run: Pass, told: list[PaymentSnapshot]) -> None:
    """Where more went back of an attempt than we know of, ask which refunds those were."""
    for snapshot in told:
        if snapshot.amount_refunded_paise > _known_to_be_refunded(snapshot):
            settle_refunds_of(run, snapshot)


def settle_refunds_of(run: Pass, snapshot: PaymentSnapshot) -> None:
    """Settle every refund that the gateway knows of this attempt."""
    for refund in run.gateway.refunds_of_payment(snapshot.id):
        known = RefundRequest.objects.filter(razorpay_refund_id=refund.id).values_list("status", flat=True).first()
        settled = settle_refund(snapshot=refund, payment_snapshot=snapshot, at=run.now)
        if settled is not None and settled.status != known:
            run.mended(f"refund:{settled.pk}", f"{refund.id} is {settled.status}, and was {known or 'not known'}")


def _known_to_be_refunded(snapshot: PaymentSnapshot) -> int:
    processed = RefundRequest.objects.filter(
        Q(status=RefundRequest.Status.PROCESSED), attempt__razorpay_payment_id=snapshot.id
    )
    return int(processed.aggregate(paise=Sum("amount_paise"))["paise"] or 0)
