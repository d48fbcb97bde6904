"""The back office of payments, from its rooms."""

from payments.invoices.admin import InvoiceAdmin, LedgerEntryAdmin
from payments.orders.admin import CouponAdmin, PaymentAdmin
from payments.refunds.admin import RefundAdmin
from payments.subscriptions.admin import PlanAdmin, SubscriptionAdmin
from payments.webhooks.admin import WebhookEventAdmin

__all__ = [
    "CouponAdmin",
    "InvoiceAdmin",
    "LedgerEntryAdmin",
    "PaymentAdmin",
    "PlanAdmin",
    "RefundAdmin",
    "SubscriptionAdmin",
    "WebhookEventAdmin",
]
