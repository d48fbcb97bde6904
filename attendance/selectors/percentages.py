"""How much of a course somebody attended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from attendance.models import AttendancePolicy, AttendanceRecord, LiveSession, Status
from attendance.selectors.policies import policy_of

#: How often each status stands in somebody's records, as columns of one statement.
COUNT_OF_EACH = {status.value: Count("id", filter=Q(status=status)) for status in Status}


@dataclass(frozen=True, slots=True)
class Percentage:
    """``percent`` has one decimal, half up; None where no session counts."""

    counted_sessions: int
    percent: Decimal | None


def percentages_of(course_id: int, user_ids: Collection[int] | None = None) -> dict[int, Percentage]:
    """Return by user id how much of the course everybody attended, or those of ``user_ids``, in two statements.

    What counts are the records ``decided_in`` the sessions held; whoever has none is not in it.
    """
    weights = weights_of(policy_of(course_id))
    records = decided_in(sessions_held(course_id))
    if user_ids is not None:
        records = records.filter(user__in=user_ids)
    rows: Any = records.values("user_id").annotate(**COUNT_OF_EACH)
    return {row["user_id"]: percentage_of(weights, row) for row in rows}


def sessions_held(
    course_id: int, *, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[LiveSession]:
    """Return the sessions of the course that stand and have begun, by now and within ``since`` ≤ start < ``until``."""
    sessions = LiveSession.objects.standing().filter(course=course_id, starts_at__lte=timezone.now())
    if since is not None:
        sessions = sessions.filter(starts_at__gte=since)
    if until is not None:
        sessions = sessions.filter(starts_at__lt=until)
    return sessions.order_by()


def decided_in(sessions: QuerySet[LiveSession]) -> QuerySet[AttendanceRecord]:
    """Return the records that percentages are made of: those with a status.

    A session in which nothing is said of a learner counts neither for nor against them: it is not closed yet, or its
    course lets nobody be marked absent by the platform. What was set ahead counts from the session's start on.
    """
    return AttendanceRecord.objects.filter(session__in=sessions.values("pk")).exclude(status="").order_by()


def weights_of(policy: AttendancePolicy) -> dict[str, int]:
    """Return what each status counts, in percent of a presence; a status that leaves the session out is not in it."""
    weights = {status.value: getattr(policy, f"weight_{status.value}") for status in Status}
    return {status: weight for status, weight in weights.items() if weight is not None}


def percentage_of(weights: Mapping[str, int], counts: Mapping[str, int]) -> Percentage:
    """Return the percentage of somebody whose records have each status so often."""
    counted = sum(counts[status] for status in weights)
    if not counted:
        return Percentage(0, None)
    return Percentage(counted, one_decimal(Fraction(sum(counts[name] * weights[name] for name in weights), counted)))


def one_decimal(number: Fraction) -> Decimal:
    """Return a number that is not negative with one decimal, half up."""
    tenths = (number.numerator * 20 + number.denominator) // (number.denominator * 2)
    return Decimal(tenths).scaleb(-1)
