"""The notifications socket: what its user is told, and messages between two people, on each of their devices."""

from community.chat.frames import Pong
from community.notifications.frames import MarkAsRead, NotificationClientFrame
from community.notifications.services import mark_as_read
from e_learning.core.sockets import RoomSocket, in_thread


class NotificationSocket(RoomSocket):
    """Everybody's own: that its session lives, which is asked of every socket, is all that has to be so."""

    frames = NotificationClientFrame

    async def enter(self) -> str:
        return f"user.{self.user_id}"

    async def on_frame(self, frame: NotificationClientFrame) -> None:
        if isinstance(frame, MarkAsRead):
            await in_thread(mark_as_read, user_id=self.user_id, notification_id=frame.notification_id)
        else:
            self.answer(Pong())
