"""Who may enter a community, and as what: the one place that decides it, for REST, sockets and the back office."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.groups.models import Block, CommunityGroup, Membership, MembershipRows
from e_learning.core.api.errors import NotAllowed, NotThere

Role = Membership.Role


class NotAMember(NotAllowed):
    code = "membership_required"
    message = _("Join this community first.")


class Banned(NotAllowed):
    code = "banned"
    message = _("You may not enter this community for now.")


class Muted(NotAllowed):
    code = "muted"
    message = _("You may read here, and not write for now.")


class ModeratorsOnly(NotAllowed):
    code = "moderators_only"
    message = _("Only moderators may do this.")


class InstructorsOnly(NotAllowed):
    code = "instructors_only"
    message = _("Only instructors of this community may do this.")


class BlockedHere(NotAllowed):
    code = "blocked"
    message = _("One of you has blocked the other.")


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody inside a community. ``membership`` is None for an admin of the platform who never joined."""

    user: User
    community: CommunityGroup
    membership: Membership | None

    @property
    def moderates(self) -> bool:
        return self.user.is_admin or (self.membership is not None and self.membership.moderates)

    @property
    def teaches(self) -> bool:
        """Whether they are an instructor here, or run the platform."""
        return self.user.is_admin or (self.membership is not None and self.membership.role == Role.INSTRUCTOR)

    def require_voice(self, at: datetime | None = None) -> None:
        """Refuse (403 ``muted``) who may not write now."""
        if self.membership is not None and self.membership.is_muted(at or timezone.now()):
            raise Muted

    def require_moderator(self) -> None:
        if not self.moderates:
            raise ModeratorsOnly

    def require_instructor(self) -> None:
        if not self.teaches:
            raise InstructorsOnly


def communities_known_to(user: User) -> QuerySet[CommunityGroup]:
    """Return the communities that ``user`` may know of: of courses that are public, and those they are a member of.

    A private one is known to its instructors alone. Everybody's to admins.
    """
    if user.is_admin:
        return CommunityGroup.objects.all()
    mine = Membership.objects.awake().filter(user=user)
    private = Q(visibility=CommunityGroup.Visibility.PRIVATE)
    public = Q(course__is_published=True, course__archived_at__isnull=True) & ~private
    taught = Q(pk__in=mine.filter(role=Role.INSTRUCTOR).values("community_id"))
    joined = Q(pk__in=mine.values("community_id")) & ~private
    return CommunityGroup.objects.filter(public | taught | joined)


def entering() -> MembershipRows:
    """Return the memberships that let their people in now: awake ones, and an instructor's where it is private."""
    private = Q(community__visibility=CommunityGroup.Visibility.PRIVATE)
    return Membership.objects.awake().filter(~private | Q(role=Role.INSTRUCTOR))


def communities_moderated_by(user: User) -> QuerySet[CommunityGroup]:
    """Return the communities in which ``user`` is a moderator or an instructor now; all of them for admins."""
    if user.is_admin:
        return CommunityGroup.objects.all()
    moderated = entering().filter(user=user).exclude(role=Role.MEMBER)
    return CommunityGroup.objects.filter(pk__in=moderated.values("community_id"))


def standing_in(*, user: User, community_id: int) -> Standing:
    """Return ``user``'s place in the community, in one statement for a member, two for anybody else.

    Refuses: 404 where there is none that they may know of, 403 ``banned`` or ``membership_required``.
    """
    membership = entering().select_related("community").filter(user=user, community=community_id).first()
    if membership is not None:
        return Standing(user, membership.community, membership)
    community = communities_known_to(user).filter(pk=community_id).first()
    if community is None:
        raise NotThere
    if user.is_admin:
        return Standing(user, community, None)
    if Membership.objects.filter(user=user, community=community_id, banned_until__gt=timezone.now()).exists():
        raise Banned
    raise NotAMember


def blocked_between(one_id: int, other_id: int) -> bool:
    """Say whether either of the two has blocked the other."""
    either = Q(blocker=one_id, blocked=other_id) | Q(blocker=other_id, blocked=one_id)
    return Block.objects.filter(either).exists()


def hidden_from(user_id: int) -> QuerySet[Block, int]:
    """Return the ids of those whom this person has blocked, as a subquery: ``author__in=hidden_from(…)``."""
    return Block.objects.filter(blocker=user_id).values_list("blocked_id", flat=True)
