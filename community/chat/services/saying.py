"""One message of one person: what REST sends."""

from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from accounts.api import User
from community.chat.services.attaching import post_with_file
from community.chat.services.drafts import Draft, Posted
from community.chat.services.rooms import open_room_with, room_of_community
from community.chat.services.sending import post_messages
from e_learning.core.uploads import JudgedFile


class Words(TypedDict):
    """What is said. ``attachment`` decides the ``message_type``."""

    message: str
    message_type: NotRequired[str]
    client_id: NotRequired[UUID | None]
    reply_to_id: NotRequired[int | None]
    attachment: NotRequired[JudgedFile | None]


def say_in_community(*, sender: User, community_id: int, **words: Unpack[Words]) -> Posted:
    """Say something in a community; refuses as ``post_messages``. Three statements without a file."""
    return _say(room_of_community(community_id), sender, words)


def say_to(*, sender: User, user_id: int, **words: Unpack[Words]) -> Posted:
    """Say something to one person; refuses as ``open_room_with`` and ``post_messages``."""
    return _say(open_room_with(user=sender, other_id=user_id).pk, sender, words)


def _say(room_id: int, sender: User, words: Words) -> Posted:
    draft = Draft(
        room_id=room_id,
        sender_id=sender.pk,
        text=words["message"],
        client_id=words.get("client_id"),
        reply_to_id=words.get("reply_to_id"),
        message_type=words.get("message_type", "text"),
    )
    upload = words.get("attachment")
    return post_message(draft) if upload is None else post_with_file(draft, upload, post_message)


def post_message(draft: Draft) -> Posted:
    """Post one message, and raise what refuses it."""
    [outcome] = post_messages([draft])
    if isinstance(outcome, Posted):
        return outcome
    raise outcome
