"""Sessions of a series: made when it is planned, and later more of a rule without an end."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from attendance.models import LiveSession, SessionSeries
from attendance.recurrence import BadRecurrence, Recurrence, first_overlap, recurrence_of
from attendance.services.plans import like
from attendance.timing import BadTimes, Times

logger = logging.getLogger(__name__)
#: So far ahead sessions of a rule without an end are made, and more when so little is left.
MADE_AHEAD = timedelta(days=365)
LEFT_AT_LEAST = timedelta(days=180)
BATCH = 500


def start_series(
    first: LiveSession, recurrence: Recurrence, *, left_out: Sequence[datetime] | None = None
) -> LiveSession:
    """Save ``first`` and the others of its series, and return it.

    Refuses: 400 ``bad_recurrence`` for a rule that gives too many, and for a time left out at which none begins; 400
    ``bad_times`` where one would begin before the last has ended.
    """
    before = horizon_of(first.starts_at, timezone.now())
    lying = Times.of(first)
    series, times = made_series(first.course_id, recurrence, lying.ends, before=before, left_out=left_out or [])
    first.series, first.recurs_at = series, first.starts_at
    first.save()
    LiveSession.objects.bulk_create([like(first, lying, at, series) for at in times[1:]], batch_size=BATCH)
    return first


def horizon_of(starts_at: datetime, now: datetime) -> datetime:
    """Return until when sessions of a series without an end are made that begins at ``starts_at``."""
    return max(starts_at, now) + MADE_AHEAD


def made_series(
    course_id: int, recurrence: Recurrence, length: timedelta, *, before: datetime, left_out: Sequence[datetime]
) -> tuple[SessionSeries, list[datetime]]:
    """Save the series, and return it with the times of its sessions; refuses what ``start_series`` does."""
    recurrence = recurrence.in_line(before)
    every = recurrence.times(before)
    if not set(left_out) <= set(every[1:]):
        raise BadRecurrence(_("Only a session after the first can be left out: none begins then."), attr="exceptions")
    times = [at for at in every if at not in left_out]
    if first_overlap(times, length) is not None:
        raise BadTimes(_("A session would begin before the one before it has ended."), attr="ends_at")
    series = SessionSeries.objects.create(
        course_id=course_id,
        rrule=recurrence.rule,
        timezone=recurrence.zone.key,
        starts_at=recurrence.starts_at,
        exceptions=[_written(at) for at in sorted(set(left_out))],
        expanded_until=before if recurrence.is_endless else every[-1] + timedelta(seconds=1),
    )
    return series, times


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def rule_of(series: SessionSeries) -> Recurrence:
    return recurrence_of(series.rrule, series.starts_at, ZoneInfo(series.timezone))


def left_out_of(series: SessionSeries) -> list[datetime]:
    return [datetime.fromisoformat(text) for text in series.exceptions]


def extend_series(*, now: datetime | None = None) -> int:
    """Make sessions a year ahead of every rule without an end that has little left; returns how many.

    Not in archived courses. Called again, or twice at once, it makes none twice: a series is held, and a constraint
    has each of its times once. A series that fails is logged, and does not stop the others.
    """
    now, made = now or timezone.now(), 0
    due = SessionSeries.objects.filter(expanded_until__lt=now + LEFT_AT_LEAST, course__archived_at=None)
    endless = due.exclude(rrule__contains="COUNT=").exclude(rrule__contains="UNTIL=").order_by("pk")
    for series_id in endless.values_list("pk", flat=True):
        try:
            made += _extend(series_id, now)
        except Exception:  # whatever it is, the next series is not to wait for it
            logger.exception("series %s could not be extended", series_id)
    return made


@transaction.atomic
def _extend(series_id: int, now: datetime) -> int:
    series = SessionSeries.objects.select_for_update().filter(pk=series_id).first()
    # The latest that nobody changed; where every one was, the latest of all.
    rows = LiveSession.objects.filter(series=series_id).order_by("is_changed", "-state", "-recurs_at")
    latest, before = rows.first(), now + MADE_AHEAD
    if series is None or latest is None or not rule_of(series).is_endless or series.expanded_until >= before:
        return 0
    recurrence, left_out = rule_of(series), left_out_of(series)
    clocks = recurrence.clocks(before, since=recurrence.clock(series.expanded_until).date())
    times = [at for at in map(recurrence.at, clocks) if at >= series.expanded_until and at not in left_out]
    lying = Times.of(latest)
    LiveSession.objects.bulk_create(
        [like(latest, lying, at, series) for at in times], batch_size=BATCH, ignore_conflicts=True
    )
    series.expanded_until = before
    series.save(update_fields=["expanded_until"])
    return len(times)
