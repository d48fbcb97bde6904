"""A person's days: where they begin, which of them there are. Pure functions, daylight saving included."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ONE = timedelta(days=1)


def zone_of(name: str) -> tzinfo:
    """Return the IANA zone, or UTC where there is none of that name (any more): a day has to begin somewhere."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def day_at(seconds: int, zone: tzinfo) -> date:
    """Return the day of a moment given in seconds since 1970."""
    return datetime.fromtimestamp(seconds, zone).date()


def there_is(day: date, zone: tzinfo) -> bool:
    """Say whether the calendar of ``zone`` has this day: a zone that crosses the date line leaves one out."""
    noon = datetime.combine(day, time(12), zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def day_before(day: date, zone: tzinfo) -> date:
    """Return the day before ``day`` that the calendar of ``zone`` has."""
    before = day - _ONE
    return before if there_is(before, zone) else before - _ONE


def last_days(today: date, count: int, zone: tzinfo) -> list[date]:
    """Return ``count`` days of ``zone``, oldest first; ``today`` is the last."""
    days = [today]
    while len(days) < count:
        days.append(day_before(days[-1], zone))
    return days[::-1]


def week_of(day: date) -> tuple[date, date]:
    """Return the Monday and the Sunday of the week that ``day`` is in."""
    monday = day - day.weekday() * _ONE
    return monday, monday + 6 * _ONE


def current_streak(days: Iterable[date], *, today: date, zone: tzinfo) -> int:
    """Return how many of ``days`` follow each other up to today, or up to yesterday while today is still open."""
    active = set(days)
    day = today if today in active else day_before(today, zone)
    length = 0
    while day in active:
        length += 1
        day = day_before(day, zone)
    return length


def longest_streak(days: Iterable[date], *, zone: tzinfo) -> int:
    """Return how many of ``days`` follow each other at most."""
    ordered = sorted(set(days))
    longest = length = min(1, len(ordered))
    for before, day in pairwise(ordered):
        length = length + 1 if day_before(day, zone) == before else 1
        longest = max(longest, length)
    return longest
