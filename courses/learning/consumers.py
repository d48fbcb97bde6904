"""The socket of a course's progress (API §5)."""

from collections.abc import Mapping, Sequence
from typing import Self

from django.utils import timezone

from courses.learning.access import course_to_follow, still_open_to
from courses.learning.frames import UpdateProgress
from courses.learning.services import record_progress
from courses.learning.services.telling import group_of
from e_learning.core.sockets import NOT_A_MEMBER, RoomSocket, in_thread


class ProgressSocket(RoomSocket):
    """Learners send where they are and see on each device how far they came; who teaches sees it of everybody."""

    frames = UpdateProgress

    @property
    def course_id(self) -> int:
        course_id: int = self.scope["url_route"]["kwargs"]["course_id"]
        return course_id

    async def enter(self) -> str:
        self.hears_everybody = await in_thread(course_to_follow, user_id=self.user_id, course_id=self.course_id)
        return group_of(self.course_id)

    async def on_frame(self, frame: UpdateProgress) -> None:
        now = timezone.now()
        await in_thread(record_progress, caller=self.claims, update=frame.as_update(now), now=now)

    @classmethod
    def still_allowed(cls, sockets: Sequence[Self]) -> Mapping[Self, int]:
        allowed = still_open_to({(socket.user_id, socket.course_id) for socket in sockets})
        return {socket: NOT_A_MEMBER for socket in sockets if (socket.user_id, socket.course_id) not in allowed}
