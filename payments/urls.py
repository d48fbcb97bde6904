"""Addresses under ``/api/payments/``, by room."""

from django.urls import include, path

from payments.views import SandboxPayView

urlpatterns = [
    path("", include("payments.invoices.urls")),
    path("", include("payments.orders.urls")),
    path("", include("payments.refunds.urls")),
    path("", include("payments.subscriptions.urls")),
    path("", include("payments.webhooks.urls")),
    path("sandbox/pay/", SandboxPayView.as_view(), name="sandbox-pay"),
]
