"""Decisions about posts and messages: approve, reject, pin, remove, restore, dismiss what was complained of.

Each is one transaction. Of two moderators at once the second finds it decided, or is refused by the condition of the
update (409 ``changed_meanwhile`` or ``changed_since``).
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.chat.models import Message
from community.chat.services import delete_own_message
from community.moderation.models import Flag, ModerationAction
from community.moderation.services.acting import (
    Verb,
    carry_out,
    held_post,
    message_for,
    refuse_own_words,
    settle_flags,
    was_removed_by_a_moderator,
)
from community.posts.models import Post
from community.posts.services import ChangedMeanwhile, remove_own_post
from e_learning.core.api.errors import Conflict

_State = Flag.State
_Status = Post.Status
#: Written down with decisions that leave a thing standing: once it is removed, they can't be taken back.
_STANDING = {"deleted_at": None}


class DecidedAlready(Conflict):
    code = "decided_already"
    message = _("This post does not wait for approval.")


class Removed(Conflict):
    code = "removed"
    message = _("This was removed.")


class NotRemoved(Conflict):
    code = "not_removed"
    message = _("No moderator has removed this.")


class NothingToDismiss(Conflict):
    code = "no_flags"
    message = _("Nobody complains of this.")


# --- posts --------------------------------------------------------------------------------------


@transaction.atomic
def approve_post(*, moderator: User, post_id: int, reason: str = "", updated_at: datetime | None = None) -> Post:
    """Publish a post that waits. Refuses: 404, 403, 409 ``removed``, ``decided_already``, 403 ``own_words``; 409
    ``changed_meanwhile`` where its author has changed it since ``updated_at``, as the moderator read it.
    """
    post = _waiting(moderator, post_id, updated_at)
    action = carry_out(
        Verb.APPROVE, post, {"status": _Status.PUBLISHED.value, **_STANDING}, actor=moderator, reason=reason
    )
    settle_flags(action, _State.DISMISSED)
    return post


@transaction.atomic
def reject_post(*, moderator: User, post_id: int, reason: str, updated_at: datetime | None = None) -> Post:
    """Refuse a post that waits; its author reads why. Refuses as ``approve_post`` does."""
    post = _waiting(moderator, post_id, updated_at)
    action = carry_out(
        Verb.REJECT, post, {"status": _Status.REJECTED.value, **_STANDING}, actor=moderator, reason=reason
    )
    settle_flags(action, _State.UPHELD)
    return post


def _waiting(moderator: User, post_id: int, updated_at: datetime | None) -> Post:
    post = held_post(moderator, post_id)
    _refuse_removed(post)
    if post.status != _Status.PENDING:
        raise DecidedAlready
    refuse_own_words(moderator, post)
    if updated_at not in {None, post.updated_at}:
        raise ChangedMeanwhile
    return post


@transaction.atomic
def pin_post(*, moderator: User, post_id: int, is_pinned: bool, reason: str = "") -> Post:
    """Put a discussion before all others, or back in its row; what it is already stays so, without an action.

    Refuses: 404, 403, 409 ``removed``, ``not_a_discussion``.
    """
    post = held_post(moderator, post_id)
    _refuse_removed(post)
    if post.is_pinned != is_pinned:
        carry_out(Verb.PIN if is_pinned else Verb.UNPIN, post, {"is_pinned": is_pinned}, actor=moderator, reason=reason)
    return post


@transaction.atomic
def remove_post(*, moderator: User, post_id: int, reason: str = "") -> ModerationAction:
    """Take somebody's post down, and uphold what was complained of it. Refuses: 404, 403, 409 ``removed``."""
    return _remove(held_post(moderator, post_id), moderator, reason)


@transaction.atomic
def restore_post(*, moderator: User, post_id: int, reason: str = "") -> Post:
    """Give back a post that a moderator removed; what its author removed stays so.

    Refuses: 404, 403, 409 ``not_removed``, 403 ``own_words``.
    """
    post = held_post(moderator, post_id)
    _restore(post, moderator, reason)
    return post


@transaction.atomic
def dismiss_post_flags(*, moderator: User, post_id: int, reason: str = "") -> ModerationAction:
    """Let a post stand that was complained of. Refuses: 404, 403, 409 ``removed``, ``no_flags``, 403 ``own_words``."""
    return _dismiss(held_post(moderator, post_id), moderator, reason)


def delete_post(*, user: User, post_id: int, reason: str = "") -> None:
    """Remove a post: one's own as its author, somebody else's as a moderator; refuses as these do."""
    if Post.objects.filter(pk=post_id, author=user).exists():
        remove_own_post(author=user, post_id=post_id)
    else:
        remove_post(moderator=user, post_id=post_id, reason=reason)


# --- messages -----------------------------------------------------------------------------------


@transaction.atomic
def remove_message(*, moderator: User, message_id: int, reason: str = "") -> ModerationAction:
    """Take somebody's message down, and uphold what was complained of it. Refuses: 404, 403, 409 ``removed``."""
    return _remove(message_for(moderator, message_id), moderator, reason)


@transaction.atomic
def restore_message(*, moderator: User, message_id: int, reason: str = "") -> Message:
    """Give back a message that a moderator removed; refuses as ``restore_post`` does."""
    message = message_for(moderator, message_id)
    _restore(message, moderator, reason)
    return message


@transaction.atomic
def dismiss_message_flags(*, moderator: User, message_id: int, reason: str = "") -> ModerationAction:
    """Let a message stand that was complained of; refuses as ``dismiss_post_flags`` does."""
    return _dismiss(message_for(moderator, message_id), moderator, reason)


def delete_message(*, user: User, message_id: int, reason: str = "") -> None:
    """Remove a message: one's own as its sender, somebody else's as a moderator; refuses as these do."""
    if Message.objects.filter(pk=message_id, sender=user).exists():
        delete_own_message(user=user, message_id=message_id)
    else:
        remove_message(moderator=user, message_id=message_id, reason=reason)


# --- both ---------------------------------------------------------------------------------------


def _refuse_removed(target: Post | Message) -> None:
    if target.deleted_at is not None:
        raise Removed


def _remove(target: Post | Message, moderator: User, reason: str) -> ModerationAction:
    _refuse_removed(target)
    action = carry_out(Verb.REMOVE, target, {"deleted_at": timezone.now()}, actor=moderator, reason=reason)
    settle_flags(action, _State.UPHELD)
    return action


def _restore(target: Post | Message, moderator: User, reason: str) -> None:
    if not was_removed_by_a_moderator(target):
        raise NotRemoved
    refuse_own_words(moderator, target)
    carry_out(Verb.RESTORE, target, {"deleted_at": None}, actor=moderator, reason=reason)


def _dismiss(target: Post | Message, moderator: User, reason: str) -> ModerationAction:
    _refuse_removed(target)
    refuse_own_words(moderator, target)
    action = carry_out(Verb.DISMISS, target, _STANDING, actor=moderator, reason=reason)
    if not settle_flags(action, _State.DISMISSED):
        raise NothingToDismiss
    return action
