"""Do enrolments follow from their grants? Asked by whoever audits; the answer should always be empty."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from courses.learning.models import AccessGrant, AccessPass, Enrollment, current_enrollment, live_access


class PassRow(NamedTuple):
    """A pass as whoever gave it knows it. ``ends_at`` None is no end."""

    reference: str
    user_id: int
    ends_at: datetime | None


def live_passes(*, at: datetime) -> Iterator[PassRow]:
    """Yield the passes that cover courses at ``at``."""
    rows = AccessPass.objects.filter(live_access(at)).order_by("pk")
    yield from map(PassRow._make, rows.values_list("reference", "user_id", "ends_at").iterator())


def enrollments_out_of_line(*, at: datetime) -> QuerySet[Enrollment]:
    """Return the enrolments that are current without a live grant, or not open until the furthest end of theirs."""
    live = AccessGrant.objects.filter(live_access(at), enrollment=OuterRef("pk"))
    furthest = live.order_by().values("enrollment").annotate(end=Max("ends_at")).values("end")
    granted = Enrollment.objects.annotate(
        is_granted=Exists(live), is_endless=Exists(live.filter(ends_at=None)), furthest=Subquery(furthest)
    )
    is_in_line = (
        (Q(is_granted=False) & ~current_enrollment(at))
        | Q(is_active=True, is_endless=True, expiry_date=None)
        | Q(is_active=True, is_granted=True, is_endless=False, expiry_date=F("furthest"))
    )
    return granted.exclude(is_in_line).order_by("pk")
