"""What the faces that need several rooms take and give: the sandbox's buyer."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from payments.gateways.buying import CheckoutAnswer

_OUTCOMES = ["success", "failure", "authorize"]


class SandboxPaySerializer(serializers.Serializer[Any]):
    razorpay_order_id = serializers.CharField(max_length=40, required=False)
    razorpay_subscription_id = serializers.CharField(max_length=40, required=False)
    outcome = serializers.ChoiceField(
        choices=_OUTCOMES, default="success", help_text="`authorize`: authorised only, and captured later."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Either an order or a subscription is paid."""
        ids = [given[name] for name in ("razorpay_order_id", "razorpay_subscription_id") if given.get(name)]
        if len(ids) != 1:
            raise serializers.ValidationError(_("Name one order or one subscription."))
        return {"paid_id": ids[0], "outcome": given["outcome"]}


class CheckoutAnswerSerializer(serializers.Serializer[CheckoutAnswer]):
    razorpay_order_id = serializers.CharField(required=False, help_text="Where an order was paid.")
    razorpay_subscription_id = serializers.CharField(required=False, help_text="Where a subscription was.")
    razorpay_payment_id = serializers.CharField()
    razorpay_signature = serializers.CharField(help_text="Empty where the payment was declined.")

    def to_representation(self, answer: CheckoutAnswer) -> dict[str, Any]:
        kind = "subscription" if answer.paid_id.startswith("sub_") else "order"
        return {
            f"razorpay_{kind}_id": answer.paid_id,
            "razorpay_payment_id": answer.payment_id,
            "razorpay_signature": answer.signature,
        }
