"""Memberships sleep when the enrolment ends, and wake with it."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, DateTimeField, Q, Value, When
from django.utils import timezone

from community.groups.models import CommunityGroup, Membership, entitled
from community.groups.services.counting import hold, recount_members


def align_memberships(*, course_id: int | None = None, user_id: int | None = None) -> int:
    """Put memberships to sleep whose holder is no longer entitled, wake those who are again, and count anew.

    Of one course's community, and there of everybody or of one person; without a course, wherever it is needed.
    Returns how many changed: none, called again. The order of events does not matter, the enrolment is asked.
    """
    # A course's community is held whether anybody there seems out of line or not: who joins at this moment is not
    # to be seen before.
    found = _communities_out_of_line() if course_id is None else _communities_of(course_id)
    return sum(_align(community_id, user_id) for community_id in found)


def _out_of_line() -> Q:
    sleeps = Q(asleep_since__isnull=False)
    return Q(left_at__isnull=True) & ((sleeps & entitled()) | (~sleeps & ~entitled()))


def _communities_out_of_line() -> Iterable[int]:
    rows = Membership.objects.filter(_out_of_line()).order_by("community")
    return rows.values_list("community_id", flat=True).distinct()


def _communities_of(course_id: int) -> Iterable[int]:
    return CommunityGroup.objects.filter(course=course_id).values_list("pk", flat=True)


@transaction.atomic
def _align(community_id: int, user_id: int | None) -> int:
    hold(CommunityGroup.objects.all(), community_id)
    rows = Membership.objects.filter(_out_of_line(), community=community_id)
    if user_id is not None:
        rows = rows.filter(user=user_id)
    falls_asleep = When(asleep_since__isnull=True, then=Value(timezone.now(), output_field=DateTimeField()))
    changed = rows.update(asleep_since=Case(falls_asleep, default=None))
    if changed:
        recount_members(community_id)
    return changed
