"""Addresses under ``/payments/``: the sandbox's checkout."""

from django.urls import path

from payments.pages import SandboxPage

urlpatterns = [path("sandbox/<str:token>/", SandboxPage.as_view(), name="sandbox-page")]
