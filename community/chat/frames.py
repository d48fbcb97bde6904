"""Every frame of a community's chat socket (API §5). ``docs/asyncapi.json`` is generated from these."""

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import msgspec

from e_learning.core.api.paths import MOST_ID

Id = Annotated[int, msgspec.Meta(ge=1, le=MOST_ID)]
Number = Annotated[int, msgspec.Meta(ge=0, le=MOST_ID)]
MessageType = Literal["text", "image", "file"]


# --- from the client ----------------------------------------------------------------------------
class SendMessage(msgspec.Struct, frozen=True, tag_field="type", tag="chat_message"):
    message: str
    message_type: MessageType = "text"
    client_id: UUID | None = None
    reply_to_id: Id | None = None


class Typing(msgspec.Struct, frozen=True, tag_field="type", tag="typing"):
    is_typing: bool


class ReadReceipt(msgspec.Struct, frozen=True, tag_field="type", tag="read_receipt"):
    message_id: Id


class EditMessage(msgspec.Struct, frozen=True, tag_field="type", tag="edit_message"):
    message_id: Id
    message: str


class DeleteMessage(msgspec.Struct, frozen=True, tag_field="type", tag="delete_message"):
    message_id: Id


class Sync(msgspec.Struct, frozen=True, tag_field="type", tag="sync"):
    after_seq: Number


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    pass


ClientFrame = SendMessage | Typing | ReadReceipt | EditMessage | DeleteMessage | Sync | Ping


# --- from the server ----------------------------------------------------------------------------
class AttachmentShown(msgspec.Struct, frozen=True):
    """``url`` asks for the same token as every call, and leads to the file; ``size`` is in bytes."""

    name: str
    content_type: str
    size: int
    url: str


class _Words(msgspec.Struct, frozen=True):
    """What is told of a message wherever it is shown whole."""

    message_id: int
    seq: int
    client_id: UUID | None
    community_id: int | None
    message: str
    message_type: MessageType
    sender_id: int | None
    sender_name: str
    reply_to_id: int | None
    attachment: AttachmentShown | None
    status: Literal["sent"]
    created_at: str


class MessageShown(_Words, frozen=True):
    """A message as it is now, in lists and in ``sync``; ``seq`` is the number of what happened to it last."""

    edited_at: str | None


class DeletedMessage(msgspec.Struct, frozen=True):
    message_id: int
    seq: int
    is_deleted: Literal[True] = True


class ChatMessage(_Words, frozen=True, tag_field="type", tag="chat_message"):
    """To everybody in the room after the commit; to its sender it is the acknowledgement.

    Between two people ``recipient_id`` says whom it was sent to, and it comes by ``ws/notifications/`` to both; in a
    community the field is not there.
    """

    recipient_id: int | msgspec.UnsetType = msgspec.UNSET


class SomebodyTypes(msgspec.Struct, frozen=True, tag_field="type", tag="typing"):
    user_id: int
    is_typing: bool


class Receipt(msgspec.Struct, frozen=True, tag_field="type", tag="read_receipt"):
    """``user_id`` has read up to ``message_id``, as ``read_count`` people have by now, its sender not counted."""

    message_id: int
    user_id: int
    read_count: int


class MessageEdited(msgspec.Struct, frozen=True, tag_field="type", tag="message_edited"):
    """The message reads so now. Also sent where a moderator gave a removed message back."""

    message_id: int
    seq: int
    message: str
    edited_at: str | None


class MessageDeleted(msgspec.Struct, frozen=True, tag_field="type", tag="message_deleted"):
    message_id: int
    seq: int


if TYPE_CHECKING:
    Change = MessageShown | DeletedMessage
else:
    # msgspec describes no union of structs that bear no tag; it encodes them all the same.
    _either = [{"$ref": f"#/components/schemas/{shown.__name__}"} for shown in (MessageShown, DeletedMessage)]
    Change = Annotated[Any, msgspec.Meta(extra_json_schema={"anyOf": _either})]


class Synced(msgspec.Struct, frozen=True, tag_field="type", tag="sync"):
    """What changed after the number asked for, by ``seq``; ask again with the last one while ``has_more``."""

    messages: list[Change]
    has_more: bool


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    pass


class WhoIsHere(msgspec.Struct, frozen=True, tag_field="type", tag="presence"):
    online: list[int]


class UserJoined(msgspec.Struct, frozen=True, tag_field="type", tag="user_joined"):
    user_id: int


class UserLeft(msgspec.Struct, frozen=True, tag_field="type", tag="user_left"):
    user_id: int


ServerFrame = (
    ChatMessage
    | SomebodyTypes
    | Receipt
    | MessageEdited
    | MessageDeleted
    | Synced
    | Pong
    | WhoIsHere
    | UserJoined
    | UserLeft
)
