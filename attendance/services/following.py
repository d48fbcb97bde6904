"""A session and all that follow in its series, changed or cancelled at once.

A series is split there: the old rule ends before the session, and a new series begins with it. So the rule of a series,
its beginning and its exceptions describe exactly those of its sessions that nobody changed, at any time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from attendance.access import SessionCancelled
from attendance.models import AttendanceEvent, LiveSession, SessionSeries
from attendance.recurrence import Recurrence, recurrence_of
from attendance.selectors.policies import policy_of, zone_of
from attendance.selectors.sessions import attended_among
from attendance.services.keeping import refold_session
from attendance.services.plans import (
    AlreadyAttended,
    AlreadyHeld,
    columns_of,
    is_news,
    like,
    tell_cancelled,
    tell_moved,
    told_apart,
    zone_in,
)
from attendance.services.recurring import BATCH, horizon_of, left_out_of, made_series, rule_of
from attendance.timing import Times, distances, refuse_far
from courses.api import course_row
from e_learning.core.api.errors import Conflict, NotThere

_TIMES = ["starts_at", "ends_at", "check_in_opens", "late_after", "check_in_closes", "absent_at", "closed_at"]
_WRITTEN = [*_TIMES, "series", "recurs_at", "is_changed", "state", "sequence", "updated_at"]
_ALONE: dict[str, Any] = {"series": None, "recurs_at": None, "is_changed": False}


class SeriesChanged(Conflict):
    code = "series_changed"
    message = _("Somebody else has just changed this series. Look at it again.")


@dataclass(frozen=True, slots=True)
class Rest:
    """A session and what follows in its series (nothing, where it has none), held until the commit, in order.

    ``place``: when the series had the session begin.
    """

    session: LiveSession
    series: SessionSeries | None
    place: datetime
    rows: list[LiveSession]

    def free(self, now: datetime, attended: set[int]) -> list[LiveSession]:
        """Return those that go along with a change: the session, and of the others what stands, lies ahead, and neither
        a learner came to nor anybody changed by hand.
        """

        def goes_along(row: LiveSession) -> bool:
            return row.is_standing and row.starts_at > now and not row.is_changed and row.pk not in attended

        return [row for row in self.rows if row is self.session or goes_along(row)]


@dataclass(frozen=True, slots=True)
class Onward:
    """By which rule it goes on. Each that follows finds its place there ``days`` after the day of its old one."""

    recurrence: Recurrence
    before: datetime
    days: timedelta
    left_out: list[datetime]


def change_following(
    session: LiveSession, values: Mapping[str, Any], *, rule: str | None, now: datetime
) -> LiveSession:
    """Change the session and what follows, by another ``rule`` where one is given: a part of ``change_session``.

    All that go along get the same clock time, and what else ``values`` name; what was cancelled, has begun, was
    attended or was changed by hand stays as it is. By another rule a session keeps its day where the rule has one
    there; the rest get the days that are left, in order, and what is left over then is made, or cancelled.
    """
    rest = _held_from(session)
    session, columns = rest.session, columns_of(values, rest.session.course_id)
    start = values.get("starts_at", session.starts_at)
    attended = attended_among(row.pk for row in rest.rows)
    _refuse_start(session, start, now, is_attended=session.pk in attended)
    given = distances(values, start)
    times = Times.of(session).changed(given)
    is_moved = start != session.starts_at or times.ends != Times.of(session).ends
    has_news = bool(rule) or is_moved or is_news(told_apart(session, columns))

    onward, free = _onward(rest, values, rule, now), rest.free(now, attended)
    series, places = made_series(
        session.course_id, onward.recurrence, times.ends, before=onward.before, left_out=onward.left_out
    )
    placed, unplaced = _placed(rest, free, places, onward)
    for row in rest.rows:
        _seat(row, series, placed.get(row.pk), now, is_free=row in free)
    for row in free:
        _move(row, start if row is session else placed.get(row.pk), Times.of(row).changed(given))
    _write(rest, free, columns)
    LiveSession.objects.bulk_create([like(session, times, at, series) for at in unplaced], batch_size=BATCH)
    if AttendanceEvent.objects.filter(session=session).exists():
        refold_session(session)
    if has_news:
        _tell(free, now)
    return session


def cancel_following(session: LiveSession, *, reason: str, now: datetime) -> None:
    """Cancel the session and what follows and lies ahead, also what was changed by hand: a part of ``cancel_session``.

    What is cancelled is of no series any more, and the series ends before it.
    """
    rest = _held_from(session)
    session = rest.session
    if session.is_standing and session.ends_at <= now and attended_among([session.pk]):
        raise AlreadyHeld
    going = [row for row in rest.rows if row.is_standing and (row is session or row.starts_at > now)]
    LiveSession.objects.filter(pk__in=[row.pk for row in going]).update(
        state=LiveSession.State.CANCELLED, cancel_reason=reason, sequence=F("sequence") + 1
    )
    LiveSession.objects.filter(pk__in=[row.pk for row in rest.rows]).update(**_ALONE, updated_at=now)
    _end_before(rest)
    ahead = [row for row in going if row.starts_at > now]
    if ahead:
        ahead[0].cancel_reason = reason
        tell_cancelled(ahead[0], and_following=True)


def _held_from(session: LiveSession) -> Rest:
    """Return the session and what follows. Refuses: 409 ``series_changed`` where it was moved meanwhile.

    The series is held first, as by all who change more than one of its sessions, so that no two wait for each other.
    """
    series = None
    if session.series_id is not None:
        series = SessionSeries.objects.select_for_update().filter(pk=session.series_id).first()
    rows = LiveSession.objects.select_for_update(no_key=True).order_by("pk")
    if series is None:
        found = list(rows.filter(pk=session.pk))
    else:
        found = list(rows.filter(series=series, recurs_at__gte=session.recurs_at))
    own = next((row for row in found if row.pk == session.pk), None)
    if own is None or own.series_id != (series and series.pk):
        raise SeriesChanged
    place = own.recurs_at or own.starts_at
    return Rest(own, series, place, sorted(found, key=lambda row: (row.recurs_at or row.starts_at, row.pk)))


def _refuse_start(session: LiveSession, start: datetime, now: datetime, *, is_attended: bool) -> None:
    if not session.is_standing:
        raise SessionCancelled
    if start != session.starts_at:
        refuse_far(start, now)
        if is_attended:
            raise AlreadyAttended(attr="starts_at")


def _onward(rest: Rest, values: Mapping[str, Any], rule: str | None, now: datetime) -> Onward:
    """Return how it goes on: by the rule that is given, else by the old one, moved as the session is."""
    start, days = values.get("starts_at", rest.place), timedelta()
    if rule or rest.series is None:
        recurrence = recurrence_of(rule or "", start, zone_in(values) or _zone_of(rest))
        before = horizon_of(start, now)
    else:
        old, made_until = rule_of(rest.series), rest.series.expanded_until
        recurrence = old.from_place(rest.place, to=start, before=made_until)
        before = old.at(old.clock(made_until) + (old.clock(start) - old.clock(rest.place)))
        days = _day(old, start) - _day(old, rest.place)
    if values.get("exceptions") is not None:
        return Onward(recurrence, before, days, values["exceptions"])
    days_off = {_day(recurrence, at) + days for at in (left_out_of(rest.series) if rest.series else [])}
    left_out = [at for at in recurrence.times(before)[1:] if _day(recurrence, at) in days_off]
    return Onward(recurrence, before, days, left_out)


def _zone_of(rest: Rest) -> ZoneInfo:
    if rest.series is not None:
        return ZoneInfo(rest.series.timezone)
    course = course_row(rest.session.course_id)
    if course is None:
        raise NotThere
    return zone_of(policy_of(course.id), course)


def _day(recurrence: Recurrence, at: datetime) -> date:
    return recurrence.clock(at).date()


def _placed(
    rest: Rest, free: list[LiveSession], places: list[datetime], onward: Onward
) -> tuple[dict[int, datetime], list[datetime]]:
    """Return where in the new series each session is, by its id, and the places that nobody has.

    Places are found by their days, of which none has two: what was cancelled or changed by hand has its place too, so
    that nothing is made there.
    """
    recurrence = onward.recurrence
    unplaced = {_day(recurrence, at): at for at in places[1:]}
    placed = {rest.session.pk: places[0]}
    for row in rest.rows:
        day = _day(recurrence, row.recurs_at or row.starts_at) + onward.days
        if row.pk not in placed and day in unplaced:
            placed[row.pk] = unplaced.pop(day)
    waiting = [row.pk for row in free if row.pk not in placed]
    left = sorted(unplaced.values())
    placed |= dict(zip(waiting, left, strict=False))
    return placed, left[len(waiting) :]


def _seat(row: LiveSession, series: SessionSeries, at: datetime | None, now: datetime, *, is_free: bool) -> None:
    """Give the session its place in the new series, or none in any."""
    row.series, row.recurs_at, row.updated_at = (series if at else None), at, now
    row.is_changed = at is not None and (row.is_changed or (not is_free and row.is_standing))


def _move(row: LiveSession, begins: datetime | None, times: Times) -> None:
    """Have the session begin then, or not at all."""
    if begins is None:
        row.state = LiveSession.State.CANCELLED
    else:
        times.refuse_disorder()
        columns = times.at(begins)
        if row.ends_at != columns["ends_at"]:
            row.closed_at = None
        for name, value in columns.items():
            setattr(row, name, value)
    row.sequence += 1


def _write(rest: Rest, free: list[LiveSession], columns: Mapping[str, Any]) -> None:
    for row in free:
        for name, value in columns.items():
            setattr(row, name, value)
    # All of them are there, and held: an update by rows, for which ``bulk_update`` takes the square of their number.
    LiveSession.objects.bulk_create(
        rest.rows, update_conflicts=True, unique_fields=["id"], update_fields=[*_WRITTEN, *columns], batch_size=BATCH
    )
    _end_before(rest)


def _end_before(rest: Rest) -> None:
    """End the old series before the session; one of which nothing is left goes."""
    series = rest.series
    if series is None:
        return
    if not LiveSession.objects.filter(series=series).exists():
        series.delete()
        return
    series.rrule = rule_of(series).until_before(rest.place).rule
    series.exceptions = [text for text in series.exceptions if datetime.fromisoformat(text) < rest.place]
    series.save(update_fields=["rrule", "exceptions"])


def _tell(moved: list[LiveSession], now: datetime) -> None:
    """Tell of the first that lies ahead: for all of them at once."""
    ahead = [row for row in moved if row.is_standing and row.starts_at > now]
    if ahead:
        tell_moved(min(ahead, key=lambda row: row.starts_at), and_following=True)
