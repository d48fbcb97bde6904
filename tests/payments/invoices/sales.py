"""Sales and refunds as rows, with their documents and postings: what the rooms above leave behind, without them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction

from accounts.models import CustomUser
from payments.invoices.ledger import post_capture, post_refund
from payments.invoices.services import issue_credit_note, issue_invoice
from payments.invoices.taxes import tax_inside
from payments.models import GatewayPayment, Invoice, Payment, Plan, RefundRequest

GST = Decimal(18)
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def captured(buyer: CustomUser, *, amount: int = 49900, rate: Decimal = GST, at: datetime = AT) -> Payment:
    """Return a captured payment for a plan, its attempt and its posting; the invoice is the test's to ask for."""
    plan, _ = Plan.objects.get_or_create(
        slug="premium", defaults={"tier": "premium", "name": "Premium", "price_paise": 49900}
    )
    attempt_id = f"pay_{uuid4().hex[:14]}"
    payment = Payment.objects.create(
        user=buyer,
        plan=plan,
        description="Premium, a month",
        list_price_paise=amount,
        amount_paise=amount,
        tax_paise=tax_inside(amount, rate),
        gst_rate=rate,
        currency="INR",
        gateway="sandbox",
        status="captured",
        is_open=False,
        receipt=uuid4().hex,
        razorpay_payment_id=attempt_id if amount else None,
        created_at=at,
        expires_at=at + timedelta(minutes=30),
        completed_at=at,
    )
    if amount:
        GatewayPayment.objects.create(
            payment=payment,
            razorpay_payment_id=attempt_id,
            amount_paise=amount,
            currency="INR",
            status="captured",
            role="winning",
            captured_at=at,
        )
    post_capture(payment_id=payment.pk, amount_paise=amount, tax_paise=payment.tax_paise, at=at)
    return payment


def invoice_for(payment: Payment, **facts: Any) -> Invoice | None:
    values: dict[str, Any] = {
        "payment_id": payment.pk,
        "buyer_name": payment.user.full_name,
        "buyer_email": payment.user.email,
        "place_of_supply": "",
        "description": payment.description,
        "total_paise": payment.amount_paise,
        "gst_rate": payment.gst_rate,
        "currency": payment.currency,
        "at": payment.completed_at,
    }
    return issue_invoice(**(values | facts))


def sold(buyer: CustomUser, *, amount: int = 49900, rate: Decimal = GST, at: datetime = AT, **facts: Any) -> Invoice:
    """Return the invoice of a new captured payment."""
    with transaction.atomic():
        invoice = invoice_for(captured(buyer, amount=amount, rate=rate, at=at), **facts)
    assert invoice is not None
    return invoice


def refunded(payment: Payment, amount: int, *, at: datetime = AT) -> RefundRequest:
    """Return a processed refund, counted on its payment; its credit note and posting are still to be written."""
    refund = RefundRequest.objects.create(
        payment=payment,
        attempt=payment.attempts.get(),
        amount_paise=amount,
        status="processed",
        origin="staff",
        idempotency_key=uuid4().hex,
        processed_at=at,
    )
    payment.refunded_paise += amount
    payment.refund_reserved_paise += amount
    payment.status = "refunded" if payment.refunded_paise == payment.amount_paise else "partially_refunded"
    payment.save(update_fields=["refunded_paise", "refund_reserved_paise", "status"])
    return refund


def given_back(invoice: Invoice, amount: int, *, at: datetime = AT) -> Invoice:
    """Return the credit note of a new refund of the invoice's payment."""
    with transaction.atomic():
        refund = refunded(Payment.objects.select_for_update().get(pk=invoice.payment_id), amount, at=at)
        note = issue_credit_note(refund_id=refund.pk, payment_id=refund.payment_id, amount_paise=amount, at=at)
        assert note is not None
        post_refund(
            refund_id=refund.pk,
            payment_id=refund.payment_id,
            amount_paise=amount,
            tax_paise=note.cgst_paise + note.sgst_paise + note.igst_paise,
            at=at,
        )
    return note
