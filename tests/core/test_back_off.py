"""Pauses between tries."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from e_learning.core.back_off import pause_after

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("first", "longest", "pauses"),
    [
        (30, 3600, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]),
        (5, 80, [5, 10, 20, 40, 80, 80, 80]),
        (7, 7, [7, 7, 7]),
        (9, 5, [5, 5, 5]),
    ],
)
def test_pauses_double_up_to_the_longest(first: int, longest: int, pauses: list[int]) -> None:
    taken = [pause_after(n, first=first * SECOND, longest=longest * SECOND) for n in range(1, len(pauses) + 1)]
    assert taken == [pause * SECOND for pause in pauses]


@given(attempts=st.integers(1, 60), first=st.integers(1, 600), longest=st.integers(1, 100_000))
def test_no_pause_is_off_the_doubling_but_for_the_longest(attempts: int, first: int, longest: int) -> None:
    paused = pause_after(attempts, first=first * SECOND, longest=longest * SECOND)
    assert paused.total_seconds() == min(first * 2 ** (attempts - 1), longest)


def test_however_often_it_was_tried_the_pause_is_the_longest() -> None:
    assert pause_after(32_767, first=SECOND, longest=timedelta(days=365)) == timedelta(days=365)
