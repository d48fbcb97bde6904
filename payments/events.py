"""Facts that payments announces after the commit. Nothing that matters depends on hearing them: rows and sweeps do."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PaymentCaptured:
    """Told once for each payment."""

    user_id: int
    payment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SurplusCaptured:
    """Somebody paid twice: the attempt is to be refunded, which also the sweep of refunds finds."""

    attempt_id: int


@dataclass(frozen=True, slots=True)
class RefundApproved:
    """A refund is to be brought to the gateway, which also the sweep of refunds does."""

    refund_id: int


@dataclass(frozen=True, slots=True)
class RefundProcessed:
    """Told once for each refund."""

    user_id: int
    payment_id: int
    refund_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WebhookReceived:
    """An event stands in the inbox; told with each delivery of it. The sweep finds it too."""

    event_id: str
