"""Money: integer paise inside, decimal strings in major units at the edge (API §1)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rest_framework import serializers

CURRENCY = "INR"
_PAISE = Decimal(100)
MOST_PAISE = 10_000_000_00
#: The least that can be paid: Razorpay takes no order below ₹1.00 (api/orders/create).
LEAST_PAISE = 100


def to_paise(amount: Decimal) -> int:
    """Return ``amount`` (major units) in paise, rounded half up to the paisa."""
    return int((amount * _PAISE).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_paise(paise: int) -> Decimal:
    """Return ``paise`` in major units with two decimals: 49900 gives ``Decimal("499.00")``."""
    return (Decimal(paise) / _PAISE).quantize(Decimal("0.01"))


class MoneyField(serializers.DecimalField):
    """A price in a body: ``"499.00"`` outside, integer paise inside. Refuses more than two decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, min_value=Decimal(0), coerce_to_string=True, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return to_paise(super().to_internal_value(data))

    def run_validators(self, value: Any) -> None:
        super().run_validators(from_paise(value))

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(from_paise(value))
