"""Enrolments that come to their end: told beforehand, and when it has come, once each for every end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from courses.events import EnrollmentExpired, EnrollmentExpiring
from courses.learning.models import Enrollment, untold_end
from e_learning.core.events import publish_on_commit


@dataclass(frozen=True, slots=True)
class Announced:
    """How many ends this call told of."""

    expiring: int
    expired: int


def announce_expiries(*, now: datetime | None = None, batch: int = 200) -> Announced:
    """Tell of every enrolment that ends within ``ENROLLMENT_NOTICE_DAYS``, and of every one that has ended.

    The row remembers which end was told of, so each end is told once, also by two sweeps at once, and
    a renewed enrolment is told of anew. The row is written before the event leaves: a crash in
    between loses that one announcement and never sends it twice. Whoever needs more than a hint
    keeps a row of their own. Access needs neither: it is decided by the date (``current_enrollment``).
    ``is_active`` stays: the row is still the one that renewing opens again.
    """
    now = now or timezone.now()
    ending = now + timedelta(days=settings.ENROLLMENT_NOTICE_DAYS)
    soon = Q(expiry_date__gt=now, expiry_date__lte=ending) & ~Q(expiry_noticed_for=F("expiry_date"))
    return Announced(
        expiring=_announce(soon, "expiry_noticed_for", EnrollmentExpiring, now, batch),
        expired=_announce(Q(expiry_date__lte=now), "expiry_told_for", EnrollmentExpired, now, batch),
    )


def _announce(due: Q, remembered: str, event: Callable[..., Any], now: datetime, batch: int) -> int:
    told, last = 0, 0
    ends = Enrollment.objects.filter(untold_end(), due).order_by("pk")
    while rows := list(ends.filter(pk__gt=last)[:batch]):
        for enrollment in rows:
            told += _announce_one(ends, enrollment, remembered, event, now)
        last = rows[-1].pk
    return told


@transaction.atomic
def _announce_one(
    ends: QuerySet[Enrollment], enrollment: Enrollment, remembered: str, event: Callable[..., Any], now: datetime
) -> bool:
    """Claim this end and tell of it; says whether it was this call's to tell.

    The condition is asked again by the update, for the end that was read: who comes second, and
    who comes after a renewal, changes no row.
    """
    claimed = ends.filter(pk=enrollment.pk, expiry_date=enrollment.expiry_date)
    if not _claim(claimed, remembered):
        return False
    publish_on_commit(
        event(
            user_id=enrollment.user_id,
            course_id=enrollment.course_id,
            enrollment_id=enrollment.pk,
            expiry_date=enrollment.expiry_date,
            at=now,
        )
    )
    return True


def _claim(ends: QuerySet[Enrollment], remembered: str) -> bool:
    return bool(ends.order_by().update(**{remembered: F("expiry_date")}))
