"""The back office of payments, from its rooms."""

from payments.orders.admin import CouponAdmin, PaymentAdmin
from payments.refunds.admin import RefundAdmin
from payments.webhooks.admin import WebhookEventAdmin

__all__ = ["CouponAdmin", "PaymentAdmin", "RefundAdmin", "WebhookEventAdmin"]
