"""The back office of payments, from its rooms."""

from payments.orders.admin import CouponAdmin, PaymentAdmin

__all__ = ["CouponAdmin", "PaymentAdmin"]
