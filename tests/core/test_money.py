"""Paise inside, decimal strings outside."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from e_learning.core.api.renderers import to_json
from e_learning.core.money import MoneyField, from_paise, to_paise


class PriceSerializer(serializers.Serializer[Any]):
    price = MoneyField()


def codes(price: object) -> list[str]:
    serializer = PriceSerializer(data={"price": price})
    assert not serializer.is_valid()
    return [error.code for error in serializer.errors["price"]]


@given(paise=st.integers(0, 10**12))
def test_no_paisa_is_lost_on_the_way_out_and_in(paise: int) -> None:
    assert to_paise(from_paise(paise)) == paise


@given(paise=st.integers(0, 99_999_999_99))
def test_what_was_written_is_read_back_as_it_was(paise: int) -> None:
    written = PriceSerializer({"price": paise}).data["price"]
    read = PriceSerializer(data={"price": written})

    assert read.is_valid()
    assert read.validated_data == {"price": paise}
    assert written == f"{paise // 100}.{paise % 100:02}"


@pytest.mark.parametrize(("amount", "paise"), [("0.005", 1), ("0.004", 0), ("1.995", 200), ("499", 49900)])
def test_amounts_are_rounded_half_up(amount: str, paise: int) -> None:
    assert to_paise(Decimal(amount)) == paise


@pytest.mark.parametrize(("given_", "paise"), [("499.00", 49900), ("499", 49900), (499, 49900), (0.1, 10), ("0", 0)])
def test_prices_come_as_strings_or_numbers(given_: object, paise: int) -> None:
    serializer = PriceSerializer(data={"price": given_})

    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"price": paise}


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ("1.234", "max_decimal_places"),
        ("-0.01", "min_value"),
        ("100000000.00", "max_digits"),
        ("NaN", "invalid"),
        ("Infinity", "invalid"),
        ("1e400", "max_digits"),
        ("ten", "invalid"),
        ({"a": 1}, "invalid"),
        ([1], "invalid"),
        ("9" * 2000, "max_string_length"),
        (None, "null"),
        (True, "invalid"),
    ],
)
def test_what_is_no_price_is_refused(given_: object, code: str) -> None:
    assert codes(given_) == [code]


def test_a_price_is_a_string_in_the_body() -> None:
    assert to_json(PriceSerializer({"price": 49900}).data) == b'{"price":"499.00"}'
