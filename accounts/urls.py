"""Addresses under ``/api/accounts/``."""

from django.urls import path

from accounts.signin import views as signin
from accounts.users import views as users

urlpatterns = [
    path("register/", signin.RegisterView.as_view()),
    path("login/", signin.LoginView.as_view()),
    path("refresh/", signin.RefreshView.as_view()),
    path("logout/", signin.LogoutView.as_view()),
    path("ws-ticket/", signin.SocketTicketView.as_view()),
    path("me/", users.MeView.as_view()),
    path("me/settings/", users.MySettingsView.as_view()),
    path("password/change/", signin.PasswordChangeView.as_view()),
    path("password/reset/", signin.PasswordResetView.as_view()),
    path("password/reset/confirm/", signin.PasswordResetConfirmView.as_view()),
    path("email/verify/", signin.EmailVerifyView.as_view()),
    path("email/resend/", signin.EmailResendView.as_view()),
    path("sessions/", signin.SessionsView.as_view()),
    path("sessions/<id:pk>/", signin.SessionView.as_view()),
    path("devices/", signin.PushDevicesView.as_view()),
    path("devices/<id:pk>/", signin.PushDeviceView.as_view()),
    path("users/<id:pk>/", users.UserView.as_view()),
]
