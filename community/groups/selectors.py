"""Reading communities and their members."""

from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.api import User
from community.groups.access import Standing, communities_known_to
from community.groups.models import Block, CommunityGroup, Membership, MembershipRows, entitled
from e_learning.core.api.errors import NotThere


def groups_known_to(user: User, *, course_id: int | None = None, mine: bool = False) -> QuerySet[CommunityGroup]:
    """Return the communities that ``user`` may know of, each with ``my_role`` (None for who is not in)."""
    membership = Membership.objects.awake().filter(user=user, community=OuterRef("pk"))
    groups = communities_known_to(user).annotate(my_role=Subquery(membership.order_by().values("role")[:1]))
    if course_id is not None:
        groups = groups.filter(course=course_id)
    if mine:
        groups = groups.filter(my_role__isnull=False)
    return groups


def group_seen_by(user: User, community_id: int) -> CommunityGroup:
    """Return the community with ``my_role``; refuses with 404 where there is none that ``user`` may know of."""
    group = groups_known_to(user).filter(pk=community_id).first()
    if group is None:
        raise NotThere
    return group


def members_of(standing: Standing, *, search: str = "", role: str = "") -> MembershipRows:
    """Return the community's members as somebody in it sees them, by name: not those who left or sleep.

    Banned ones are listed for moderators alone. ``search`` is part of a name.
    """
    here = Membership.objects.filter(community=standing.community).select_related("user")
    rows = here.filter(entitled(), left_at__isnull=True) if standing.moderates else here.awake()
    if search:
        rows = rows.filter(Q(user__full_name__icontains=search) | Q(user__username__icontains=search))
    if role:
        rows = rows.filter(role=role)
    return rows.order_by("user__full_name", "user__username", "id")


def blocks_of(user: User) -> QuerySet[Block]:
    """Return whom ``user`` has blocked, latest first."""
    return Block.objects.filter(blocker=user).select_related("blocked")
