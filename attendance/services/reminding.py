"""Telling of classes that begin soon."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, IntegerField, Q, Value
from django.db.models.functions import Cast
from django.utils import timezone

from attendance.events import ClassSoon
from attendance.models import AttendancePolicy, LiveSession
from attendance.models.policies import LONGEST_NOTICE
from attendance.models.sessions import LiveSessionRows
from e_learning.core.events import publish_on_commit

_UNTOLD = ~Q(reminded_for=F("starts_at"))
_POLICY = "course__attendance_policy"
#: Cast, because on SQLite Django multiplies durations by plain integers alone.
_NOTICE = ExpressionWrapper(
    Value(timedelta(minutes=1)) * Cast(f"{_POLICY}__remind_minutes", IntegerField()), output_field=DurationField()
)


def remind_of_sessions(*, now: datetime | None = None, batch: int = 200) -> int:
    """Announce every standing session that begins within its course's ``remind_minutes``; returns how many.

    The row remembers of which start was told: each is told of once, also by two sweeps at once, and another start
    anew. What has begun is told of no more. The row is written before the event leaves: a crash in between loses that
    one reminder and never sends it twice. Two statements a batch.
    """
    now, told = now or timezone.now(), 0
    while count := _remind(now, batch):
        told += count
    return told


@transaction.atomic
def _remind(now: datetime, batch: int) -> int:
    """Claim the sessions that are due and announce them. Where another sweep claimed one of them meanwhile, nothing is
    claimed here: what it leaves is found by the next.
    """
    rows = list(_due_sessions(now).select_for_update(of=("self",)).order_by("starts_at", "id")[:batch])
    claimed = LiveSession.objects.standing().filter(_UNTOLD, pk__in=[row.pk for row in rows])
    if not rows or claimed.update(reminded_for=F("starts_at")) < len(rows):
        transaction.set_rollback(True)
        return 0
    for row in rows:
        publish_on_commit(ClassSoon(row.pk, row.course_id, row.title, row.starts_at))
    return len(rows)


def _due_sessions(now: datetime) -> LiveSessionRows:
    default = AttendancePolicy().remind_minutes or 0
    by_default = Q(**{f"{_POLICY}__isnull": True}, starts_at__lte=now + timedelta(minutes=default))
    by_policy = Q(starts_at__lte=ExpressionWrapper(Value(now) + _NOTICE, output_field=DateTimeField()))
    # That they begin within LONGEST_NOTICE follows from the rest, and is what the index can use.
    ahead = LiveSession.objects.standing().filter(_UNTOLD, starts_at__gt=now, starts_at__lte=now + LONGEST_NOTICE)
    return ahead.filter(by_default | by_policy)
