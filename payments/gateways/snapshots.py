"""What the gateway said of an order, a payment, a refund, a plan or a subscription, at one moment.

Answers of the API and payloads of webhooks carry the same entities, so both are read here. Read tolerantly in
what documents and samples disagree on (empty notes are ``[]``, ``captured`` may be ``"1"``, fields may be absent) and
strictly in what money hangs on: ids, amounts, currencies and states. Whatever fits no column is nonsense.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_ID = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,15}")
_MOST_PAISE = 10**15
_LAST_SECOND = 253_402_300_799  # of the year 9999
_ORDER_STATUSES = frozenset({"created", "attempted", "paid"})
_PAYMENT_STATUSES = frozenset({"created", "authorized", "captured", "refunded", "failed"})
_REFUND_STATUSES = frozenset({"pending", "processed", "failed"})
_SUBSCRIPTION_STATUSES = frozenset(
    {"created", "authenticated", "active", "pending", "halted", "paused", "cancelled", "completed", "expired"}
)
_PERIODS = frozenset({"daily", "weekly", "monthly", "quarterly", "yearly"})


class BadSnapshot(ValueError):
    """The gateway's words make no sense; the message names the field and never its value."""


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    id: str
    amount_paise: int
    currency: str
    receipt: str | None
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentSnapshot:
    """``status``: created, authorized, captured, refunded or failed. ``tax_paise`` is the GST inside ``fee_paise``."""

    id: str
    order_id: str | None
    amount_paise: int
    currency: str
    status: str
    amount_refunded_paise: int
    method: str
    error_reason: str
    fee_paise: int | None
    tax_paise: int | None
    subscription_id: str | None
    invoice_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """``status``: pending, processed or failed."""

    id: str
    payment_id: str
    amount_paise: int
    currency: str
    status: str
    receipt: str | None
    notes: dict[str, str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    id: str
    period: str
    interval: int
    name: str
    amount_paise: int
    currency: str


@dataclass(frozen=True, slots=True)
class SubscriptionSnapshot:
    """``status`` is one of Razorpay's nine words; ``paid_count`` counts the cycles charged so far."""

    id: str
    plan_id: str
    status: str
    current_start: datetime | None
    current_end: datetime | None
    ended_at: datetime | None
    paid_count: int
    has_scheduled_changes: bool
    short_url: str
    notes: dict[str, str]


def order_snapshot(entity: object) -> OrderSnapshot:
    """Read an order. Raises ``BadSnapshot``."""
    fields = _fields_of(entity)
    return OrderSnapshot(
        id=_id(fields, "id"),
        amount_paise=_paise(fields, "amount"),
        currency=_currency(fields),
        receipt=_text(fields, "receipt", 40) or None,
        status=_one_of(_ORDER_STATUSES, fields, "status"),
        created_at=_time(fields, "created_at"),
    )


def payment_snapshot(entity: object) -> PaymentSnapshot:
    """Read a payment. ``captured`` is not looked at: samples disagree on its type, ``status`` says the same."""
    fields = _fields_of(entity)
    amount, refunded = _paise(fields, "amount"), _paise_or_none(fields, "amount_refunded") or 0
    if refunded > amount:
        raise BadSnapshot("amount_refunded")
    return PaymentSnapshot(
        id=_id(fields, "id"),
        order_id=_id_or_none(fields, "order_id"),
        amount_paise=amount,
        currency=_currency(fields),
        status=_one_of(_PAYMENT_STATUSES, fields, "status"),
        amount_refunded_paise=refunded,
        method=_text(fields, "method", 20),
        error_reason=_text(fields, "error_reason", 100),
        fee_paise=_paise_or_none(fields, "fee"),
        tax_paise=_paise_or_none(fields, "tax"),
        subscription_id=_id_or_none(fields, "subscription_id"),
        invoice_id=_id_or_none(fields, "invoice_id"),
        created_at=_time(fields, "created_at"),
    )


def refund_snapshot(entity: object) -> RefundSnapshot:
    """Read a refund. Older samples have no ``status``: nothing is known of it then, so it counts as pending."""
    fields = _fields_of(entity)
    return RefundSnapshot(
        id=_id(fields, "id"),
        payment_id=_id(fields, "payment_id"),
        amount_paise=_paise(fields, "amount"),
        currency=_currency(fields),
        status=_one_of(_REFUND_STATUSES, fields, "status") if fields.get("status") is not None else "pending",
        receipt=_text(fields, "receipt", 40) or None,
        notes=_notes(fields),
        created_at=_time(fields, "created_at"),
    )


def plan_snapshot(entity: object) -> PlanSnapshot:
    """Read a plan; price and name stand in its item."""
    fields = _fields_of(entity)
    item = _fields_of(fields.get("item"))
    return PlanSnapshot(
        id=_id(fields, "id"),
        period=_one_of(_PERIODS, fields, "period"),
        interval=_whole(fields, "interval"),
        name=_text(item, "name", 250),
        amount_paise=_paise(item, "amount"),
        currency=_currency(item),
    )


def subscription_snapshot(entity: object) -> SubscriptionSnapshot:
    """Read a subscription. One that was never charged has no period, and ``paid_count`` 0."""
    fields = _fields_of(entity)
    return SubscriptionSnapshot(
        id=_id(fields, "id"),
        plan_id=_id(fields, "plan_id"),
        status=_one_of(_SUBSCRIPTION_STATUSES, fields, "status"),
        current_start=_time_or_none(fields, "current_start"),
        current_end=_time_or_none(fields, "current_end"),
        ended_at=_time_or_none(fields, "ended_at"),
        paid_count=_whole(fields, "paid_count") if fields.get("paid_count") is not None else 0,
        has_scheduled_changes=_is_true(fields, "has_scheduled_changes"),
        short_url=_text(fields, "short_url", 250),
        notes=_notes(fields),
    )


def _fields_of(entity: object) -> Mapping[str, Any]:
    if not isinstance(entity, Mapping):
        raise BadSnapshot("entity")
    return entity


def _id(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise BadSnapshot(name)
    return value


def _id_or_none(fields: Mapping[str, Any], name: str) -> str | None:
    return _id(fields, name) if fields.get(name) else None


def _whole(fields: Mapping[str, Any], name: str, *, most: int = 2**31 - 1) -> int:
    value = fields.get(name)
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadSnapshot(name)
    return value


def _paise(fields: Mapping[str, Any], name: str) -> int:
    return _whole(fields, name, most=_MOST_PAISE)


def _paise_or_none(fields: Mapping[str, Any], name: str) -> int | None:
    return _paise(fields, name) if fields.get(name) is not None else None


def _currency(fields: Mapping[str, Any]) -> str:
    value = fields.get("currency")
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise BadSnapshot("currency")
    return value


def _one_of(words: frozenset[str], fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or value not in words:
        raise BadSnapshot(name)
    return value


def _time(fields: Mapping[str, Any], name: str) -> datetime:
    return datetime.fromtimestamp(_whole(fields, name, most=_LAST_SECOND), UTC)


def _time_or_none(fields: Mapping[str, Any], name: str) -> datetime | None:
    return _time(fields, name) if fields.get(name) else None


def _is_true(fields: Mapping[str, Any], name: str) -> bool:
    return fields.get(name) in (True, 1, "1", "true")


def _text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    """Return a text that every column takes: cut, without NUL, without lone surrogates; "" where there is none."""
    value = fields.get(name)
    return _storable(value)[:longest] if isinstance(value, str) else ""


def _storable(value: str) -> str:
    return value.replace("\x00", "").encode("utf-8", "replace").decode()


def _notes(fields: Mapping[str, Any]) -> dict[str, str]:
    """Read the notes. Empty ones arrive as ``[]``."""
    notes = fields.get("notes")
    if not isinstance(notes, Mapping):
        return {}
    return {_storable(str(key)): _storable(str(value)) for key, value in notes.items()}
