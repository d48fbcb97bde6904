"""Every write of the room: ordering, settling, verifying, charging, lapsing."""

from payments.orders.services.capturing import reference_of
from payments.orders.services.charging import record_charge
from payments.orders.services.lapsing import close_expired_orders
from payments.orders.services.ordering import Ordered, create_order
from payments.orders.services.quoting import quote
from payments.orders.services.settling import (
    NOT_CAPTURED,
    Mismatch,
    PaymentNotCaptured,
    Settled,
    UnknownOrder,
    settle_payment,
)
from payments.orders.services.verifying import Verified, verify_payment

__all__ = [
    "NOT_CAPTURED",
    "Mismatch",
    "Ordered",
    "PaymentNotCaptured",
    "Settled",
    "UnknownOrder",
    "Verified",
    "close_expired_orders",
    "create_order",
    "quote",
    "record_charge",
    "reference_of",
    "settle_payment",
    "verify_payment",
]
