"""Addresses under ``/api/payments/``, by room."""

from django.urls import URLPattern, URLResolver, path

from payments.views import SandboxPayView

urlpatterns: list[URLPattern | URLResolver] = [
    path("sandbox/pay/", SandboxPayView.as_view(), name="sandbox-pay"),
]
