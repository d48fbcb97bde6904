"""Addresses under ``/api/payments/``, by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("payments.invoices.urls")),
]
