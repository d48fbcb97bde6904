"""Decisions about members: mute, ban, another role; and what members decide about themselves."""

from datetime import datetime
from typing import Any, TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.groups.access import Standing, standing_in
from community.groups.models import Membership
from community.groups.services import set_own_preferences
from community.moderation.services.acting import State, Verb, carry_out
from e_learning.core.api.errors import InvalidInput, NotAllowed, NotThere

_Role = Membership.Role
_PREFERENCES = ("email_notifications", "push_notifications")
_RANKS: dict[str, int] = {_Role.MEMBER: 0, _Role.MODERATOR: 1, _Role.INSTRUCTOR: 2}


class Outranked(NotAllowed):
    code = "rank"
    message = _("You may not decide this about them.")


class Over(InvalidInput):
    code = "past"
    message = _("This time has passed.")


class MemberValues(TypedDict, total=False):
    """What may be changed of a member; a time that is None lifts the mute or the ban."""

    role: str
    muted_until: datetime | None
    banned_until: datetime | None
    email_notifications: bool
    push_notifications: bool


@transaction.atomic
def change_member(
    *, actor: User, community_id: int, user_id: int, values: MemberValues, reason: str = ""
) -> Membership:
    """Change a member, all or nothing: preferences are everybody's own, each of the rest is a moderator's action.

    Refuses: 404, 403 (also for another's preferences), and what the three services below refuse.
    """
    preferences: Any = {name: value for name, value in values.items() if name in _PREFERENCES}
    if preferences:
        standing_in(user=actor, community_id=community_id)
        if user_id != actor.pk:
            raise NotAllowed
        set_own_preferences(user=actor, community_id=community_id, **preferences)
    decided: Any = {"moderator": actor, "community_id": community_id, "user_id": user_id, "reason": reason}
    if "role" in values:
        change_role(role=values["role"], **decided)
    if "muted_until" in values:
        mute_member(until=values["muted_until"], **decided)
    if "banned_until" in values:
        ban_member(until=values["banned_until"], **decided)
    return Membership.objects.select_related("user").get(community=community_id, user=user_id)


@transaction.atomic
def mute_member(*, moderator: User, community_id: int, user_id: int, until: datetime | None, reason: str) -> Membership:
    """Let a member read and not write until then; None lifts it. It ends by itself.

    Refuses: 400 ``past``, 404, 403 ``moderators_only``, ``rank``, 400 without a reason. What is so already stays so,
    without an action.
    """
    to = {"muted_until": _ahead(until, "muted_until")}
    member = held_member(moderator, community_id, user_id, to)
    return _decide(Verb.MUTE if until else Verb.UNMUTE, member, to, by=moderator, reason=reason)


@transaction.atomic
def ban_member(*, moderator: User, community_id: int, user_id: int, until: datetime | None, reason: str) -> Membership:
    """Shut a member out until then; None lifts it. Their sockets close within seconds. Refuses as ``mute_member``."""
    to = {"banned_until": _ahead(until, "banned_until")}
    member = held_member(moderator, community_id, user_id, to)
    return _decide(Verb.BAN if until else Verb.UNBAN, member, to, by=moderator, reason=reason)


@transaction.atomic
def change_role(*, moderator: User, community_id: int, user_id: int, role: str, reason: str) -> Membership:
    """Give a member another role. Instructors make moderators; only admins of the platform make instructors.

    Refuses as ``mute_member`` does.
    """
    to = {"role": role}
    return _decide(Verb.ROLE, held_member(moderator, community_id, user_id, to), to, by=moderator, reason=reason)


def held_member(moderator: User, community_id: int, user_id: int, to: State) -> Membership:
    """Return the membership, locked, for somebody who may bring it to that state."""
    standing = standing_in(user=moderator, community_id=community_id)
    standing.require_moderator()
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user", "community__course")
    membership = rows.filter(community=community_id, user=user_id).first()
    if membership is None:
        raise NotThere
    _require_rank(standing, membership, to)
    return membership


def _require_rank(standing: Standing, membership: Membership, to: State) -> None:
    """Moderators decide about members, instructors about moderators too, admins about all; nobody about themselves.

    The owner of the course answers to admins alone. Roles are the instructors' to give, that of an instructor excepted.
    """
    if membership.user_id == standing.user.pk:
        raise Outranked
    if standing.user.is_admin:
        return
    assert standing.membership is not None
    owner_id = membership.community.course.instructor_id
    is_out_of_reach = membership.user_id == owner_id or membership.user.is_admin
    if is_out_of_reach or _RANKS[standing.membership.role] <= _RANKS[membership.role]:
        raise Outranked
    if "role" in to and (not standing.teaches or to["role"] == _Role.INSTRUCTOR):
        raise Outranked


def _ahead(until: datetime | None, name: str) -> datetime | None:
    if until is not None and until <= timezone.now():
        raise Over(attr=name)
    return until


def _decide(verb: Verb, member: Membership, to: State, *, by: User, reason: str) -> Membership:
    if any(getattr(member, name) != value for name, value in to.items()):
        carry_out(verb, member, to, actor=by, reason=reason)
    return member
