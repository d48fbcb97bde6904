"""Addresses under ``/account/``: the pages that mail links to."""

from django.urls import path

from accounts.signin.pages import ResetPasswordPage, VerifyEmailPage

urlpatterns = [
    path("verify-email/", VerifyEmailPage.as_view(), name="verify-email-page"),
    path("reset-password/", ResetPasswordPage.as_view(), name="reset-password-page"),
]
