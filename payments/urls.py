"""Addresses under ``/api/payments/``, by room."""

from django.urls import include, path

from payments.views import SandboxPayView

urlpatterns = [
    path("sandbox/pay/", SandboxPayView.as_view(), name="sandbox-pay"),
    path("", include("payments.orders.urls")),
    path("", include("payments.refunds.urls")),
    path("", include("payments.webhooks.urls")),
]
