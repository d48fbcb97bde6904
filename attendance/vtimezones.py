"""Time zones as calendar files carry them, for programs that don't know them by name.

icalendar can make them too, but puts the beginning of summer time an hour late (RFC 5545 §3.6.5 gives it on the clock
that it ends) and misses what lasts for less than two months, as in Morocco.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


class _Observance(NamedTuple):
    """What a clock shows from some moments on: by how much before and after, and as what."""

    offset_from: timedelta
    offset_to: timedelta
    name: str
    is_summer_time: bool


def _is_summer_time(offset_before: timedelta, after: datetime) -> bool:
    """By what the clock does, as programs expect it: Ireland and Morocco call their winter time the unusual one."""
    offset = after.utcoffset()
    if offset != offset_before:
        return offset is not None and offset > offset_before
    return (after.dst() or timedelta()) > timedelta()


@lru_cache(maxsize=200)
def timezone_component(name: str, first_year: int, last_year: int) -> Timezone:
    """Return the VTIMEZONE of ``name``, good for these years. It is kept: nobody may change it."""
    zone, begin = ZoneInfo(name), datetime(first_year, 1, 1, tzinfo=UTC)
    changes = _changes(zone, begin, datetime(last_year + 1, 1, 1, tzinfo=UTC))
    onsets: dict[_Observance, list[datetime]] = defaultdict(list)
    offset = _offset(zone, begin)
    for at in chain([begin], changes):
        after = at.astimezone(zone)
        observance = _Observance(offset, _offset(zone, at), after.tzname() or name, _is_summer_time(offset, after))
        onsets[observance].append(at.replace(tzinfo=None) + offset)
        offset = observance.offset_to
    component = Timezone()
    component.add("TZID", name)
    for observance, clock_times in onsets.items():
        component.add_component(_component(observance, clock_times))
    return component


def _component(observance: _Observance, clock_times: list[datetime]) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if observance.is_summer_time else TimezoneStandard()
    component.add("DTSTART", clock_times[0])
    # A line each: of several in one some programs (vobject) read the first alone.
    for clock_time in clock_times[1:]:
        component.add("RDATE", clock_time)
    component.add("TZNAME", observance.name)
    component.add("TZOFFSETFROM", observance.offset_from)
    component.add("TZOFFSETTO", observance.offset_to)
    return component


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the moments, in UTC and to the second, from which on the clock differs from what it was before."""
    day = begin
    while day < end:
        before, day = day, day + _DAY
        if _offset(zone, before) != _offset(zone, day):
            yield _change_between(zone, before, day)


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // 2 // _SECOND * _SECOND
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
