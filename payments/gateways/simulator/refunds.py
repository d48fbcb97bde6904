"""Refunds, and disputes: money that goes back because the shop, or the buyer's bank, says so."""

import json
import re
from typing import Literal

from payments.gateways.simulator.desk import (
    Body,
    Desk,
    Entity,
    KeyReused,
    WireError,
    amount_in,
    notes_in,
    only,
    receipt_in,
)

_KEY = re.compile(r"[A-Za-z0-9_-]{10,64}")
_TWO_WEEKS = 14 * 24 * 3600
DisputeEnd = Literal["won", "lost", "closed"]


def create_refund(desk: Desk, payment_id: str, body: Body, *, key: str | None = None) -> Entity:
    """Take a refund in: pending, until ``finish_refund``. The same key with the same body is the same refund."""
    only(body, allowed=("amount", "speed", "notes", "receipt"))
    if key is not None and not _KEY.fullmatch(key):
        raise WireError("The idempotency key must have 10 or more letters, digits, hyphens or underscores.")
    payment = desk.found("payment", payment_id, for_change=True)
    asked = json.dumps(dict(body), sort_keys=True)
    if key is not None:
        before = desk.store.listed("refund", parent=payment_id, label=key)
        if before:
            return _same(before[0], asked)
    amount = _refundable(payment, body)
    refund = _new_refund(desk, payment, body, amount)
    desk.store.add("refund", refund | {"_asked": asked}, parent=payment_id, label=key or "")
    _count(desk, payment, amount)
    desk.event("refund.created", refund=refund, payment=payment)
    return refund


def finish_refund(desk: Desk, refund_id: str, *, outcome: Literal["processed", "failed"] = "processed") -> Entity:
    """The banks are done: the money has arrived, or has come back to the shop. Finished ones stay as they are."""
    refund = desk.found("refund", refund_id, for_change=True)
    if refund["status"] != "pending":
        return refund
    refund["status"] = outcome
    if outcome == "processed":
        refund["acquirer_data"] = {"arn": "10000000000000"}
    desk.store.put("refund", refund)
    payment = desk.found("payment", refund["payment_id"], for_change=True)
    if outcome == "failed":
        _count(desk, payment, -refund["amount"])
    desk.event(f"refund.{outcome}", refund=refund, payment=payment)
    return refund


def open_dispute(desk: Desk, payment_id: str, *, amount: int | None = None) -> Entity:
    """The buyer's bank asks for the money back."""
    payment = desk.found("payment", payment_id, for_change=True)
    dispute = {
        "id": desk.new_id("disp_"),
        "entity": "dispute",
        "payment_id": payment_id,
        "amount": amount or payment["amount"],
        "currency": payment["currency"],
        "amount_deducted": 0,
        "gateway_dispute_id": None,
        "reason_code": "goods_or_services_not_received_or_partially_received",
        "respond_by": desk.now() + _TWO_WEEKS,
        "status": "open",
        "phase": "chargeback",
        "comments": None,
        "created_at": desk.now(),
    }
    desk.store.add("dispute", dispute, parent=payment_id)
    desk.event("payment.dispute.created", payment=payment, dispute=dispute)
    return dispute


def close_dispute(desk: Desk, dispute_id: str, *, outcome: DisputeEnd) -> Entity:
    """The bank has decided. Lost: the amount was taken from the shop."""
    dispute = desk.found("dispute", dispute_id, for_change=True)
    dispute |= {"status": outcome, "amount_deducted": dispute["amount"] if outcome == "lost" else 0}
    desk.store.put("dispute", dispute)
    desk.event(f"payment.dispute.{outcome}", payment=desk.found("payment", dispute["payment_id"]), dispute=dispute)
    return dispute


def _same(refund: Entity, asked: str) -> Entity:
    if refund["_asked"] != asked:
        raise KeyReused
    return refund


def _refundable(payment: Entity, body: Body) -> int:
    if not payment["captured"]:
        raise WireError("The payment status should be captured for action to be taken", reason="invalid_state")
    left = payment["amount"] - payment["amount_refunded"]
    if not left:
        raise WireError("The payment has been fully refunded already", reason="payment_fully_refunded")
    amount = amount_in(body) if body.get("amount") is not None else left
    if amount > left:
        raise WireError("The refund amount provided is greater than amount captured", field="amount")
    return int(amount)


def _new_refund(desk: Desk, payment: Entity, body: Body, amount: int) -> Entity:
    speed = body.get("speed", "normal")
    if speed not in ("normal", "optimum"):
        raise WireError("The selected speed is invalid.", field="speed")
    return {
        "id": desk.new_id("rfnd_"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": notes_in(body),
        "receipt": receipt_in(body),
        "acquirer_data": {"arn": None},
        "created_at": desk.now(),
        "batch_id": None,
        "status": "pending",
        "speed_processed": "normal",
        "speed_requested": speed,
    }


def _count(desk: Desk, payment: Entity, amount: int) -> None:
    """Keep the payment's sums: what is on its way back counts from the start, and no longer once it failed."""
    refunded = payment["amount_refunded"] + amount
    is_full = refunded == payment["amount"]
    payment |= {
        "amount_refunded": refunded,
        "refund_status": "full" if is_full else "partial" if refunded else None,
        "status": "refunded" if is_full else "captured",
    }
    desk.store.put("payment", payment)
