"""Prices with coupons: to the paisa, never negative, never below what can be paid."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.orders.pricing import price_of

GST = Decimal(18)


@dataclass
class Off:
    percent: int | None = None
    amount_off_paise: int | None = None


@pytest.mark.parametrize(
    ("price", "coupon", "discount", "amount", "tax"),
    [
        (49_900, None, 0, 49_900, 7_612),
        (49_900, Off(percent=20), 9_980, 39_920, 6_089),
        (1_01, Off(percent=1), 1, 100, 15),
        (1_50, Off(percent=33), 50, 100, 15),  # 49.5 is rounded up
        (1_50, Off(percent=34), 150, 0, 0),  # 99 paise would be left
        (49_900, Off(percent=100), 49_900, 0, 0),
        (49_900, Off(amount_off_paise=10_000), 10_000, 39_900, 6_086),
        (49_900, Off(amount_off_paise=49_800), 49_800, 100, 15),
        (49_900, Off(amount_off_paise=49_801), 49_900, 0, 0),
        (49_900, Off(amount_off_paise=10**9), 49_900, 0, 0),
    ],
)
def test_price(price: int, coupon: Off | None, discount: int, amount: int, tax: int) -> None:
    found = price_of(price, coupon, gst_rate=GST)
    assert (found.list_price, found.discount, found.amount, found.tax) == (price, discount, amount, tax)


def test_school_without_gst() -> None:
    assert price_of(49_900, None, gst_rate=Decimal(0)).tax == 0


coupons = st.one_of(
    st.none(),
    st.integers(1, 100).map(lambda percent: Off(percent=percent)),
    st.integers(1, 10**10).map(lambda amount: Off(amount_off_paise=amount)),
)
rates = st.decimals(0, 100, places=2)


@given(st.integers(100, 10**9), coupons, rates)
def test_any_price_adds_up(price: int, coupon: Off | None, rate: Decimal) -> None:
    found = price_of(price, coupon, gst_rate=rate)
    assert found.amount + found.discount == found.list_price == price
    assert found.amount == 0 or found.amount >= 100
    assert 0 <= found.tax <= found.amount
    # The tax is what makes the taxable value up to the amount, to half a paisa.
    exact = Decimal(found.amount) * rate / (100 + rate)
    assert abs(found.tax - exact) <= Decimal("0.5")


@given(st.integers(100, 10**9), st.integers(1, 99), rates)
def test_more_percent_never_costs_more(price: int, percent: int, rate: Decimal) -> None:
    less, more = (price_of(price, Off(percent=one), gst_rate=rate).amount for one in (percent, percent + 1))
    assert more <= less
