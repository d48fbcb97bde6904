"""Members come and go, and say how they want to hear of their community."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.groups.access import Banned, NotAMember, communities_known_to, standing_in
from community.groups.models import CommunityGroup, Membership
from community.groups.services.counting import count_members, hold
from courses.api import EnrollmentRequired
from e_learning.core.api.errors import Conflict


class OwnerStays(Conflict):
    code = "owner_stays"
    message = _("The course is yours: you stay in its community.")


@transaction.atomic
def join_group(*, user: User, community_id: int) -> Membership:
    """Return ``user``'s membership, made or taken up again; who is in already changes nothing.

    Who left comes back as a plain member, with the mute they had. Refuses, in this order: 404 for a community that they
    may not know of, 403 ``banned``, 403 ``enrollment_required``. The community is held before the enrolment is asked
    for: one that ends at this moment finds the new member, or refuses them.
    """
    hold(communities_known_to(user), community_id)
    membership, is_new = Membership.objects.get_or_create(community_id=community_id, user=user)
    if membership.is_banned(timezone.now()):
        raise Banned
    came = is_new or _came_back(membership)
    # The one predicate is asked of the row as it would stand; a refusal takes the row back.
    awake = Membership.objects.awake().select_related("user").filter(pk=membership.pk).first()
    if awake is None:
        raise EnrollmentRequired
    count_members(community_id, int(came))
    return awake


def _came_back(membership: Membership) -> bool:
    """Take up a membership that was left, or sleeps; says whether it was not counted until now."""
    mine = Membership.objects.filter(pk=membership.pk)
    returned = mine.filter(left_at__isnull=False).update(
        left_at=None, asleep_since=None, role=Membership.Role.MEMBER, joined_at=timezone.now()
    )
    return bool(returned or mine.filter(asleep_since__isnull=False).update(asleep_since=None))


@transaction.atomic
def leave_group(*, user: User, community_id: int) -> None:
    """Leave; who left already changes nothing, and who sleeps or is banned may go too.

    Refuses: 404 for a community that they may not know of, 403 ``membership_required`` for who never joined,
    409 ``owner_stays``.
    """
    mine = Membership.objects.filter(user=user, community=community_id)
    if not mine.exists():
        standing_in(user=user, community_id=community_id)
        raise NotAMember  # an admin, who may enter without being a member
    if hold(CommunityGroup.objects.all(), community_id).course.instructor_id == user.pk:
        raise OwnerStays
    now = timezone.now()
    went = mine.counted().update(left_at=now)
    mine.filter(left_at__isnull=True).update(left_at=now)  # who slept was not counted
    count_members(community_id, -went)


def set_own_preferences(
    *,
    user: User,
    community_id: int,
    email_notifications: bool | None = None,
    push_notifications: bool | None = None,
) -> Membership:
    """Say how to hear of this community; None leaves it as it is. Refuses as ``standing_in``."""
    membership = standing_in(user=user, community_id=community_id).membership
    if membership is None:
        raise NotAMember
    said = {"email_notifications": email_notifications, "push_notifications": push_notifications}
    for name, value in said.items():
        if value is not None:
            setattr(membership, name, value)
    membership.save(update_fields=[name for name, value in said.items() if value is not None])
    return membership
