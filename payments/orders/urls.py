"""Addresses of orders, under ``/api/payments/``."""

from django.urls import path

from payments.orders.views import (
    CreateOrderView,
    PaymentsView,
    PaymentView,
    ValidateCouponView,
    VerifyPaymentView,
)

urlpatterns = [
    path("create_order/", CreateOrderView.as_view()),
    path("verify_payment/", VerifyPaymentView.as_view()),
    path("coupons/validate/", ValidateCouponView.as_view()),
    path("payments/", PaymentsView.as_view()),
    path("payments/<id:pk>/", PaymentView.as_view()),
]
