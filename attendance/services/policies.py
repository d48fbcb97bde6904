"""How a course is to keep its register."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.access import OwnersOnly, course_kept_with, teaches
from attendance.models import AttendancePolicy
from e_learning.core.api.errors import InvalidInput


class ClosesBeforeLate(InvalidInput):
    code = "closes_before_late"
    message = _("Check-in can't close before coming counts as late.")


@transaction.atomic
def set_policy(*, owner: User, course_id: int, values: Mapping[str, Any]) -> AttendancePolicy:
    """Change what ``values`` names of the course's policy and return it; sessions that are planned keep their times.

    Refuses: 404 to strangers, 403 ``owners_only`` to learners, 400 ``closes_before_late`` for what it would become. The
    row is made by the first change. Of two at once each changes its own fields, and the second is judged by what the
    first left; a constraint holds the order of the times.
    """
    if not teaches(owner, course_kept_with(owner, course_id).instructor_id):
        raise OwnersOnly
    AttendancePolicy.objects.get_or_create(course_id=course_id)
    policy = AttendancePolicy.objects.select_for_update().get(course=course_id)
    for name, value in values.items():
        setattr(policy, name, value)
    if policy.late_after_minutes > policy.closes_after_minutes:
        raise ClosesBeforeLate(
            attr="closes_after_minutes" if "closes_after_minutes" in values else "late_after_minutes"
        )
    policy.save(update_fields=list(values))
    return policy
