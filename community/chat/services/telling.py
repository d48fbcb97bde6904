"""To whom what happened in a room is pushed."""

from community.chat.frames import ChatMessage, MessageDeleted, MessageEdited, MessageShown, Receipt
from community.chat.models import ChatRoom
from e_learning.core.realtime import Push, encoded

#: Said of a message, so it is kept from those who blocked its sender: they get a stub under the same number.
_Said = ChatMessage | MessageEdited


def pushes_to(room: ChatRoom, frame: _Said | MessageDeleted | Receipt, *, author_id: int | None = None) -> list[Push]:
    """Return the frame for everybody in the room: its sockets, or for two people all the sockets of both."""
    text = encoded(frame)
    if isinstance(frame, Receipt):
        return [Push(group=group, text=text) for group in _groups(room)]
    instead = "" if isinstance(frame, MessageDeleted) else encoded(MessageDeleted(frame.message_id, frame.seq))
    return [
        Push(group=group, text=text, seq=frame.seq, author_id=author_id or 0, instead=instead)
        for group in _groups(room)
    ]


def _groups(room: ChatRoom) -> list[str]:
    if room.community_id is not None:
        return [f"community.{room.community_id}"]
    return [f"user.{room.low_user_id}", f"user.{room.high_user_id}"]


def as_sent(shown: MessageShown, room: ChatRoom) -> ChatMessage:
    """Return the frame of a message as it was sent; between two people it says to whom."""
    frame = {name: getattr(shown, name) for name in MessageShown.__struct_fields__ if name != "edited_at"}
    if room.community_id is None:
        frame["recipient_id"] = room.low_user_id if shown.sender_id == room.high_user_id else room.high_user_id
    return ChatMessage(**frame)
