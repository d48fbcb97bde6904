"""A course's register in one table: how often everybody was there, and how much of it that is."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.utils import timezone

from accounts.api import User
from attendance.access import course_kept_with, teaches
from attendance.models import AttendanceRecord, LiveSession
from attendance.selectors.percentages import (
    COUNT_OF_EACH,
    decided_in,
    one_decimal,
    percentage_of,
    sessions_held,
    weights_of,
)
from attendance.selectors.policies import policy_of
from courses.api import learners_between


@dataclass(frozen=True, slots=True)
class LearnerSummary:
    """One learner. ``counted`` sessions make up ``percent``, which is None without any."""

    user_id: int
    full_name: str
    username: str
    present: int
    late: int
    absent: int
    excused: int
    counted: int
    minutes: int
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class SessionsSummary:
    """``held`` have begun and were not cancelled; of them ``counted`` count for one of the learners or more."""

    held: int
    counted: int


@dataclass(frozen=True, slots=True)
class RegisterSummary:
    """``average_percent`` is the mean of the learners' percentages as they are shown, to one decimal."""

    course_id: int
    sessions: SessionsSummary
    average_percent: Decimal | None
    learners: Sequence[LearnerSummary]


#: The columns of a sheet, each a field of ``LearnerSummary``.
COLUMNS = [field.name for field in fields(LearnerSummary)]
Names = tuple[str, str]  # full name, username
_NOTHING = dict.fromkeys((*COUNT_OF_EACH, "minutes"), 0)


def summary_of(
    user: User, course_id: int, *, since: datetime | None = None, until: datetime | None = None
) -> RegisterSummary:
    """Return the course's register over the sessions held, by name.

    To who teaches the course: everybody who is enrolled now or in the register; to a learner only themselves, also in
    what is said of all. Refuses: 404 to who neither teaches the course nor is enrolled. Five statements at most,
    whatever there is to count.
    """
    course = course_kept_with(user, course_id)
    weights = weights_of(policy_of(course.id))
    held = sessions_held(course.id, since=since, until=until)
    records = decided_in(held)
    if teaches(user, course.instructor_id):
        names = _names_of_learners(course.id)
    else:
        names, records = {user.pk: (user.full_name, user.username)}, records.filter(user=user)
    learners = _learners(names, records, weights)
    return RegisterSummary(course.id, _sessions(held, records, weights), _average(learners), learners)


def _names_of_learners(course_id: int) -> dict[int, Names]:
    now = timezone.now()
    return {learner.user_id: (learner.full_name, learner.username) for learner in learners_between(course_id, now, now)}


def _learners(
    names: dict[int, Names], records: QuerySet[AttendanceRecord], weights: Mapping[str, int]
) -> list[LearnerSummary]:
    """Return whom ``names`` holds and whom ``records`` are of, with what is counted of them, in one statement."""
    found = records.values("user_id", "user__full_name", "user__username").annotate(
        **COUNT_OF_EACH, minutes=Sum("minutes")
    )
    counts: dict[int, Any] = {row["user_id"]: row for row in found}
    everybody = {row["user_id"]: (row["user__full_name"], row["user__username"]) for row in counts.values()} | names
    learners = [_learner(user_id, name, counts.get(user_id, _NOTHING), weights) for user_id, name in everybody.items()]
    return sorted(learners, key=lambda learner: (learner.full_name.casefold(), learner.username, learner.user_id))


def _learner(user_id: int, name: Names, counts: Mapping[str, int], weights: Mapping[str, int]) -> LearnerSummary:
    full_name, username = name
    percentage = percentage_of(weights, counts)
    of_each = {status: counts[status] for status in COUNT_OF_EACH}
    return LearnerSummary(
        user_id=user_id,
        full_name=full_name,
        username=username,
        **of_each,
        counted=percentage.counted_sessions,
        minutes=counts["minutes"],
        percent=percentage.percent,
    )


def _sessions(
    held: QuerySet[LiveSession], records: QuerySet[AttendanceRecord], weights: Mapping[str, int]
) -> SessionsSummary:
    counts = Exists(records.filter(status__in=weights, session=OuterRef("pk")))
    return SessionsSummary(**held.aggregate(held=Count("id"), counted=Count("id", filter=counts)))


def _average(learners: Sequence[LearnerSummary]) -> Decimal | None:
    percents = [learner.percent for learner in learners if learner.percent is not None]
    return one_decimal(Fraction(sum(percents)) / len(percents)) if percents else None


def sheet_of(summary: RegisterSummary) -> list[tuple[Any, ...]]:
    """Return the learners as lines of a sheet under ``COLUMNS``."""
    return [astuple(learner) for learner in summary.learners]
