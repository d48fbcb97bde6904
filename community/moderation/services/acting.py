"""How every decision is carried out: the thing is held, its state changed, and who did it, and why, written down."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.chat.models import Message
from community.chat.selectors import whole
from community.chat.services import give_back_message, take_down_message
from community.groups.access import standing_in
from community.groups.models import Membership
from community.moderation.models import LONGEST_REASON, Flag, ModerationAction
from community.moderation.services.telling import tell
from community.posts.models import Post
from community.posts.selectors import require_readable
from community.posts.services import give_back, locked_post, set_pinned, set_status, take_down
from e_learning.core.api.errors import Conflict, InvalidInput, NotAllowed, NotThere

Target = Post | Message | Membership
#: Columns of what is moderated, by name, as JSON keeps them: times are ISO 8601 text.
State = dict[str, Any]
Verb = ModerationAction.Verb


class OwnWords(NotAllowed):
    code = "own_words"
    message = _("Somebody else has to decide about what you wrote.")


class ChangedSince(Conflict):
    code = "changed_since"
    message = _("This was changed since.")


# --- who may ------------------------------------------------------------------------------------


def held_post(moderator: User, post_id: int) -> Post:
    """Return the post, removed or not, locked, for somebody who moderates its community.

    Refuses: 404 where they could not read it either, 403 as ``standing_in``, 403 ``moderators_only``.
    """
    post = Post.objects.filter(pk=post_id).first()
    if post is None:
        raise NotThere
    standing = standing_in(user=moderator, community_id=post.community_id)
    if post.deleted_at is not None and not standing.moderates:
        raise NotThere
    require_readable(post, standing)
    standing.require_moderator()
    return locked_post(post_id)


def message_for(moderator: User, message_id: int) -> Message:
    """Return the message, deleted or not, for somebody who moderates its room; between two people only admins do.

    Not locked: chat locks the room before its messages, and its conditional update decides between two at once.
    Refuses: 404 for who is not in the room, 403 ``moderators_only``.
    """
    message = whole().filter(pk=message_id).first()
    if message is None:
        raise NotThere
    community_id = message.room.community_id
    if community_id is not None:
        _require_moderator_of_room(moderator, community_id)
    elif not moderator.is_admin:
        raise NotThere
    return message


def _require_moderator_of_room(user: User, community_id: int) -> None:
    try:
        standing = standing_in(user=user, community_id=community_id)
    except NotAllowed as refusal:  # an id must not tell that there is a message
        raise NotThere from refusal
    standing.require_moderator()


def refuse_own_words(moderator: User, target: Post | Message) -> None:
    """Nobody is the judge of their own words, but for admins of the platform."""
    if author_id_of(target) == moderator.pk and not moderator.is_admin:
        raise OwnWords


def author_id_of(target: Target) -> int | None:
    """Return whose words these are, or whose membership."""
    if isinstance(target, Post):
        return target.author_id
    return target.sender_id if isinstance(target, Message) else target.user_id


def community_id_of(target: Target) -> int | None:
    return target.room.community_id if isinstance(target, Message) else target.community_id


def was_removed_by_a_moderator(target: Post | Message) -> bool:
    """Say whether it is removed now, by a moderator: what its author removed is not theirs to give back."""
    if target.deleted_at is None:
        return False
    about = {_column_of(target): target}
    return ModerationAction.objects.filter(**about, after__deleted_at=_as_json(target.deleted_at)).exists()


# --- what changes -------------------------------------------------------------------------------


def state_of(target: Target, names: State) -> State:
    """Return the columns that ``names`` has, as they are now."""
    values = {name: getattr(target, name) for name in names}
    return {name: _as_json(value) if isinstance(value, datetime) else value for name, value in values.items()}


def _as_json(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def set_state(target: Target, state: State) -> None:
    """Set these columns, as services of the rooms below do: counts, numbers and sockets follow.

    Of ``deleted_at`` only whether it is there counts; what was removed is removed at the time of this call.
    """
    if isinstance(target, Membership):
        _set_membership(target, state)
    elif "deleted_at" in state and (state["deleted_at"] is None) != (target.deleted_at is None):
        _set_removed(target, is_removed=state["deleted_at"] is not None)
    if isinstance(target, Post):
        if "status" in state:
            set_status(post=target, status=state["status"])
        if "is_pinned" in state:
            set_pinned(post=target, is_pinned=state["is_pinned"])


def _set_removed(target: Post | Message, *, is_removed: bool) -> None:
    if isinstance(target, Post):
        (take_down if is_removed else give_back)(post=target)
    elif not (take_down_message if is_removed else give_back_message)(message=target):
        raise ChangedSince


def _set_membership(membership: Membership, state: State) -> None:
    """Change it if nobody was quicker: the condition decides between two at once."""
    as_it_was = {name: getattr(membership, name) for name in state}
    for name, value in state.items():
        is_told_time = isinstance(value, str) and name.endswith("_until")
        setattr(membership, name, parse_datetime(value) if is_told_time else value)
    changes = {name: getattr(membership, name) for name in state}
    if not Membership.objects.filter(pk=membership.pk, **as_it_was).update(**changes):
        raise ChangedSince


# --- the deed -----------------------------------------------------------------------------------


def carry_out(verb: Verb, target: Target, state: State, *, actor: User, reason: str) -> ModerationAction:
    """Set ``state`` on what the caller holds, write the action and tell whom it concerns. Asks no permission."""
    before = state_of(target, state)
    set_state(target, state)
    action = ModerationAction.objects.create(
        verb=verb,
        community_id=community_id_of(target),
        actor=actor,
        reason=_reason_for(verb, reason),
        until=next((getattr(target, name) for name in ("muted_until", "banned_until") if name in state), None),
        before=before,
        after=state_of(target, state),
        **{_column_of(target): target},
    )
    tell(action, user_id=author_id_of(target))
    return action


def _column_of(target: Target) -> str:
    return type(target).__name__.lower()


def settle_flags(action: ModerationAction, state: Flag.State) -> int:
    """Close the open complaints about what ``action`` decided; returns how many."""
    about = {"post": action.post_id} if action.post_id else {"message": action.message_id}
    return Flag.objects.filter(**about, state=Flag.State.OPEN).update(state=state, closed_by=action)


#: Of these decisions a moderator need not say why.
_DEFAULT_REASONS = {
    Verb.APPROVE: _("Nothing speaks against it."),
    Verb.PIN: _("Everybody should see it."),
    Verb.UNPIN: _("It no longer needs to stand first."),
    Verb.REMOVE: _("It does not belong here."),
    Verb.RESTORE: _("It may stand here after all."),
    Verb.DISMISS: _("It may stand here."),
    Verb.UNDO: _("It was decided wrongly."),
}


def _reason_for(verb: Verb, reason: str) -> str:
    """Return what is written down as the reason; 400 where there has to be one, and for one that is too long."""
    said = reason.strip() or str(_DEFAULT_REASONS.get(verb, ""))
    if not said:
        raise InvalidInput(_("Say why: the person concerned reads it."), code="required", attr="reason")
    if len(said) > LONGEST_REASON:
        raise InvalidInput(attr="reason")
    return said
