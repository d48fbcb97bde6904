"""The back office of payments, from its rooms."""

from payments.refunds.admin import RefundAdmin
from payments.webhooks.admin import WebhookEventAdmin

__all__ = ["RefundAdmin", "WebhookEventAdmin"]
