"""What a verdict of the gate means for a draft."""

from accounts.api import User
from community.chat.gate import Verdict
from community.chat.services.drafts import Draft, NoSuchReply
from community.chat.services.rooms import NotAcquainted
from community.groups.access import BlockedHere, Muted, NotAMember, standing_in
from e_learning.core.api.errors import NotThere
from e_learning.core.api.tokens import BadToken


def require_entry(draft: Draft, verdict: Verdict) -> None:
    """Refuse whoever may not even read the room: 401, 404, or 403 as ``standing_in`` says it."""
    if not verdict.is_signed_in or verdict.sender_name is None:
        raise BadToken
    if not verdict.room_is_there:
        raise NotThere
    if verdict.community_id is None:
        if draft.sender_id not in (verdict.low_user_id, verdict.high_user_id):
            raise NotThere
    elif not (verdict.is_member or verdict.runs_platform):
        standing_in(user=User.objects.get(pk=draft.sender_id), community_id=verdict.community_id)
        raise NotAMember  # they came in since the gate was asked: the next try finds it open


def require_voice(verdict: Verdict) -> None:
    """Refuse who may read and not write now (403), and an answer to what is not in the room (400)."""
    if verdict.is_muted:
        raise Muted
    if verdict.community_id is None:
        if verdict.is_blocked:
            raise BlockedHere
        if not verdict.are_acquainted:
            raise NotAcquainted
    if not verdict.may_reply:
        raise NoSuchReply
