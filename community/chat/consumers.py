"""The chat socket of a community: frames in, services, frames out (docs/realtime.md)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Self
from uuid import UUID

from django.utils import timezone

from community.chat.entrance import enter, who_stays
from community.chat.frames import (
    ClientFrame,
    DeleteMessage,
    EditMessage,
    Ping,
    Pong,
    ReadReceipt,
    SendMessage,
    SomebodyTypes,
    Sync,
    Typing,
    UserJoined,
    UserLeft,
    WhoIsHere,
)
from community.chat.rooms import Place, group_of, live_rooms
from community.chat.services import Draft, Outcome, changes_since, delete_own_message, edit_message, mark_read
from community.chat.writer import writer
from community.groups.access import Muted
from e_learning.core.api.errors import ApiError, NotSignedIn, TooMany
from e_learning.core.realtime import Push, encoded, push_now
from e_learning.core.sockets import NOT_A_MEMBER, SIGNED_OUT, TOO_MANY, RoomSocket, in_thread

#: Whoever does not say again that they are typing has stopped after so many seconds.
TYPING_SECONDS = 3.0


class ChatSocket(RoomSocket):
    """One device of one person in the chat of one community."""

    frames = ClientFrame
    muted_until: datetime | None = None
    _place: Place | None = None
    _stops_typing: asyncio.TimerHandle | None = None
    _unanswered = 0
    _all_answered: asyncio.Event | None = None

    # --- coming and going -------------------------------------------------------------------------
    async def enter(self) -> str:
        self.community_id = int(self.scope["url_route"]["kwargs"]["community_id"])
        self._entrance = await in_thread(enter, user_id=self.user_id, community_id=self.community_id)
        self.user, self.room_id = self._entrance.user, self._entrance.room_id
        self.muted_until, self.hidden_authors = self._entrance.muted_until, set(self._entrance.hidden)
        return group_of(self.community_id)

    async def entered(self) -> None:
        self._place, online, is_first = await live_rooms().arrive(
            community_id=self.community_id,
            room_id=self.room_id,
            last_seq=self._entrance.last_seq,
            user_id=self.user_id,
        )
        self.answer(WhoIsHere(online))
        if is_first:
            self._push(UserJoined(self.user_id), but_user_id=self.user_id)  # to themselves ``presence`` said it

    async def left(self) -> None:
        self._type(False)
        if self._unanswered:  # a server that stops waits for this: what it took is stored
            self._all_answered = asyncio.Event()
            await self._all_answered.wait()
        if self._place is not None and await live_rooms().depart(self._place):
            self._push(UserLeft(self.user_id))

    @classmethod
    def still_allowed(cls, sockets: Sequence[Self]) -> Mapping[Self, int]:
        staying = who_stays({(socket.user_id, socket.community_id) for socket in sockets})
        out = {}
        for socket in sockets:
            stay = staying.get((socket.user_id, socket.community_id))
            if stay is None:
                out[socket] = NOT_A_MEMBER
            else:
                socket.muted_until, socket.hidden_authors = stay.muted_until, set(stay.hidden)
        return out

    # --- what the client says ---------------------------------------------------------------------
    async def on_frame(self, frame: Any) -> None:
        match frame:
            case SendMessage():
                self._send(frame)
            case Typing(is_typing=is_typing):
                self._require_voice()
                self._type(is_typing)
            case ReadReceipt(message_id=message_id):
                await in_thread(mark_read, user=self.user, message_id=message_id)
            case EditMessage(message_id=message_id, message=text):
                await in_thread(edit_message, editor=self.user, message_id=message_id, text=text)
            case DeleteMessage(message_id=message_id):
                await in_thread(delete_own_message, user=self.user, message_id=message_id)
            case Sync(after_seq=after_seq):
                hidden = self.hidden_authors
                self.answer(await in_thread(changes_since, room_id=self.room_id, after_seq=after_seq, hidden=hidden))
            case Ping():
                self.answer(Pong())

    def _send(self, frame: SendMessage) -> None:
        """Hand a message to the writer; the next frame is read meanwhile."""
        draft = Draft(
            room_id=self.room_id,
            sender_id=self.user_id,
            session_id=self.claims.session_id,
            text=frame.message,
            message_type=frame.message_type,
            client_id=frame.client_id,
            reply_to_id=frame.reply_to_id,
        )
        self._unanswered += 1
        writer().put(draft, partial(self._hear_what_became, frame.client_id))

    def _hear_what_became(self, client_id: UUID | None, outcome: Outcome) -> None:
        """A new message is acknowledged by the push that the whole room gets from the service."""
        self._unanswered -= 1
        if self._all_answered is not None and not self._unanswered:
            self._all_answered.set()
        if isinstance(outcome, ApiError):
            self.refuse(outcome, client_id)
            if isinstance(outcome, TooMany | NotSignedIn):
                self.close(TOO_MANY if isinstance(outcome, TooMany) else SIGNED_OUT)
        elif not outcome.is_new:
            self.push(outcome.text)

    # --- typing -----------------------------------------------------------------------------------
    def _require_voice(self) -> None:
        if self.muted_until is not None and self.muted_until > timezone.now():
            raise Muted

    def _type(self, is_typing: bool) -> None:
        """Tell the room when it changes whether this person types; it ends by itself."""
        was_typing = self._stops_typing is not None
        if self._stops_typing is not None:
            self._stops_typing.cancel()
        loop = asyncio.get_running_loop()
        self._stops_typing = loop.call_later(TYPING_SECONDS, self._type, False) if is_typing else None
        if is_typing != was_typing:
            self._push(SomebodyTypes(self.user_id, is_typing), author_id=self.user_id)

    def _push(self, frame: Any, *, author_id: int = 0, but_user_id: int = 0) -> None:
        """Tell the room something that no row says."""
        push_now(Push(group_of(self.community_id), encoded(frame), author_id=author_id, but_user_id=but_user_id))
