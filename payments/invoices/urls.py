"""Addresses of the invoices room, under ``/api/payments/``."""

from django.urls import path

from payments.invoices.views import InvoiceView

urlpatterns = [
    path("payments/<id:pk>/invoice/", InvoiceView.as_view()),
]
