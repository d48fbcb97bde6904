"""Taking a decision back, once."""

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.moderation.models import Flag, ModerationAction
from community.moderation.services.acting import (
    ChangedSince,
    Target,
    Verb,
    carry_out,
    held_post,
    message_for,
    refuse_own_words,
    state_of,
)
from community.moderation.services.members import held_member
from e_learning.core.api.errors import Conflict, NotThere


class UndoneAlready(Conflict):
    code = "undone_already"
    message = _("This decision was taken back already.")


class NothingToUndo(Conflict):
    code = "not_undoable"
    message = _("This took a decision back. Decide anew instead.")


@transaction.atomic
def undo_action(
    *, moderator: User, action_id: int, reason: str = "", community_id: int | None = None
) -> ModerationAction:
    """Set back what an action changed, and open the complaints again that it settled; returns the new action.

    Asks of the moderator what the reverse would. With ``community_id`` only an action of that community is found.
    Refuses: 404, 403, 409 ``undone_already``, ``not_undoable``, ``changed_since`` where something changed it later.
    """
    action = ModerationAction.objects.select_related("membership").filter(pk=action_id).first()
    if action is None or community_id not in {None, action.community_id}:
        raise NotThere
    target = _held_target(moderator, action)
    action.refresh_from_db(fields=["undone_by"])  # who held the target until now may have been quicker
    if action.verb == Verb.UNDO:
        raise NothingToUndo
    if action.undone_by_id is not None:
        raise UndoneAlready
    if state_of(target, action.after) != action.after:
        raise ChangedSince
    undoing = carry_out(Verb.UNDO, target, action.before, actor=moderator, reason=reason)
    if not ModerationAction.objects.filter(still_stands(), pk=action.pk).update(undone_by=undoing):
        raise UndoneAlready
    _reopen_flags(action)
    undoing.undoes = action
    return undoing


def still_stands() -> Q:
    """Return the condition that an action was not undone: of two undoings at once it lets one through."""
    return Q(undone_by=None)


def _held_target(moderator: User, action: ModerationAction) -> Target:
    """Return what the action was about, for somebody who could carry out the reverse."""
    if action.membership:
        membership = action.membership
        return held_member(moderator, membership.community_id, membership.user_id, action.before)
    target = held_post(moderator, action.post_id) if action.post_id else message_for(moderator, action.message_id or 0)
    if "is_pinned" not in action.after:
        refuse_own_words(moderator, target)
    return target


def _reopen_flags(action: ModerationAction) -> None:
    """Those whose reporter complained anew meanwhile stay closed: one open complaint a person and thing.

    Who complains anew in this very moment is seen by the constraint alone: then it was changed since.
    """
    anew = Flag.objects.filter(
        state=Flag.State.OPEN, reporter=OuterRef("reporter"), post=action.post_id, message=action.message_id
    )
    settled = Flag.objects.filter(~Exists(anew), closed_by=action)
    try:
        settled.update(state=Flag.State.OPEN, closed_by=None)
    except IntegrityError as anew:
        raise ChangedSince from anew
