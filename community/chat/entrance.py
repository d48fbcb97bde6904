"""Who comes into a room by a socket, and who of those inside may stay."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.api import User
from community.chat.healing import last_numbers
from community.chat.selectors import blocked_by, senders
from community.chat.services import room_of
from community.groups.access import entering
from community.groups.models import Block
from e_learning.core.api.errors import NotSignedIn


@dataclass(frozen=True, slots=True)
class Entrance:
    """Somebody who may come in. ``last_seq``: what happened before it they find by ``sync``."""

    user: User
    room_id: int
    last_seq: int
    muted_until: datetime | None
    hidden: frozenset[int]


def enter(*, user_id: int, community_id: int) -> Entrance:
    """Return what a socket needs to know. Five statements; refuses as ``standing_in``, 401 for who is no more."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotSignedIn
    standing, room_id = room_of(user=user, community_id=community_id)
    return Entrance(
        user=user,
        room_id=room_id,
        last_seq=last_numbers([room_id])[room_id],
        muted_until=standing.membership.muted_until if standing.membership else None,
        hidden=blocked_by(user_id),
    )


@dataclass(frozen=True, slots=True)
class Stay:
    """What holds for somebody inside at this moment."""

    muted_until: datetime | None
    hidden: frozenset[int]


def who_stays(inside: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Stay]:
    """Return those of the given (user, community) who may stay: by ``entering``, or as admins of the platform.

    Two statements, whatever their number, and one more where somebody is inside who is no member.
    """
    users, communities = {user for user, _ in inside}, {community for _, community in inside}
    members = entering().order_by().filter(user__in=users, community__in=communities)
    muted = {
        (user, community): until for user, community, until in members.values_list("user", "community", "muted_until")
    }
    hidden: dict[int, set[int]] = defaultdict(set)
    for blocker, blocked in Block.objects.order_by().filter(blocker__in=users).values_list("blocker", "blocked"):
        hidden[blocker].add(blocked)
    others = {user for user, community in inside if (user, community) not in muted}
    admins = set(senders().filter(pk__in=others, runs_platform=True).values_list("pk", flat=True)) if others else set()
    return {
        (user, community): Stay(muted.get((user, community)), frozenset(hidden[user]))
        for user, community in inside
        if (user, community) in muted or user in admins
    }
