"""What payments asks of a gateway, in our words. Everything else of the app sees only this module and ``gateway()``.

Every call may wait for the network: make it outside transactions (DESIGN §5). Nothing is retried here; each method
says whether it may be called again after ``GatewayUnreachable``, when nobody knows whether it was done.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import Conflict, Unavailable
from payments.gateways.signatures import is_signed
from payments.gateways.snapshots import (
    BadSnapshot,
    OrderSnapshot,
    PaymentSnapshot,
    PlanSnapshot,
    RefundSnapshot,
    SubscriptionSnapshot,
    order_snapshot,
    payment_snapshot,
    plan_snapshot,
    refund_snapshot,
    subscription_snapshot,
)

__all__ = [
    "BadSnapshot",
    "Gateway",
    "GatewayBusy",
    "GatewayRefused",
    "GatewayUnreachable",
    "OrderSnapshot",
    "PaymentSnapshot",
    "PlanSnapshot",
    "RefundSnapshot",
    "SubscriptionSnapshot",
    "order_snapshot",
    "payment_snapshot",
    "plan_snapshot",
    "refund_snapshot",
    "subscription_snapshot",
]

Notes = Mapping[str, str]


class GatewayUnreachable(Unavailable):
    """No answer, or none that can be read: time-out, no connection, 5xx, HTML. It may or may not have been done."""

    code = "gateway_unreachable"
    message = _("The payment service does not answer right now. Try again shortly.")


class GatewayBusy(Unavailable):
    """The gateway asks to come back later: too many calls (429), or the same refund is still under way (409)."""

    code = "gateway_busy"
    message = _("The payment service is busy. Try again shortly.")


class GatewayRefused(Conflict):
    """The gateway understood and said no (4xx); nothing was done.

    ``reason``, ``description`` and ``http_status`` are the gateway's own, for logs and staff: the
    person reads only that it was refused.
    """

    code = "gateway_refused"
    message = _("The payment service refused this.")

    def __init__(self, *, reason: str = "", description: str = "", http_status: int = 400) -> None:
        super().__init__()
        self.reason = reason
        self.description = description
        self.http_status = http_status

    def __str__(self) -> str:
        return f"{self.http_status} {self.reason or '-'}: {self.description}"


class Gateway(ABC):
    """One provider of payments, with its keys. Safe to use from several threads.

    Every call raises ``GatewayUnreachable``, ``GatewayBusy`` or ``GatewayRefused``, and nothing else.
    """

    #: What rows keep of it.
    name: ClassVar[str]
    is_sandbox: ClassVar[bool]
    #: Public: the app's checkout opens with it.
    key_id: str

    def __init__(self, *, key_id: str, key_secret: str, webhook_secrets: tuple[str, ...]) -> None:
        self.key_id = key_id
        self._key_secret = key_secret
        self._webhook_secrets = webhook_secrets

    def is_checkout_signature_valid(self, *, order_id: str, payment_id: str, signature: str) -> bool:
        """Check what checkout returned. ``order_id`` must be our row's, never the caller's.

        Proves that the gateway knows of the payment for this order, not that it was captured.
        """
        return is_signed(f"{order_id}|{payment_id}", signature=signature, secrets=[self._key_secret])

    def is_subscription_signature_valid(self, *, payment_id: str, subscription_id: str, signature: str) -> bool:
        """Check what checkout returned for a subscription: the two ids stand the other way round there."""
        return is_signed(f"{payment_id}|{subscription_id}", signature=signature, secrets=[self._key_secret])

    def is_webhook_signature_valid(self, body: bytes, signature: str) -> bool:
        """Check ``X-Razorpay-Signature`` over the body as received, by the current secret or the previous one."""
        return is_signed(body, signature=signature, secrets=self._webhook_secrets)

    @abstractmethod
    def create_order(self, *, amount_paise: int, currency: str, receipt: str, notes: Notes) -> OrderSnapshot:
        """Open an order (receipt ≤ 40 characters). Unreachable: look with ``find_order`` before asking again."""

    @abstractmethod
    def find_order(self, *, receipt: str) -> OrderSnapshot | None:
        """Return the order of this receipt, the oldest where there are several, or None."""

    @abstractmethod
    def payments_of_order(self, order_id: str) -> list[PaymentSnapshot]:
        """Return every attempt at paying the order, at most a hundred."""

    @abstractmethod
    def payment(self, payment_id: str) -> PaymentSnapshot:
        """Return one attempt at paying."""

    @abstractmethod
    def capture(self, payment_id: str, *, amount_paise: int, currency: str) -> PaymentSnapshot:
        """Take an authorised payment, in full. May be repeated: one that was captured before is returned as it is."""

    @abstractmethod
    def refund(
        self, payment_id: str, *, amount_paise: int, idempotency_key: str, receipt: str, notes: Notes
    ) -> RefundSnapshot:
        """Give money back. May be repeated with the same key and arguments: it is the same refund then.

        The key has 10 or more of ``A-Za-z0-9_-``.
        """

    @abstractmethod
    def refunds_of_payment(self, payment_id: str) -> list[RefundSnapshot]:
        """Return every refund of the payment, also those made at the gateway itself; at most a hundred."""

    @abstractmethod
    def create_plan(
        self, *, period: str, interval: int, name: str, amount_paise: int, currency: str, notes: Notes
    ) -> PlanSnapshot:
        """Make a plan; plans can't be changed. Repeating makes another one, which costs nothing and hurts nobody."""

    @abstractmethod
    def create_subscription(self, *, plan_id: str, total_count: int, notes: Notes) -> SubscriptionSnapshot:
        """Make a subscription of ``total_count`` charges. One whose answer was lost is never paid: make another."""

    @abstractmethod
    def subscription(self, subscription_id: str) -> SubscriptionSnapshot:
        """Return the subscription as it is now."""

    @abstractmethod
    def cancel_subscription(self, subscription_id: str, *, at_cycle_end: bool) -> SubscriptionSnapshot:
        """End it, now or with the period that is paid. May be repeated: one that has ended is returned as it is."""

    @abstractmethod
    def change_plan(self, subscription_id: str, *, plan_id: str) -> SubscriptionSnapshot:
        """Move it to another plan, at once. May be repeated."""

    @abstractmethod
    def payments_of_subscription(self, subscription_id: str) -> list[PaymentSnapshot]:
        """Return the payments of its charged cycles, newest first, at most a hundred; each names the subscription."""
