"""Every table of the app, from its rooms."""

from payments.gateways.models import SandboxDelivery, SandboxObject
from payments.invoices.models import Invoice, InvoiceCounter, LedgerEntry
from payments.orders.models import Coupon, CouponUse, GatewayPayment, Payment
from payments.refunds.models import RefundRequest
from payments.subscriptions.models import Plan, PrepaidPeriod, Subscription
from payments.webhooks.models import WebhookEvent

__all__ = [
    "Coupon",
    "CouponUse",
    "GatewayPayment",
    "Invoice",
    "InvoiceCounter",
    "LedgerEntry",
    "Payment",
    "Plan",
    "PrepaidPeriod",
    "RefundRequest",
    "SandboxDelivery",
    "SandboxObject",
    "Subscription",
    "WebhookEvent",
]
