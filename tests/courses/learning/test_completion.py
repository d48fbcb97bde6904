"""The arithmetic of completion, without a database."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.learning.completion import completes_by_itself, is_watched, percent_of, seconds_covered, unite_into, united
from courses.learning.folding import ProgressUpdate


@pytest.mark.parametrize(
    ("completed", "total", "percent"),
    [
        (15, 33, 45.5),
        (0, 33, 0.0),
        (33, 33, 100.0),
        (1, 3, 33.3),
        (2, 3, 66.7),
        (1, 8, 12.5),
        (1, 16, 6.3),
        (0, 0, 0.0),
    ],
)
def test_percent_has_one_decimal_half_up(completed: int, total: int, percent: float) -> None:
    assert percent_of(completed, total) == percent


def test_a_course_short_of_one_content_never_reads_100() -> None:
    assert percent_of(2999, 3000) == 99.9


def test_a_course_that_shrank_reads_100_and_not_more() -> None:
    assert percent_of(5, 4) == 100.0


intervals = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


@given(intervals)
def test_a_union_covers_exactly_the_seconds_of_its_intervals(pieces: list[tuple[int, int]]) -> None:
    union = united(pieces)
    seconds = {second for start, end in pieces for second in range(start, end)}
    assert {second for start, end in union for second in range(start, end)} == seconds
    assert all(first[1] < second[0] for first, second in pairwise(union))
    assert seconds_covered(union, 30) == len([second for second in seconds if second < 30])


@given(intervals, intervals)
def test_uniting_again_changes_nothing_and_order_does_not_matter(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    assert united([*united(a), *b]) == united([*b, *a]) == united([*united([*a, *b]), *a])


@given(intervals, intervals)
def test_uniting_in_place_is_the_same_and_says_whether_it_grew(
    a: list[tuple[int, int]], b: list[tuple[int, int]]
) -> None:
    union = united(a)
    grew = unite_into(union, b)
    assert union == united([*a, *b])
    assert grew is (union != united(a))


def completes(*, content_type: str = "video", duration: int | None = 100, **values: Any) -> bool:
    update = ProgressUpdate(1, values.pop("at", 0), values.pop("spent", 0), datetime(2026, 5, 4, tzinfo=UTC), **values)
    return completes_by_itself(content_type, duration, update)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"at": 91, "spent": 45}, True),
        ({"at": 90, "spent": 100}, False),
        ({"at": 100, "spent": 44}, False),
        ({"at": 100, "spent": 100, "watched": [[0, 10]]}, False),
        ({"at": 100, "spent": 100, "watched": []}, False),
        ({"is_completed": True}, False),
        ({"is_completed": True, "duration": None}, True),
        ({"is_completed": True, "content_type": "text"}, True),
        ({"at": 100, "spent": 100, "content_type": "text"}, False),
        ({"is_completed": True, "content_type": "quiz"}, False),
    ],
)
def test_which_update_completes_a_content_by_itself(values: dict[str, Any], expected: bool) -> None:
    assert completes(**values) is expected


@pytest.mark.parametrize(
    ("content_type", "duration", "watched", "expected"),
    [
        ("video", 100, [[0, 90]], True),
        ("video", 100, [[0, 89]], False),
        ("video", 100, [[0, 50], [60, 100]], True),
        ("video", 100, [[50, 140]], False),
        ("video", None, [[0, 100]], False),
        ("text", 100, [[0, 100]], False),
    ],
)
def test_what_was_watched_completes_a_video_of_known_length(
    content_type: str, duration: int | None, watched: list[list[int]], expected: bool
) -> None:
    assert is_watched(content_type, duration, watched) is expected
