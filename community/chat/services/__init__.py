"""Every write of chat: sending, changing, reading; the rooms it happens in."""

from community.chat.selectors import changes_since
from community.chat.services.attaching import attachment_read_by
from community.chat.services.changing import delete_own_message, edit_message, give_back_message, take_down_message
from community.chat.services.drafts import Draft, Posted, StoredFile
from community.chat.services.reading import mark_read
from community.chat.services.rooms import message_read_by, open_room_with, room_of, room_of_community, room_with
from community.chat.services.saying import post_message, say_in_community, say_to
from community.chat.services.sending import Outcome, post_messages

__all__ = [
    "Draft",
    "Outcome",
    "Posted",
    "StoredFile",
    "attachment_read_by",
    "changes_since",
    "delete_own_message",
    "edit_message",
    "give_back_message",
    "mark_read",
    "message_read_by",
    "open_room_with",
    "post_message",
    "post_messages",
    "room_of",
    "room_of_community",
    "room_with",
    "say_in_community",
    "say_to",
    "take_down_message",
]
