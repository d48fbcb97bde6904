"""Series as rows, and calendar files as another parser than ours reads them (vobject)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import vobject

from attendance.models import LiveSession, SessionSeries
from courses.models import Course
from tests.factories.classes import make_session

LAST_CHANGE = datetime(2027, 1, 1, 12, tzinfo=UTC)


class Shown(NamedTuple):
    """One class in a calendar program."""

    starts_at: datetime
    ends_at: datetime
    title: str


def make_series(course: Course, rrule: str, clocks: Iterable[datetime], zone: str, **fields: Any) -> list[LiveSession]:
    """Return the sessions of a series that begin when the clock of ``zone`` shows ``clocks``, an hour long each."""
    times = [clock.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for clock in clocks]
    values = {"starts_at": times[0], "expanded_until": times[-1] + timedelta(seconds=1)}
    series = SessionSeries.objects.create(course=course, rrule=rrule, timezone=zone, **(values | fields))
    return [make_session(course, starts_at=at, series=series, recurs_at=at) for at in times]


def weekly(first: datetime, weeks: int) -> list[datetime]:
    return [first + timedelta(weeks=week) for week in range(weeks)]


def standing(rows: Iterable[LiveSession]) -> list[Shown]:
    """Return what a program has to show of ``rows``, as the database has them now."""
    now = LiveSession.objects.filter(pk__in=[row.pk for row in rows]).standing()
    return sorted(Shown(row.starts_at, row.ends_at, row.title) for row in now)


def events_in(file: bytes) -> list[Any]:
    calendar = vobject.readOne(file.decode())
    assert calendar.validate(raiseException=True)
    return list(calendar.contents.get("vevent", []))


def shown_by(file: bytes, *, until: datetime) -> list[Shown]:
    """Return every class that begins before ``until``, as a program shows them: rules expanded, exceptions left out,
    and what is there instead of a day in its place.
    """
    events = events_in(file)
    replaced = {
        (event.uid.value, _utc(one.value)) for event in events for one in event.contents.get("recurrence-id", [])
    }
    shown = [
        Shown(at, at + lasts, event.summary.value) for event in events for at, lasts in _days_of(event, until, replaced)
    ]
    return sorted(shown)


def _days_of(event: Any, until: datetime, replaced: set[tuple[str, datetime]]) -> Iterable[tuple[datetime, timedelta]]:
    lasts = _utc(event.dtend.value) - _utc(event.dtstart.value)
    if "rrule" not in event.contents:
        yield _utc(event.dtstart.value), lasts
        return
    for day in map(_utc, event.getrruleset()):
        if day >= until:
            return
        if (event.uid.value, day) not in replaced:
            yield day, lasts


def _utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None
    return moment.astimezone(UTC)
