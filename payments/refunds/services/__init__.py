"""Every write of the room: asking, deciding, sending, settling."""

from payments.refunds.services.deciding import (
    DecidedAlready,
    approve_refund,
    may_decide_refunds,
    refund_payment,
    refund_surplus,
    reject_refund,
    retry_refund,
)
from payments.refunds.services.requesting import (
    ProgressPassed,
    RequestedAlready,
    WindowPassed,
    request_refund,
)
from payments.refunds.services.reserving import RefundTooLarge
from payments.refunds.services.sending import due_refund_ids, send_refund, surplus_attempt_ids
from payments.refunds.services.settling import settle_refund

__all__ = [
    "DecidedAlready",
    "ProgressPassed",
    "RefundTooLarge",
    "RequestedAlready",
    "WindowPassed",
    "approve_refund",
    "due_refund_ids",
    "may_decide_refunds",
    "refund_payment",
    "refund_surplus",
    "reject_refund",
    "request_refund",
    "retry_refund",
    "send_refund",
    "settle_refund",
    "surplus_attempt_ids",
]
