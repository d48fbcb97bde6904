"""The words of the contract for orders, payments and coupons (API §4)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from e_learning.core.api.paths import MOST_ID
from e_learning.core.money import CURRENCY, MoneyField
from payments.gateways import gateway
from payments.gateways.sandbox import sandbox_page_url
from payments.invoices.states import STATES
from payments.orders.models import Payment
from payments.orders.pricing import Price

_LONGEST_ID = 40


class BoughtSerializer(serializers.Serializer[Any]):
    """What is bought: a course by its id, or a plan by its short name."""

    course_id = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False)
    plan = serializers.SlugField(max_length=40, required=False, source="plan_slug")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("course_id" in attrs) == ("plan_slug" in attrs):
            raise serializers.ValidationError(_("Give a course_id or a plan."))
        return attrs


class NewOrderSerializer(BoughtSerializer):
    coupon_code = serializers.CharField(max_length=60, required=False, allow_blank=True)
    billing_state = serializers.CharField(
        max_length=2, required=False, allow_blank=True, help_text=_("GST state code, two digits")
    )

    def validate_billing_state(self, code: str) -> str:
        if code and code not in STATES:
            raise serializers.ValidationError(_("This is no GST state code."))
        return code


class OrderSerializer(serializers.Serializer[Any]):
    payment_id = serializers.IntegerField()
    razorpay_order_id = serializers.CharField(help_text=_("empty where a coupon made it free"))
    razorpay_key_id = serializers.CharField()
    amount_paise = serializers.IntegerField()
    amount = MoneyField()
    discount = MoneyField()
    tax = MoneyField()
    currency = serializers.CharField()
    status = serializers.ChoiceField(choices=Payment.Status.choices)
    expires_at = serializers.DateTimeField()
    checkout_url = serializers.CharField(allow_null=True, help_text=_("the sandbox's page, null with a real gateway"))


def order_body(payment: Payment) -> dict[str, Any]:
    order_id = payment.razorpay_order_id or ""
    return dict(
        OrderSerializer(
            {
                "payment_id": payment.pk,
                "razorpay_order_id": order_id,
                "razorpay_key_id": gateway().key_id,
                "amount_paise": payment.amount_paise,
                "amount": payment.amount_paise,
                "discount": payment.discount_paise,
                "tax": payment.tax_paise,
                "currency": payment.currency,
                "status": payment.status,
                "expires_at": payment.expires_at,
                "checkout_url": sandbox_page_url(order_id) if order_id else None,
            }
        ).data
    )


class VerifySerializer(serializers.Serializer[Any]):
    razorpay_order_id = serializers.CharField(max_length=_LONGEST_ID, required=False)
    razorpay_subscription_id = serializers.CharField(max_length=_LONGEST_ID, required=False)
    razorpay_payment_id = serializers.CharField(max_length=_LONGEST_ID)
    razorpay_signature = serializers.CharField(max_length=128)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("razorpay_order_id" in attrs) == ("razorpay_subscription_id" in attrs):
            raise serializers.ValidationError(_("Give a razorpay_order_id or a razorpay_subscription_id."))
        return attrs


class VerifiedSerializer(serializers.Serializer[Any]):
    payment_id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Payment.Status.choices)
    course_id = serializers.IntegerField(allow_null=True)
    enrollment_id = serializers.IntegerField(allow_null=True)


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    plan = serializers.CharField(source="plan.slug", allow_null=True, default=None)
    amount = MoneyField(source="amount_paise")
    refunded_amount = MoneyField(source="refunded_paise")

    class Meta:
        model = Payment
        fields = [
            "id",
            "course_id",
            "plan",
            "amount",
            "refunded_amount",
            "currency",
            "status",
            "razorpay_order_id",
            "razorpay_payment_id",
            "created_at",
            "completed_at",
        ]
        read_only_fields = fields


class CouponSerializer(BoughtSerializer):
    code = serializers.CharField(max_length=60)


class QuoteSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    price = MoneyField(source="list_price")
    discount = MoneyField()
    amount = MoneyField()
    tax = MoneyField()
    currency = serializers.CharField()


def quote_body(code: str, price: Price) -> dict[str, Any]:
    return dict(
        QuoteSerializer(
            {
                "code": code,
                "list_price": price.list_price,
                "discount": price.discount,
                "amount": price.amount,
                "tax": price.tax,
                "currency": CURRENCY,
            }
        ).data
    )
