"""Every frame of the notifications socket (API §5). ``docs/asyncapi.json`` is generated from these.

Messages between two people arrive here too, as the frames of ``community/chat/frames.py``.
"""

from datetime import datetime

import msgspec

from community.chat.frames import Ping, Pong
from e_learning.core.sockets import Id


# --- from the client ----------------------------------------------------------------------------
class MarkAsRead(msgspec.Struct, frozen=True, tag_field="type", tag="mark_as_read"):
    notification_id: Id


NotificationClientFrame = MarkAsRead | Ping


# --- from the server ----------------------------------------------------------------------------
class Actor(msgspec.Struct, frozen=True):
    """Who did it, as everybody signed in may see them."""

    id: int
    username: str
    full_name: str
    profile_image: str | None
    role: str


class Notified(msgspec.Struct, frozen=True, tag_field="type", tag="notification"):
    """Something new to tell; or, under an id known before, the same notification as it reads now.

    ``unread_count`` counts all unread notifications of the user, this one among them.
    """

    notification_id: int
    notification_type: str
    title: str
    message: str
    actor: Actor | None
    community_id: int | None
    post_id: int | None
    timestamp: datetime
    unread_count: int


NotificationServerFrame = Notified | Pong
