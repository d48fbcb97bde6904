"""From sessions to a calendar file (RFC 5545), as calendar programs subscribe to it.

Pure: no database, no clock. The same rows give the same bytes, so DTSTAMP is when a row changed last (as the RFC has it
for a calendar without a method).

What recurs is one event with its rule, and the rows are the truth about it. A day of the rule that has no row, or whose
class was cancelled, is taken out by an EXDATE: all programs follow that, while of a cancelled event some make nothing,
some a line struck through, and some one that takes place. A row that differs from the rest gets an event of its own in
that day's place. A row on a day that the rule does not give is an event without a series.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event, Timezone, vDuration, vRecur

from attendance.models import LiveSession, SessionSeries
from attendance.vtimezones import timezone_component

#: How often programs are asked to come again.
REFRESH = timedelta(hours=1)
#: So many days of a rule are looked at, which is more than are ever made of one.
MOST_DAYS = 5000
#: Of a rule without an end the clock is told for so long after the last session.
_YEARS_AHEAD = 5
#: What no text in a calendar may hold; a line break in a title is a space.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNTIL = re.compile("UNTIL=([0-9]{8}T[0-9]{6})Z")


class _Look(NamedTuple):
    """In what the classes of a series are alike, and one of them may differ."""

    title: str
    lasts: timedelta
    place: tuple[float, float] | None


class _Day(NamedTuple):
    """One beginning by a rule: on the clock of its zone, and the moment."""

    clock: datetime
    at: datetime


def calendar_file(sessions: Iterable[LiveSession], *, name: str, host: str) -> bytes:
    """Return the calendar of ``sessions``, each with its course and its series, in the order of their starts.

    Of a series all sessions have to be among them. ``host`` makes the ids of events unique in the world.
    """
    alone, by_series = [], defaultdict(list)
    for session in sessions:
        if session.series is None:
            alone.append(session)
        else:
            by_series[session.series].append(session)
    calendar = _empty_calendar(name)
    for series, rows in by_series.items():
        calendar.subcomponents += _events_of(series, rows, host)
    calendar.subcomponents += _single_events(alone, host)
    calendar.subcomponents[:0] = _timezones(calendar)
    written: bytes = calendar.to_ical()
    return written


def _empty_calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", "-//E-learning//Attendance//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.calendar_name = name
    calendar.add("REFRESH-INTERVAL", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    return calendar


def _timezones(calendar: Calendar) -> list[Timezone]:
    """Return the zones that the calendar's events name, good for all of their years."""
    years = [event.DTSTART.year for event in calendar.events if event.DTSTART]
    return [
        timezone_component(name, min(years) - 1, max(years) + _YEARS_AHEAD)
        for name in sorted(calendar.get_used_tzids())
    ]


# --- what recurs ----------------------------------------------------------------------------------
def _events_of(series: SessionSeries, rows: Sequence[LiveSession], host: str) -> Iterator[Event]:
    """Yield the event of the series, then those of the rows that differ, then those of the rows beside its rule."""
    zone, uid = ZoneInfo(series.timezone), f"series-{series.pk}@{host}"
    left_out = {datetime.fromisoformat(text) for text in series.exceptions}
    days, goes_on = _days_of(series, zone, max([series.expanded_until, *left_out]))
    usual = _usual_look(rows)
    beside = {row.recurs_at: row for row in rows}
    gone: list[_Day] = []
    unlike: list[tuple[_Day, LiveSession]] = []
    for day in days:
        row = beside.pop(day.at, None)
        if not (row.is_standing if row else day.at >= series.expanded_until and day.at not in left_out):
            gone.append(day)
        elif row and (row.starts_at != day.at or _look_of(row) != usual):
            unlike.append((day, row))
    if days and (goes_on or len(gone) < len(days)):
        yield _recurring(series, rows, days[0], gone, uid)
        for day, row in unlike:
            yield _in_place_of(day, row, zone, uid)
    yield from _single_events(beside.values(), host)


def _days_of(series: SessionSeries, zone: ZoneInfo, upto: datetime) -> tuple[list[_Day], bool]:
    """Return the days that the rule gives up to ``upto``, and whether it gives more."""
    days: list[_Day] = []
    first = series.starts_at.astimezone(zone).replace(tzinfo=None)
    for clock in islice(rrulestr(_on_the_clock(series.rrule, zone), dtstart=first), MOST_DAYS):
        at = clock.replace(tzinfo=zone).astimezone(UTC)
        if at > upto:
            return days, True
        days.append(_Day(clock, at))
    return days, False


def _on_the_clock(rule: str, zone: ZoneInfo) -> str:
    """Return ``rule`` with its UNTIL, which is in UTC (as it has to be beside a DTSTART with a zone), on its clock."""
    found = _UNTIL.search(rule)
    if found is None:
        return rule
    until = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).astimezone(zone)
    return rule.replace(found[0], f"UNTIL={until:%Y%m%dT%H%M%S}")


def _usual_look(rows: Sequence[LiveSession]) -> _Look:
    standing = [row for row in rows if row.is_standing]
    return Counter(_look_of(row) for row in standing or rows).most_common(1)[0][0]


def _look_of(row: LiveSession) -> _Look:
    place = None if row.latitude is None or row.longitude is None else (row.latitude, row.longitude)
    return _Look(row.title, row.ends_at - row.starts_at, place)


# --- events ---------------------------------------------------------------------------------------
def _recurring(
    series: SessionSeries, rows: Sequence[LiveSession], first: _Day, gone: Iterable[_Day], uid: str
) -> Event:
    """Its DTSTART is the first day of the rule, which is where programs begin to count."""
    zone, look = ZoneInfo(series.timezone), _usual_look(rows)
    event = _event(uid, rows[0].course.title, look)
    _set_times(event, first.clock.replace(tzinfo=zone), (first.at + look.lasts).astimezone(zone))
    event.add("RRULE", vRecur.from_ical(series.rrule))
    for day in gone:
        event.add("EXDATE", day.clock.replace(tzinfo=zone))
    _set_changes(event, rows)
    return event


def _in_place_of(day: _Day, row: LiveSession, zone: ZoneInfo, uid: str) -> Event:
    event = _event(uid, row.course.title, _look_of(row))
    event.add("RECURRENCE-ID", day.clock.replace(tzinfo=zone))
    _set_times(event, row.starts_at.astimezone(zone), row.ends_at.astimezone(zone))
    _set_changes(event, [row])
    return event


def _single_events(rows: Iterable[LiveSession], host: str) -> Iterator[Event]:
    for row in rows:
        if row.is_standing:
            event = _event(f"session-{row.pk}@{host}", row.course.title, _look_of(row))
            _set_times(event, row.starts_at, row.ends_at)
            _set_changes(event, [row])
            yield event


def _event(uid: str, course: str, look: _Look) -> Event:
    """The address of a meeting is left out on purpose: who asks for it signs in, and is noted as having joined."""
    event = Event()
    event.add("UID", uid)
    event.add("SUMMARY", _CONTROL.sub(" ", look.title))
    event.add("DESCRIPTION", _CONTROL.sub(" ", course))
    event.add("STATUS", "CONFIRMED")
    if look.place:
        event.add("GEO", look.place)
        event.add("LOCATION", "{:.6f}, {:.6f}".format(*look.place))
    return event


def _set_times(event: Event, starts_at: datetime, ends_at: datetime) -> None:
    event.add("DTSTART", starts_at)
    event.add("DTEND", ends_at)


def _set_changes(event: Event, rows: Sequence[LiveSession]) -> None:
    """Number and date the event by what happened to its rows; each change of one counts, so the number only grows."""
    changed_at = max(row.updated_at for row in rows).astimezone(UTC)
    event.add("SEQUENCE", sum(row.sequence for row in rows))
    event.add("DTSTAMP", changed_at)
    event.add("LAST-MODIFIED", changed_at)
