"""The rooms, each made when it is first used, and what one may do in them."""

from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.chat.models import ChatRoom, Message
from community.chat.selectors import acquaintance, terms_of_rooms, whole
from community.groups.access import BlockedHere, Standing, blocked_between, standing_in
from community.groups.models import CommunityGroup
from e_learning.core.api.errors import NotAllowed, NotThere


class NotAcquainted(NotAllowed):
    code = "not_acquainted"
    message = _("You two are no longer in one community.")


def room_of(*, user: User, community_id: int) -> tuple[Standing, int]:
    """Return the user's place in the community and the id of its room. Two statements.

    Refuses as ``standing_in``: 404, 403 ``banned`` or ``membership_required``.
    """
    standing = standing_in(user=user, community_id=community_id)
    return standing, room_of_community(community_id)


def room_of_community(community_id: int) -> int:
    """Return the id of the community's room, made here when it is asked for the first time; 404 without community.

    Asks nobody's leave. Of two that make it at once the database lets one: the other gets that one's.
    """
    found = ChatRoom.objects.filter(community=community_id).values_list("pk", flat=True).first()
    if found is not None:
        return found
    if not CommunityGroup.objects.filter(pk=community_id).exists():
        raise NotThere
    return ChatRoom.objects.get_or_create(community_id=community_id)[0].pk


def room_with(*, user: User, other_id: int) -> ChatRoom:
    """Return the room of the user and somebody they spoke with; 404 where neither has spoken."""
    low, high = sorted((user.pk, other_id))
    room = ChatRoom.objects.filter(low_user=low, high_user=high).first()
    if room is None:
        raise NotThere
    return room


def open_room_with(*, user: User, other_id: int) -> ChatRoom:
    """Return the room of the two, made if they may begin to speak.

    404 for anybody who shares no community with the user, 403 ``blocked`` where one has blocked the other.
    """
    low, high = sorted((user.pk, other_id))
    room = ChatRoom.objects.filter(low_user=low, high_user=high).first()
    if room is not None:
        return room
    if acquaintance(user=user, other_id=other_id) is None:
        raise NotThere
    if blocked_between(user.pk, other_id):
        raise BlockedHere
    return ChatRoom.objects.get_or_create(low_user_id=low, high_user_id=high)[0]


def require_voice(*, user: User, room: ChatRoom) -> None:
    """Refuse who may not say anything in this room now: the rule of ``post_messages``, for one person, in full.

    404 for a room that is not theirs to know of, 403 ``membership_required``, ``banned``, ``muted``, ``blocked`` or
    ``not_acquainted``.
    """
    if room.community_id is not None:
        standing_in(user=user, community_id=room.community_id).require_voice()
        return
    if user.pk not in (room.low_user_id, room.high_user_id):
        raise NotThere
    terms = terms_of_rooms().get(pk=room.pk)
    if terms.is_blocked:
        raise BlockedHere
    if not terms.are_acquainted:
        raise NotAcquainted


def message_read_by(*, user: User, message_id: int) -> Message:
    """Return a message of a room that the user may read, also a deleted one; 404 for any other. Two statements."""
    message = whole().filter(pk=message_id).first()
    if message is None:
        raise NotThere
    room = message.room
    if room.community_id is None:
        if user.pk not in (room.low_user_id, room.high_user_id):
            raise NotThere
        return message
    try:
        standing_in(user=user, community_id=room.community_id)
    except NotAllowed as refusal:  # an id must not tell that there is a message
        raise NotThere from refusal
    return message
