"""The words of the contract for refunds."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from e_learning.core.api.paths import MOST_ID
from e_learning.core.money import MoneyField
from payments.refunds.models import RefundRequest

ONE_PAISA = 1


class AmountField(MoneyField):
    """More than nothing; how much more there may be is the payment's to say."""

    default_error_messages = {"nothing": _("The amount must be more than zero.")}

    def to_internal_value(self, data: Any) -> Any:
        paise = super().to_internal_value(data)
        if paise < ONE_PAISA:
            self.fail("nothing")
        return paise


class RefundAskedSerializer(serializers.Serializer[Any]):
    payment_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    reason = serializers.CharField(max_length=1000)
    amount = AmountField(required=False, help_text="Of the payment; without it, all that is left.")


class RefundSerializer(serializers.ModelSerializer[RefundRequest]):
    amount = MoneyField(source="amount_paise")

    class Meta:
        model = RefundRequest
        fields = ["id", "payment_id", "amount", "status", "reason", "admin_notes", "processed_at"]
        read_only_fields = fields
