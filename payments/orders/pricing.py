"""What a thing costs with a coupon. Pure functions on paise."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from e_learning.core.money import LEAST_PAISE
from payments.invoices.taxes import tax_inside


class Discount(Protocol):
    """What of a coupon matters here: exactly one of the two is set."""

    percent: int | None
    amount_off_paise: int | None


@dataclass(frozen=True, slots=True)
class Price:
    """``amount`` is what the learner pays, ``tax`` the GST inside it. ``list_price`` is amount and discount."""

    list_price: int
    discount: int
    amount: int
    tax: int


def price_of(list_price: int, coupon: Discount | None, *, gst_rate: Decimal) -> Price:
    """Take the coupon off, in paise.

    A percentage is rounded half up to the paisa. What is left below a rupee is waived: the gateway
    takes no less, and nobody should be sent to pay nothing.
    """
    amount = list_price - min(_discount(list_price, coupon), list_price)
    if amount < LEAST_PAISE:
        amount = 0
    return Price(list_price, list_price - amount, amount, tax_inside(amount, gst_rate))


def _discount(list_price: int, coupon: Discount | None) -> int:
    if coupon is None:
        return 0
    if coupon.percent is not None:
        return (list_price * coupon.percent + 50) // 100
    return coupon.amount_off_paise or 0
