"""Bringing enrolments back in line with their grants, where something else than the services moved them."""

from datetime import datetime

from django.db import transaction

from courses.learning.auditing import enrollments_out_of_line
from courses.learning.models import Enrollment
from courses.learning.services.granting import settle_access
from courses.learning.services.keeping import hold_enrollments

#: Enrolments held at once.
_BATCH = 200


def realign_enrollments(*, at: datetime) -> list[int]:
    """Open, end or move the end of each enrolment that doesn't follow from its grants; returns their ids."""
    ids = list(enrollments_out_of_line(at=at).values_list("pk", flat=True))
    for start in range(0, len(ids), _BATCH):
        _realign(ids[start : start + _BATCH], at=at)
    return ids


@transaction.atomic
def _realign(ids: list[int], *, at: datetime) -> None:
    held = hold_enrollments(Enrollment.objects.filter(pk__in=ids))
    settle_access(held.values(), at=at, reason="in line with its grants")
