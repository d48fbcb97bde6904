"""Every write of the room."""

from payments.subscriptions.services.prepaying import end_prepaid_period, extend_prepaid
from payments.subscriptions.services.settling import UnknownSubscription, settle_subscription

__all__ = [
    "UnknownSubscription",
    "end_prepaid_period",
    "extend_prepaid",
    "settle_subscription",
]
