"""Saying things in tests, and holding what clients hold."""

from collections.abc import Mapping
from typing import Any

from accounts.models import CustomUser
from community.chat.models import ChatRoom, Message
from community.chat.selectors import changes_since
from community.chat.services import Draft, Outcome, Posted, post_messages


def say(room: ChatRoom, sender: CustomUser, text: str = "Salaam", **more: Any) -> Posted:
    """Post one message; what refuses it is raised."""
    return stored(post_messages([Draft(room.pk, sender.pk, text, **more)])[0])


def stored(outcome: Outcome) -> Posted:
    if isinstance(outcome, Posted):
        return outcome
    raise outcome


def code(outcome: Outcome) -> str:
    """Return the code of a refusal, nothing for what was stored."""
    return "" if isinstance(outcome, Posted) else outcome.code


class Phone:
    """What a client holds: texts by id, and the last number it saw. Hears nothing, and syncs."""

    def __init__(self, room: ChatRoom) -> None:
        self.room, self.seq = room, 0
        self.texts: dict[int, str] = {}

    def sync(self, *, most: int = 100, pages: int = 1000) -> None:
        for _page in range(pages):
            answer = changes_since(room_id=self.room.pk, after_seq=self.seq, most=most)
            for shown in answer.messages:
                self.seq = shown.seq
                self.texts.pop(shown.message_id, None)
                if hasattr(shown, "message"):
                    self.texts[shown.message_id] = shown.message
            if not answer.has_more:
                break


def standing(room: ChatRoom) -> Mapping[int, str]:
    """Return the texts of what stands in the room, by id."""
    return dict(Message.objects.filter(room=room, deleted_at=None).values_list("pk", "text"))


def assert_numbered_without_gaps(room: ChatRoom) -> None:
    """Every number up to the last was given once: to the sending or to the last change of one message."""
    room.refresh_from_db()
    rows = Message.objects.filter(room=room).order_by("pk").values_list("seq", "sent_seq")
    seqs, sent = [row[0] for row in rows], [row[1] for row in rows]
    assert len(set(seqs)) == len(seqs)
    assert sent == sorted(set(sent))  # ids grow with the numbers
    assert max(seqs, default=0) == room.last_seq
    assert all(first <= last for last, first in rows)
