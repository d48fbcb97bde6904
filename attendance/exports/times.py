"""Times and durations as meetings write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

_TIME: Final = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]{1,9})?)?"
    r" ?(?P<half>[ap]\.?m\.?)? ?(?P<offset>z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})?"
)
_DATES: Final = (
    r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})",
    r"(?P<first>[0-9]{1,2})(?P<mark>[-/.])(?P<second_one>[0-9]{1,2})(?P=mark)(?P<year>[0-9]{4}|[0-9]{2})",
    r"(?P<word>[a-z]{3,9})\.? (?P<day>[0-9]{1,2}),? (?P<year>[0-9]{4})",
    r"(?P<day>[0-9]{1,2}) (?P<word>[a-z]{3,9})\.?,? (?P<year>[0-9]{4})",
)
_WHOLE: Final = tuple(re.compile(rf"{form}(?:,? |t){_TIME}") for form in _DATES)
_TIME_ALONE: Final = re.compile(_TIME)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEARS: Final = range(2000, 2100)
_UNITS: Final = re.compile(
    r"(?:(?P<h>[0-9]{1,4}) ?h(?:r|rs|ours?)?)? ?(?:(?P<m>[0-9]{1,5}) ?m(?:in|ins|inutes?)?)?"
    r" ?(?:(?P<s>[0-9]{1,6}) ?s(?:ec|ecs|econds?)?)?"
)
_CLOCKED: Final = re.compile(r"(?P<h>[0-9]{1,3}):(?P<m>[0-9]{2}):(?P<s>[0-9]{2})")
_MINUTES: Final = re.compile(r"(?P<m>[0-9]{1,5})")


class Unreadable(ValueError):
    """A text is no time; its message is told to people."""


@dataclass(frozen=True, slots=True)
class Clock:
    """By which clock an export's times are read. Most name no zone, and 4/3 is a day in March or one in April.

    ``day_first`` False is the American order; years first, names of months and dots speak for themselves. ``near`` is
    when the meeting was, about: a time without a date is on the day that brings it nearest.
    """

    zone: tzinfo
    near: datetime
    day_first: bool = False

    def in_utc(self) -> "Clock":
        return Clock(ZoneInfo("UTC"), self.near, self.day_first)

    def read(self, text: str, *, after: datetime | None = None) -> datetime:
        """Return the moment in UTC. One without a date comes first ``after`` that moment, where one is given.

        Raises Unreadable. A time that the zone's clock shows twice is the first; one that it leaves out is taken as if
        it had not.
        """
        words = " ".join(text.lower().split())
        try:
            for form in _WHOLE:
                if found := form.fullmatch(words):
                    return self._at(self._day(found), found)
            if found := _TIME_ALONE.fullmatch(words):
                return self._without_date(found, after)
        except ValueError as error:
            raise Unreadable(_("“%(text)s” is no time.") % {"text": text}) from error
        raise Unreadable(_("“%(text)s” is no time.") % {"text": text})

    def _day(self, found: re.Match[str]) -> date:
        named = found.groupdict()
        year = int(named["year"]) + (2000 if len(named["year"]) == 2 else 0)
        if year not in _YEARS:
            raise ValueError(year)
        if "word" in named:
            return date(year, _MONTHS.index(named["word"][:3]) + 1, int(named["day"]))
        if "first" not in named:
            return date(year, int(named["month"]), int(named["day"]))
        one, other = int(named["first"]), int(named["second_one"])
        month, day = (other, one) if self.day_first or named["mark"] == "." else (one, other)
        return date(year, month, day)

    def _at(self, day: date, found: re.Match[str]) -> datetime:
        zone = _offset(found["offset"]) or self.zone
        return datetime.combine(day, _time(found), zone).astimezone(UTC)

    def _without_date(self, found: re.Match[str], after: datetime | None) -> datetime:
        about = (after or self.near).astimezone(self.zone).date()
        days = [self._at(about + timedelta(days=days), found) for days in (-1, 0, 1)]
        if after is not None:
            return next(at for at in days if at >= after.replace(second=0, microsecond=0))
        return min(days, key=lambda at: abs(at - self.near))


def read_duration(text: str) -> timedelta | None:
    """Return how long ``1h 2m 3s``, ``1 hr 2 min``, ``1:02:03`` or ``62`` (minutes) is; None for anything else."""
    words = " ".join(text.lower().split())
    found = _CLOCKED.fullmatch(words) or _MINUTES.fullmatch(words) or _UNITS.fullmatch(words)
    if found is None or not words:
        return None
    named = found.groupdict()
    hours, minutes, seconds = (int(named.get(unit) or 0) for unit in "hms")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def read_leaving(text: str, clock: Clock, *, joined_at: datetime, length: timedelta | None = None) -> datetime | None:
    """Return when somebody left who came at ``joined_at``; None where the export doesn't say.

    Where they were there for less than the time between, by ``length``, they went and came again: what is counted then
    is ``length`` from their coming on. Raises Unreadable.
    """
    if not text:
        return None if length is None else joined_at + length
    left_at = clock.read(text, after=joined_at)
    if left_at < joined_at.replace(second=0, microsecond=0):
        raise Unreadable(_("They left before they came."))
    left_at = max(left_at, joined_at)  # where only the leaving is told to the minute
    return left_at if length is None else min(left_at, joined_at + length)


def _time(found: re.Match[str]) -> time:
    hour, half = int(found["hour"]), (found["half"] or "")[:1]
    if half and not 1 <= hour <= 12:
        raise ValueError(hour)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, int(found["minute"]), int(found["second"] or 0))


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in ("z", "utc", "gmt"):
        return UTC
    sign, digits = (-1 if text[0] == "-" else 1), text[1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
