"""Every write of the room."""

from payments.subscriptions.services.changing import (
    NotAnUpgrade,
    NotSubscribed,
    NotUpgradable,
    cancel_subscription,
    end_with_period,
    upgrade_subscription,
)
from payments.subscriptions.services.ending import settle_ended_subscriptions
from payments.subscriptions.services.gateway_plans import plan_at_gateway, save_plan
from payments.subscriptions.services.prepaying import end_prepaid_period, extend_prepaid
from payments.subscriptions.services.settling import UnknownSubscription, settle_subscription
from payments.subscriptions.services.standing import pass_of
from payments.subscriptions.services.subscribing import (
    MONTHS_IN_ALL,
    AlreadySubscribed,
    Subscribed,
    create_subscription,
)

__all__ = [
    "MONTHS_IN_ALL",
    "AlreadySubscribed",
    "NotAnUpgrade",
    "NotSubscribed",
    "NotUpgradable",
    "Subscribed",
    "UnknownSubscription",
    "cancel_subscription",
    "create_subscription",
    "end_prepaid_period",
    "end_with_period",
    "extend_prepaid",
    "pass_of",
    "plan_at_gateway",
    "save_plan",
    "settle_ended_subscriptions",
    "settle_subscription",
    "upgrade_subscription",
]
