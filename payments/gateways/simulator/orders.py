"""Orders, and what buyers and their banks do about them."""

from typing import Literal

from payments.gateways.simulator.desk import (
    Body,
    Desk,
    Entity,
    WireError,
    amount_in,
    currency_in,
    notes_in,
    only,
    receipt_in,
)

Outcome = Literal["success", "failure", "authorize"]
_FEE_PERCENT = 2
_GST_PERCENT = 18


def create_order(desk: Desk, body: Body) -> Entity:
    """Open an order. Receipts are not held to be unique: a caller that asks twice has two orders."""
    only(body, allowed=("amount", "currency", "receipt", "notes", "partial_payment"), required=("amount", "currency"))
    amount, receipt = amount_in(body), receipt_in(body)
    order = {
        "id": desk.new_id("order_"),
        "entity": "order",
        "amount": amount,
        "amount_paid": 0,
        "amount_due": amount,
        "currency": currency_in(body),
        "receipt": receipt,
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": notes_in(body),
        "created_at": desk.now(),
    }
    desk.store.add("order", order, label=receipt or "")
    return order


def pay_order(desk: Desk, order_id: str, *, outcome: Outcome = "success", even_if_paid: bool = False) -> Entity:
    """The buyer pays: an attempt that is captured by itself, declined, or only authorised. Returns the payment.

    ``even_if_paid``: Razorpay means to let one attempt an order through, and a buyer with two phones has been seen
    to pay twice all the same.
    """
    order = desk.found("order", order_id, for_change=True)
    if order["status"] == "paid" and not even_if_paid:
        raise WireError("This order is already paid.", reason="order_already_paid")
    order |= {"attempts": order["attempts"] + 1}
    if order["status"] == "created":
        order["status"] = "attempted"
    desk.store.put("order", order)
    payment = _new_payment(desk, order)
    desk.store.add("payment", payment, parent=order_id)
    if outcome == "failure":
        return _decline(desk, payment)
    _authorize(desk, payment)
    return _take(desk, payment, order) if outcome == "success" else payment


def authorize_late(desk: Desk, payment_id: str) -> Entity:
    """The bank changes its mind: a declined attempt turns out authorised, up to three days later."""
    payment = desk.found("payment", payment_id, for_change=True)
    if payment["status"] != "failed":
        raise WireError("The payment has not failed.")
    return _authorize(desk, payment | {f"error_{name}": None for name in _ERROR_FIELDS})


def capture(desk: Desk, payment_id: str, body: Body) -> Entity:
    """The shop takes an authorised payment, in full."""
    only(body, allowed=("amount", "currency"), required=("amount", "currency"))
    payment = desk.found("payment", payment_id, for_change=True)
    if payment["captured"]:
        raise WireError("This payment has already been captured", reason="payment_already_captured")
    if payment["status"] != "authorized":
        raise WireError("The payment status should be authorized for action to be taken", reason="invalid_state")
    if amount_in(body) != payment["amount"] or body["currency"] != payment["currency"]:
        raise WireError("Capture amount must be equal to the amount authorized", field="amount")
    order = desk.found("order", payment["order_id"], for_change=True)
    return _take(desk, payment, order)


_ERROR_FIELDS = ("code", "description", "source", "step", "reason")


def _new_payment(desk: Desk, order: Entity) -> Entity:
    return {
        "id": desk.new_id("pay_"),
        "entity": "payment",
        "amount": order["amount"],
        "currency": order["currency"],
        "status": "created",
        "order_id": order["id"],
        "invoice_id": order.get("_invoice_id"),
        "international": False,
        "method": "upi",
        "amount_refunded": 0,
        "refund_status": None,
        "captured": False,
        "description": None,
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": "buyer@upi",
        "email": "buyer@example.com",
        "contact": "+919999999999",
        "notes": order["notes"],
        "fee": None,
        "tax": None,
        **{f"error_{name}": None for name in _ERROR_FIELDS},
        "acquirer_data": {"rrn": None},
        "created_at": desk.now(),
    }


def _decline(desk: Desk, payment: Entity) -> Entity:
    payment |= {
        "status": "failed",
        "error_code": "BAD_REQUEST_ERROR",
        "error_description": "Payment was unsuccessful as it was declined by the bank.",
        "error_source": "bank",
        "error_step": "payment_authorization",
        "error_reason": "payment_failed",
    }
    desk.store.put("payment", payment)
    desk.event("payment.failed", payment=payment)
    return payment


def _authorize(desk: Desk, payment: Entity) -> Entity:
    payment |= {"status": "authorized", "acquirer_data": {"rrn": "000000000000"}}
    desk.store.put("payment", payment)
    desk.event("payment.authorized", payment=payment)
    return payment


def _take(desk: Desk, payment: Entity, order: Entity) -> Entity:
    """Capture: the fee is two percent and holds its GST."""
    fee = (payment["amount"] * _FEE_PERCENT + 50) // 100
    tax = (fee * _GST_PERCENT + 50) // 100
    payment |= {"status": "captured", "captured": True, "fee": fee + tax, "tax": tax}
    order |= {"status": "paid", "amount_paid": order["amount"], "amount_due": 0}
    desk.store.put("payment", payment)
    desk.store.put("order", order)
    desk.event("payment.captured", payment=payment)
    desk.event("order.paid", payment=payment, order=order)
    return payment
