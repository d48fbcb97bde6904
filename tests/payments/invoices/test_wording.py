"""Amounts as India writes them, in figures and in words."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.invoices.wording import percent, rupees, rupees_in_words


@pytest.mark.parametrize(
    ("paise", "figures", "words"),
    [
        (0, "₹0.00", "Rupees Zero only"),
        (5, "₹0.05", "Rupees Zero and Paise Five only"),
        (100, "₹1.00", "Rupees One only"),
        (49900, "₹499.00", "Rupees Four Hundred Ninety-Nine only"),
        (49950, "₹499.50", "Rupees Four Hundred Ninety-Nine and Paise Fifty only"),
        (100000, "₹1,000.00", "Rupees One Thousand only"),
        (100119, "₹1,001.19", "Rupees One Thousand One and Paise Nineteen only"),
        (10000000, "₹1,00,000.00", "Rupees One Lakh only"),
        (
            123456789,
            "₹12,34,567.89",
            "Rupees Twelve Lakh Thirty-Four Thousand Five Hundred Sixty-Seven and Paise Eighty-Nine only",
        ),
        (1000000000, "₹1,00,00,000.00", "Rupees One Crore only"),
        (
            1230000500011,
            "₹12,30,00,05,000.11",
            "Rupees One Thousand Two Hundred Thirty Crore Five Thousand and Paise Eleven only",
        ),
        (-49900, "−₹499.00", None),
    ],
)
def test_an_amount_in_figures_and_words(paise: int, figures: str, words: str | None) -> None:
    assert rupees(paise) == figures
    if words is not None:
        assert rupees_in_words(paise) == words


_TEENS = (
    "Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen "
    "Eighteen Nineteen"
).split()
_TENS = "Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split()
_ONES = dict(zip(_TEENS + _TENS, [*range(20), *range(20, 100, 10)], strict=True))
_SCALES = {"Hundred": 100, "Thousand": 1000, "Lakh": 10**5, "Crore": 10**7}


def read_aloud(words: str) -> int:
    """Return the number that words name: a scale multiplies what stands before it and is not part of a greater one."""
    total, below = 0, 0
    for word in words.replace("-", " ").split():
        if word == "Crore":
            total, below = (total + below) * _SCALES[word], 0
        elif word in {"Thousand", "Lakh"}:
            total, below = total + below * _SCALES[word], 0
        else:
            below = below * 100 if word == "Hundred" else below + _ONES[word]
    return total + below


@given(st.integers(0, 10**14))
def test_words_and_figures_say_the_same_amount(paise: int) -> None:
    said = rupees_in_words(paise).removeprefix("Rupees ").removesuffix(" only")
    whole, _, part = said.partition(" and Paise ")
    assert read_aloud(whole) * 100 + (read_aloud(part) if part else 0) == paise
    assert int("".join(one for one in rupees(paise) if one.isdigit())) == paise


@pytest.mark.parametrize(
    ("rate", "text"),
    [("18.00", "18%"), ("9", "9%"), ("6.25", "6.25%"), ("10.00", "10%"), ("0.125", "0.125%"), ("100", "100%")],
)
def test_a_rate_says_no_zeros_that_say_nothing(rate: str, text: str) -> None:
    assert percent(Decimal(rate)) == text
