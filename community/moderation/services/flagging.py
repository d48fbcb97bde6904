"""Members complain of what others wrote."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.chat.services.rooms import message_read_by
from community.moderation.models import LONGEST_EXCERPT, Flag
from community.moderation.selectors import words_of
from community.posts.selectors import post_for
from e_learning.core.api.errors import Conflict, NotThere


class FlagsOwnWords(Conflict):
    code = "own_words"
    message = _("You wrote this yourself.")


@transaction.atomic
def flag_post(*, reporter: User, post_id: int, reason: str) -> tuple[Flag, bool]:
    """Complain of a post that the reporter can read; returns the complaint and whether it is new.

    While one's complaint is open, complaining again answers the same. Muted members may. Refuses: 404, 403, 409
    ``own_words``.
    """
    post, _standing = post_for(reporter, post_id)
    if post.author_id == reporter.pk:
        raise FlagsOwnWords
    return _flag(reporter, reason, words_of(post), post.community_id, post=post)


@transaction.atomic
def flag_message(*, reporter: User, message_id: int, reason: str) -> tuple[Flag, bool]:
    """Complain of a message of one's community, or to oneself; as ``flag_post``."""
    message = message_read_by(user=reporter, message_id=message_id)
    if message.deleted_at is not None:
        raise NotThere
    if message.sender_id == reporter.pk:
        raise FlagsOwnWords
    return _flag(reporter, reason, words_of(message), message.room.community_id, message=message)


def _flag(reporter: User, reason: str, words: str, community_id: int | None, **about: Any) -> tuple[Flag, bool]:
    """Of two at once the second gets the first's row: ``one_open_flag_per_…``."""
    return Flag.objects.get_or_create(
        reporter=reporter,
        state=Flag.State.OPEN,
        **about,
        defaults={"reason": reason, "excerpt": words[:LONGEST_EXCERPT], "community_id": community_id},
    )
