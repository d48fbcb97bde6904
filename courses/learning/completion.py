"""When something is complete, and the percent that everybody sees. Pure functions; seconds are whole."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from operator import itemgetter
from typing import TYPE_CHECKING

from courses.catalogue.models import Content

if TYPE_CHECKING:
    from courses.learning.folding import ProgressUpdate

#: API §3: a video is complete at 90 % watched, or, from a client that sends no intervals, past 90 % of its
#: length with at least 45 % of it spent: double speed.
WATCHED_PERCENT = 90
SPENT_PERCENT = 45


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """How far one enrolment has come."""

    completed_contents: int
    total_contents: int

    @property
    def progress_percent(self) -> float:
        return percent_of(self.completed_contents, self.total_contents)


def percent_of(completed: int, total: int) -> float:
    """Return ``completed`` of ``total`` in percent with one decimal, half up: 15 of 33 is 45.5.

    Short of all it is at most 99.9: 100 is said of a finished course only. Of nothing it is 0.
    """
    if total <= 0:
        return 0.0
    if completed >= total:
        return 100.0
    exact = (Decimal(100 * completed) / total).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return float(min(exact, Decimal("99.9")))


def united(intervals: Iterable[Sequence[int]]) -> list[list[int]]:
    """Return the union of half-open ``[start, end)`` intervals, sorted and disjoint; empty ones vanish."""
    union: list[list[int]] = []
    for start, end in sorted((start, end) for start, end in intervals if start < end):
        if union and start <= union[-1][1]:
            union[-1][1] = max(union[-1][1], end)
        else:
            union.append([start, end])
    return union


def unite_into(union: list[list[int]], intervals: Iterable[Sequence[int]]) -> bool:
    """Add ``intervals`` to a union in place, at the price of their number, not of its length; says whether it grew."""
    grew = False
    for start, end in intervals:
        first = bisect_right(union, start, key=itemgetter(0))
        if first and union[first - 1][1] >= start:
            first -= 1  # the piece before begins earlier and reaches here
        last = bisect_right(union, end, lo=first, key=itemgetter(0))
        met = union[first:last]
        if start >= end or (met and met[0][0] <= start and met[0][1] >= end):
            continue
        union[first:last] = [[min(start, met[0][0]), max(end, met[-1][1])] if met else [start, end]]
        grew = True
    return grew


def seconds_covered(union: Iterable[Sequence[int]], duration: int) -> int:
    """Return how many of the first ``duration`` seconds lie in a disjoint union."""
    return sum(max(0, min(end, duration) - start) for start, end in union)


def completes_by_itself(content_type: str, duration: int | None, update: "ProgressUpdate") -> bool:
    """Say whether ``update`` completes its content, whatever else was told of it (API §3, ``progress/update/``).

    A quiz completes by passing only. A video whose length is known completes by being watched,
    whatever the client claims; from a client that sends no intervals one update must show it alone,
    by its own position and its own total. Everything else completes by the client's word.
    """
    if content_type == Content.Type.QUIZ:
        return False
    if content_type != Content.Type.VIDEO or not duration:
        return update.is_completed
    if update.watched is not None:
        return False
    near_the_end = update.last_position * 100 > duration * WATCHED_PERCENT
    return near_the_end and update.time_spent * 100 >= duration * SPENT_PERCENT


def is_watched(content_type: str, duration: int | None, watched: Sequence[Sequence[int]]) -> bool:
    """Say whether the union ``watched`` completes a content: only that of a video whose length is known can."""
    if content_type != Content.Type.VIDEO or not duration:
        return False
    return seconds_covered(watched, duration) * 100 >= duration * WATCHED_PERCENT
