"""The back office of payments, from its rooms."""

from payments.subscriptions.admin import PlanAdmin, SubscriptionAdmin

__all__ = [
    "PlanAdmin",
    "SubscriptionAdmin",
]
