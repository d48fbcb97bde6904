"""Taking totals apart: whatever the amount and the rate, the parts sum to it and none is negative."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.invoices.taxes import Taxes, lines_up_to, tax_inside, tax_lines

PAISE = st.integers(0, 10**14)
RATES = st.decimals(0, 100, places=2)


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [
        (118000, "18", 18000),
        (49900, "18", 7612),
        (100, "0", 0),
        (0, "18", 0),
        (1, "18", 0),
        (3, "100", 2),
        (49900, "12.5", 5544),
    ],
)
def test_tax_inside_an_amount(amount: int, rate: str, tax: int) -> None:
    assert tax_inside(amount, Decimal(rate)) == tax


@given(PAISE, RATES)
def test_tax_is_rounded_half_up_once(amount: int, rate: Decimal) -> None:
    exact = Fraction(amount) * Fraction(rate) / (100 + Fraction(rate))
    floor = exact.numerator // exact.denominator
    assert tax_inside(amount, rate) == floor + (exact - floor >= Fraction(1, 2))


@given(PAISE, RATES, st.sampled_from(["", "27", "29"]), st.sampled_from(["", "27"]))
def test_lines_sum_to_the_total(total: int, rate: Decimal, place: str, seller_state: str) -> None:
    lines = tax_lines(total, rate, place, seller_state)
    assert lines.total == total
    assert lines.tax == tax_inside(total, rate)
    assert min(lines.taxable, lines.cgst, lines.sgst, lines.igst) >= 0
    assert lines.sgst - lines.cgst in {0, 1} if place in {"", seller_state} else lines.cgst == lines.sgst == 0


@given(
    st.integers(1, 10**9),
    RATES,
    st.booleans(),
    st.lists(st.integers(1, 10**9), max_size=12),
)
def test_parts_that_go_back_sum_to_the_whole(total: int, rate: Decimal, between_states: bool, cuts: list[int]) -> None:
    whole = tax_lines(total, rate, "29" if between_states else "27", "27")
    marks = sorted({0, total, *(cut % total for cut in cuts)})
    parts = [lines_up_to(end, whole) - lines_up_to(begin, whole) for begin, end in pairwise(marks)]
    assert [part.total for part in parts] == [end - begin for begin, end in pairwise(marks)]
    assert all(min(part.taxable, part.cgst, part.sgst, part.igst) >= 0 for part in parts)
    summed = [sum(getattr(part, name) for part in parts) for name in ("taxable", "cgst", "sgst", "igst")]
    assert Taxes(*summed) == whole


@given(st.integers(1, 10**9), RATES, st.integers(0, 10**9))
def test_a_part_has_its_share_of_the_tax_to_the_nearest_paisa(total: int, rate: Decimal, part: int) -> None:
    part %= total + 1
    whole = tax_lines(total, rate, "", "")
    share = (Decimal(part) * whole.tax / total).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert lines_up_to(part, whole).tax == share
