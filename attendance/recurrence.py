"""Rules by which sessions recur: the value of an RFC 5545 RRULE, read on the clock of a place.

Pure: no database, no clock of its own. A class at nine stays at nine when summer time begins.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import InvalidInput

MOST_SESSIONS = 400
LONGEST_RULE = 500
#: How long a rule with an end may last; one without an end is made a year at a time.
LONGEST_SERIES = timedelta(days=5 * 366)

#: The calendar repeats itself to the day of the week after 400 years. dateutil looks for the next day of a rule until
#: the year 9999 and can't be stopped before, so a rule that has none (February 30th) would keep a server busy for
#: seconds: rules are read at the end of the time that it knows, which leaves it some 370 years to look through.
_CYCLES = 19 * 400
#: Past it no rule is asked; dateutil stumbles over the end of the year 9999.
_MOST_YEARS = 50

_DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
_DAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_NUMBERS = r"[+-]?[1-9]\d{0,2}(?:,[+-]?[1-9]\d{0,2})*"
_NTH_DAYS = rf"(?:[+-]?[1-9]\d?)?{_DAY}(?:,(?:[+-]?[1-9]\d?)?{_DAY})*"
_PLAIN_DAYS = f"{_DAY}(?:,{_DAY})*"
_ANYWHERE = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,8}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "WKST": _DAY,
    "BYMONTH": r"[1-9]\d?(?:,[1-9]\d?)*",
}
_BY_FREQUENCY = {
    "DAILY": {"BYDAY": _PLAIN_DAYS},
    "WEEKLY": {"BYDAY": _PLAIN_DAYS},
    "MONTHLY": {"BYDAY": _NTH_DAYS, "BYMONTHDAY": _NUMBERS, "BYSETPOS": _NUMBERS},
    "YEARLY": {
        "BYDAY": _NTH_DAYS,
        "BYMONTHDAY": _NUMBERS,
        "BYYEARDAY": _NUMBERS,
        "BYWEEKNO": _NUMBERS,
        "BYSETPOS": _NUMBERS,
    },
}

Parts = tuple[tuple[str, str], ...]


class BadRecurrence(InvalidInput):
    code = "bad_recurrence"
    message = _("This is no rule by which sessions can recur.")

    def __init__(self, message: str | Promise | None = None, *, attr: str = "recurrence") -> None:
        super().__init__(message, attr=attr)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule from its first time on. The first is one of its times and counts for COUNT, whatever the rule says of it.

    ``parts`` are the rule's, in their order, without its end. The end is ``count`` or ``until`` (the last moment at
    which something may begin), or neither.
    """

    parts: Parts
    starts_at: datetime
    zone: ZoneInfo
    count: int | None = None
    until: datetime | None = None

    @property
    def is_endless(self) -> bool:
        return self.count is None and self.until is None

    @property
    def rule(self) -> str:
        """The value of the RRULE, as calendars take it: UNTIL is in UTC."""
        end = [("COUNT", str(self.count))] if self.count else []
        if self.until:
            end = [("UNTIL", f"{self.until.astimezone(UTC):%Y%m%dT%H%M%SZ}")]
        return ";".join(f"{name}={value}" for name, value in [*self.parts, *end])

    def times(self, before: datetime) -> list[datetime]:
        """Return when it begins, in order: all of a rule with an end, else what begins before ``before``.

        Refuses: 400 ``bad_recurrence`` for more than ``MOST_SESSIONS``.
        """
        return [self.at(clock) for clock in self.clocks(before)]

    def clocks(self, before: datetime, *, since: date = date.min) -> list[datetime]:
        """Return what the clock of the zone shows at ``times``; with ``since`` from that day on."""
        found = []
        for clock in self._clocks(before):
            if clock.date() >= since:
                found.append(clock)
            if len(found) > MOST_SESSIONS:
                raise BadRecurrence(_("A rule gives at most 400 sessions at once."))
        return found

    def clock(self, at: datetime) -> datetime:
        """Return what the clock of the zone shows at ``at``."""
        return at.astimezone(self.zone).replace(tzinfo=None, fold=0)

    def at(self, clock: datetime) -> datetime:
        """Return the moment at which the clock of the zone shows ``clock``.

        What it never shows is taken with the offset before the gap, what it shows twice the first time (RFC 5545,
        3.3.5).
        """
        if clock == self._first_clock:
            return self.starts_at
        return clock.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def in_line(self, before: datetime) -> "Recurrence":
        """Return the same times by a rule that calendars read alike.

        Where the first time isn't one of the rule's own, some count it and some don't: then the end is a date. Refuses:
        400 ``bad_recurrence`` as ``times``, and for an end past ``LONGEST_SERIES``.
        """
        times = self.times(before)
        is_long = not self.is_endless and times[-1] > self.starts_at + LONGEST_SERIES
        if is_long or len(times) < (self.count or 0):
            raise BadRecurrence(_("A rule ends within five years, or has no end."))
        is_own = next(self._own_clocks()) == self._first_clock
        recurrence = self if is_own or self.count is None else self.ended(times[-1])
        if len(recurrence.rule) > LONGEST_RULE:
            raise BadRecurrence
        return recurrence

    def refuse_nothing(self) -> None:
        """Refuses: 400 ``bad_recurrence`` for what dateutil refuses, an end before the beginning, and a rule that gives
        nothing by itself.
        """
        if self.until and self.until < self.starts_at:
            raise BadRecurrence(_("This rule ends before it begins."))
        try:
            if next(self._own_clocks(), None) is None:
                raise BadRecurrence(_("This rule gives no session."))
        except (ValueError, OverflowError) as error:
            raise BadRecurrence from error

    def ended(self, last: datetime) -> "Recurrence":
        """Return the rule with ``last`` as its last time."""
        return replace(self, count=None, until=last)

    def until_before(self, place: datetime) -> "Recurrence":
        """Return the rule of what comes before ``place``, one of its times but the first."""
        sooner = [clock for clock in self._clocks(place) if clock.date() < self.clock(place).date()]
        return self.ended(self.at(sooner[-1]))

    def from_place(self, place: datetime, *, to: datetime, before: datetime) -> "Recurrence":
        """Return the rule of what comes from ``place`` on, all of it moved on the clock so that it begins at ``to``.

        Refuses: 400 ``bad_recurrence`` where moving the days of the week in the rule does not say it.
        """
        start, by = self.clock(place), self.clock(to) - self.clock(place)
        wanted = [clock + by for clock in self.clocks(before, since=start.date())]
        parts = _turned(self.parts, (self.clock(to).date() - start.date()).days)
        moved = replace(self, parts=parts, starts_at=to, count=None, until=None)
        if wanted and not self.is_endless:
            moved = moved.ended(moved.at(wanted[-1]))
        if not wanted or moved.clocks(self.at(self.clock(before) + by)) != wanted:
            raise BadRecurrence(_("This rule can't be moved to another day. Say by which rule it recurs from then on."))
        return moved

    @property
    def _first_clock(self) -> datetime:
        return self.clock(self.starts_at)

    def _clocks(self, before: datetime) -> Iterator[datetime]:
        """What the clock shows at every time, up to the rule's end, or to ``before`` where it has none."""
        for number, clock in enumerate(self._all_clocks()):
            at = self.at(clock)
            if number == self.count or (self.until and at > self.until) or (self.is_endless and at >= before):
                return
            yield clock

    def _all_clocks(self) -> Iterator[datetime]:
        first = self._first_clock
        yield first
        yield from (clock for clock in self._own_clocks() if clock > first)

    def _own_clocks(self) -> Iterator[datetime]:
        """What the rule itself gives, without its end."""
        start, plain = self._first_clock, ";".join(f"{name}={value}" for name, value in self.parts)
        for found in rrulestr(plain, dtstart=start.replace(year=start.year + _CYCLES)):
            if found.year - _CYCLES - start.year > _MOST_YEARS:
                return
            yield found.replace(year=found.year - _CYCLES)


def recurrence_of(text: str, starts_at: datetime, zone: ZoneInfo) -> Recurrence:
    """Return the rule in ``text``, the value of an RRULE, from ``starts_at`` (whole seconds) on.

    Refuses: 400 ``bad_recurrence`` for anything else, for what recurs more than once a day, and for other properties.
    """
    pairs = [pair.partition("=")[::2] for pair in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";")]
    parts = dict(pairs)
    known = _ANYWHERE | _BY_FREQUENCY.get(parts.get("FREQ", ""), {})
    if len(text) > LONGEST_RULE or len(parts) < len(pairs) or "FREQ" not in parts:
        raise BadRecurrence
    if not all(name in known and re.fullmatch(known[name], value, re.ASCII) for name, value in pairs):
        raise BadRecurrence
    count, until = parts.get("COUNT"), parts.get("UNTIL")
    if count and until:
        raise BadRecurrence(_("A rule ends by COUNT or by UNTIL, not by both."))
    recurrence = Recurrence(
        parts=tuple(pair for pair in pairs if pair[0] not in ("COUNT", "UNTIL")),
        starts_at=starts_at,
        zone=zone,
        count=int(count) if count else None,
        until=_end(until, zone) if until else None,
    )
    recurrence.refuse_nothing()
    return recurrence


def _end(text: str, zone: ZoneInfo) -> datetime:
    """Return UNTIL as a moment: in UTC with a Z, else on the clock of the zone; of a date the whole day counts."""
    try:
        if len(text) == 8:
            end = datetime.combine(date.fromisoformat(text), time(23, 59, 59))
        else:
            end = datetime.fromisoformat(text)
        return (end if end.tzinfo else end.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRecurrence from error


def _turned(parts: Parts, days: int) -> Parts:
    """Return the parts with their days of the week so many days later, and the week's first day with them.

    The nth days of a month, and days by their number, stay: they can't be moved so.
    """
    if not days % 7:
        return parts
    weekly = (("WKST", "MO"),) if ("FREQ", "WEEKLY") in parts and "WKST" not in dict(parts) else ()
    return tuple((name, _later(value, days) if name in ("BYDAY", "WKST") else value) for name, value in parts + weekly)


def _later(names: str, days: int) -> str:
    listed = names.split(",")
    if not all(name in _DAYS for name in listed):
        return names
    return ",".join(_DAYS[(_DAYS.index(name) + days) % 7] for name in listed)


def first_overlap(times: list[datetime], length: timedelta) -> datetime | None:
    """Return the first of ``times`` at which what began before, ``length`` long, is still going on."""
    return next((later for sooner, later in pairwise(times) if sooner + length > later), None)
