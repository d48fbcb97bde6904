"""The socket of a conversation with the tutor (API §5)."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Self

from accounts.api import User
from chatbot.conversations.frames import Question
from chatbot.conversations.running import Heard, run_apart
from chatbot.conversations.selectors import ids_of_own_among
from chatbot.conversations.services import ask
from chatbot.conversations.streams import error_fields
from e_learning.core.api.errors import NotThere
from e_learning.core.realtime import Push, encoded, push_now
from e_learning.core.sockets import NO_SUCH_ROOM, ErrorFrame, RoomSocket, in_thread


class TutorSocket(RoomSocket):
    """A learner asks, and each of their devices in the conversation hears the answer as it is written.

    It is written in a thread of its own kind (``running``): the few threads of sockets are only asked to begin it.
    Whoever asked may leave; the answer is written to its end, and is there when they come back.
    """

    frames = Question

    @property
    def conversation_id(self) -> int:
        conversation_id: int = self.scope["url_route"]["kwargs"]["conversation_id"]
        return conversation_id

    async def enter(self) -> str:
        if not await in_thread(ids_of_own_among, [(self.user_id, self.conversation_id)]):
            raise NotThere
        return group_of(self.conversation_id)

    async def on_frame(self, frame: Question) -> None:
        await in_thread(self._begin, frame.content)

    def _begin(self, content: str) -> None:
        user = User.objects.get(pk=self.user_id)
        question = partial(
            ask, user=user, conversation_id=self.conversation_id, content=content, language=self.language
        )
        run_apart(question, partial(_tell, group_of(self.conversation_id), self.language))

    @classmethod
    def still_allowed(cls, sockets: Sequence[Self]) -> Mapping[Self, int]:
        own = ids_of_own_among((socket.user_id, socket.conversation_id) for socket in sockets)
        return {socket: NO_SUCH_ROOM for socket in sockets if (socket.user_id, socket.conversation_id) not in own}


def group_of(conversation_id: int) -> str:
    return f"tutor.{conversation_id}"


def _tell(group: str, language: str, part: Heard) -> bool:
    if isinstance(part, Exception):
        push_now(Push(group, encoded(ErrorFrame(**error_fields(part, language), client_id=None))))
    elif part is not None:
        push_now(Push(group, encoded(part)))
    return True
