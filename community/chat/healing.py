"""What happened in rooms, read from their rows: for a process that did not hear of it."""

from collections.abc import Collection
from dataclasses import dataclass

from community.chat.frames import MessageDeleted, MessageEdited
from community.chat.models import ChatRoom, Message
from community.chat.selectors import message_shown, moment, whole
from community.chat.services.telling import as_sent, pushes_to
from e_learning.core.realtime import Push


def last_numbers(room_ids: Collection[int]) -> dict[int, int]:
    """Return the last number of each room, in one statement."""
    return dict(ChatRoom.objects.filter(pk__in=room_ids).values_list("pk", "last_seq"))


@dataclass(frozen=True, slots=True)
class Change:
    """What happened last to one message. It was sent under ``sent_seq``."""

    seq: int
    sent_seq: int
    message: Message

    def pushes(self, *, is_new: bool) -> list[Push]:
        """Return the frame for the room. Where not even the sending was heard of, the message as it is now is new."""
        message = self.message
        if message.deleted_at is not None:
            return pushes_to(message.room, MessageDeleted(message.pk, self.seq))
        if is_new:
            frame = as_sent(message_shown(message), message.room)
            return pushes_to(message.room, frame, author_id=message.sender_id)
        edited_at = moment(message.edited_at) if message.edited_at else None
        edited = MessageEdited(message.pk, self.seq, message.text, edited_at)
        return pushes_to(message.room, edited, author_id=message.sender_id)


def changes_between(*, room_id: int, after_seq: int, upto_seq: int) -> list[Change]:
    """Return what changed in the room after one number and up to another, in order. One statement."""
    found = whole().filter(room=room_id, seq__gt=after_seq, seq__lte=upto_seq).order_by("seq")
    return [Change(message.seq, message.sent_seq, message) for message in found]
