"""Payments, to look at, and coupons, to give out."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from e_learning.core.back_office import ReadOnly
from e_learning.core.money import from_paise
from payments.orders.models import Coupon, GatewayPayment, Payment


class AttemptInline(ReadOnly, TabularInline):
    model = GatewayPayment
    fields = ["razorpay_payment_id", "status", "role", "amount_paise", "method", "error_reason", "captured_at"]
    readonly_fields = fields
    extra = 0
    can_delete = False


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdmin):
    """What was ordered and what became of it. Money is moved by the gateway and by refunds, never here."""

    list_display = ["id", "user", "description", "paid", "refunded", "status", "gateway", "created_at", "completed_at"]
    list_filter = ["status", "gateway", "created_at"]
    list_select_related = ["user"]
    search_fields = [
        "user__email",
        "user__full_name",
        "receipt",
        "razorpay_order_id",
        "attempts__razorpay_payment_id",
        "description",
    ]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-id"]
    inlines = [AttemptInline]

    @admin.display(description=_("amount"), ordering="amount_paise")
    def paid(self, payment: Payment) -> str:
        return f"{payment.currency} {from_paise(payment.amount_paise)}"

    @admin.display(description=_("refunded"), ordering="refunded_paise")
    def refunded(self, payment: Payment) -> str:
        return f"{payment.currency} {from_paise(payment.refunded_paise)}" if payment.refunded_paise else "—"


@admin.register(Coupon)
class CouponAdmin(ModelAdmin):
    """A coupon that was ever taken stays, because payments name it; it is switched off instead."""

    list_display = ["code", "kind", "percent", "amount_off_paise", "used_count", "max_uses", "valid_until", "is_active"]
    list_filter = ["is_active", "kind", "valid_until"]
    search_fields = ["code"]
    filter_horizontal = ["courses", "plans"]
    fields = [
        "code",
        "kind",
        "percent",
        "amount_off_paise",
        "valid_from",
        "valid_until",
        "max_uses",
        "max_uses_per_user",
        "used_count",
        "courses",
        "plans",
        "is_active",
    ]
    readonly_fields = ["used_count"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        was_taken = obj is not None and Payment.objects.filter(coupon=obj).exists()
        return not was_taken and super().has_delete_permission(request, obj)
