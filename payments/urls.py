"""Addresses under ``/api/payments/``, by room."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("payments.orders.urls")),
    path("", include("payments.refunds.urls")),
    path("", include("payments.webhooks.urls")),
]
