"""The socket of a session's live count (API §5)."""

from collections.abc import Mapping, Sequence
from typing import Self

from attendance.access import let_watch, who_may_watch
from attendance.counting import Counting, counting_of
from attendance.frames import Ping, Pong
from attendance.telling import CHANGED, group_of
from e_learning.core.socket_wires import Frame
from e_learning.core.sockets import NOT_A_MEMBER, RoomSocket, in_thread


class AttendanceSocket(RoomSocket):
    """Who teaches the course sees how many are there: at once, and whenever it changes."""

    frames = Ping
    counting: Counting | None = None

    @property
    def watched_id(self) -> int:
        """The live session; ``session_id`` is the sign-in's."""
        watched_id: int = self.scope["url_route"]["kwargs"]["session_id"]
        return watched_id

    async def enter(self) -> str:
        await in_thread(let_watch, user_id=self.user_id, session_id=self.watched_id)
        return group_of(self.watched_id)

    async def entered(self) -> None:
        self.counting = counting_of(self.watched_id)
        self.counting.begin()

    def push(self, frame: Frame | str) -> None:
        """Send what is for the client. A change is counted; before the first count is asked for, it will be in that."""
        if not isinstance(frame, Frame) or frame.text != CHANGED:
            super().push(frame)
        elif self.counting is not None:
            self.counting.ask()

    async def on_frame(self, frame: Ping) -> None:
        self.answer(Pong())

    async def left(self) -> None:
        if self.counting is not None:
            self.counting.end()

    @classmethod
    def still_allowed(cls, sockets: Sequence[Self]) -> Mapping[Self, int]:
        allowed = who_may_watch({(socket.user_id, socket.watched_id) for socket in sockets})
        return {socket: NOT_A_MEMBER for socket in sockets if (socket.user_id, socket.watched_id) not in allowed}
