"""Periods end to end: pure functions of times."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.subscriptions.periods import Period, add_months, laid_end_to_end


@dataclass
class Paid:
    paid_at: datetime
    months: int = 1


def day(month: int, day: int, year: int = 2027) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (day(1, 31), 1, day(2, 28)),
        (day(1, 31, 2028), 1, day(2, 29, 2028)),
        (day(12, 5), 1, day(1, 5, 2028)),
        (day(2, 28), 12, day(2, 28, 2028)),
        (day(2, 29, 2028), 12, day(2, 28, 2029)),
        (day(3, 31), 13, day(4, 30, 2028)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(start: datetime, months: int, end: datetime) -> None:
    assert add_months(start, months) == end


def test_single_months_from_the_31st_end_where_they_began() -> None:
    assert laid_end_to_end([Paid(day(1, 31))] * 12) == Period(day(1, 31), day(1, 31, 2028))


def test_a_payment_after_the_end_begins_anew() -> None:
    assert laid_end_to_end([Paid(day(1, 10)), Paid(day(5, 3), 12)]) == Period(day(5, 3), day(5, 3, 2028))
    assert laid_end_to_end([]) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 800), st.integers(1, 12)).map(lambda one: Paid(day(1, 1) + timedelta(one[0]), one[1])),
        min_size=1,
        max_size=8,
    )
)
def test_nobody_loses_a_day_that_was_paid(paid: list[Paid]) -> None:
    """Each payment adds its months after the later of its own time and the end before it."""
    paid.sort(key=lambda one: one.paid_at)
    for count in range(1, len(paid) + 1):
        before, after = laid_end_to_end(paid[: count - 1]), laid_end_to_end(paid[:count])
        assert after
        begins = max(paid[count - 1].paid_at, before.end) if before else paid[count - 1].paid_at
        whole = add_months(begins, paid[count - 1].months)
        assert abs(after.end - whole) <= timedelta(days=3)  # months differ by as much
        assert after.end > begins
