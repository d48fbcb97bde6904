"""Addresses of plans and subscriptions, under ``/api/payments/``."""

from django.urls import path

from payments.subscriptions.views import (
    CancelSubscriptionView,
    PlansView,
    SubscriptionStatusView,
    SubscriptionsView,
    UpgradeSubscriptionView,
)

urlpatterns = [
    path("plans/", PlansView.as_view()),
    path("subscriptions/", SubscriptionsView.as_view()),
    path("subscriptions/cancel/", CancelSubscriptionView.as_view()),
    path("subscriptions/upgrade/", UpgradeSubscriptionView.as_view()),
    path("subscription/status/", SubscriptionStatusView.as_view()),
]
