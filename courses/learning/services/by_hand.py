"""Access given and taken back by staff: always with a reason, and never against what was paid."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.learning.models import AccessGrant
from courses.learning.services.granting import end_grants, grant_access
from e_learning.core.api.errors import Conflict, InvalidInput, NotAllowed

_Source = AccessGrant.Source


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("Say why.")


class PaidFor(Conflict):
    code = "paid_for"
    message = _("What was bought ends with its refund, and what a subscription gives with the subscription.")


def grant_by_hand(
    *, staff: User, user_id: int, course_id: int, reason: str, ends_at: datetime | None, at: datetime
) -> AccessGrant:
    """Give somebody access to a course, without an end unless it is given.

    Refuses: 403 for who is no admin, 400 ``reason_missing``, 404 (there is no such course).
    """
    _check(staff, reason)
    granted = grant_access(
        user_id=user_id,
        course_id=course_id,
        source=_Source.MANUAL,
        reference="",
        reason=reason,
        at=at,
        ends_at=ends_at,
        granted_by_id=staff.pk,
    )
    return AccessGrant.objects.filter(enrollment=granted.enrollment_id, granted_by=staff).latest("pk")


def take_back_by_hand(*, staff: User, grant_ids: Collection[int], reason: str, at: datetime) -> int:
    """Take grants back; returns how many had not been before. An enrolment goes on by what other grants it has.

    Refuses: 403 for who is no admin, 400 ``reason_missing``, 409 ``paid_for`` if money stands behind one of
    them: access would end and the money stay.
    """
    _check(staff, reason)
    grants = AccessGrant.objects.filter(pk__in=grant_ids)
    if grants.filter(source__in=(_Source.PURCHASE, _Source.SUBSCRIPTION)).exists():
        raise PaidFor
    return end_grants(grants, reason=reason, at=at)


def _check(staff: User, reason: str) -> None:
    if not staff.is_admin:
        raise NotAllowed
    if not reason.strip():
        raise ReasonMissing(attr="reason")
