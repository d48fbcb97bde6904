"""The reference client's rules, without a wire: whatever order and losses, it ends with what the room holds."""

import random
from typing import Any

from community.chat.client import Held
from tests.thorough import times


class Room:
    """What a server would hold and send: every change takes the next number; ``frames`` are what it pushed."""

    def __init__(self) -> None:
        self.messages: dict[int, dict[str, Any]] = {}
        self.frames: list[dict[str, Any]] = []

    def change(self, dice: random.Random) -> None:
        seq, standing = len(self.frames) + 1, [one for one in self.messages.values() if "message" in one]
        act = dice.choice(["send", "send", "edit", "delete"]) if standing else "send"
        message: dict[str, Any]
        if act == "send":
            message = {"message_id": len(self.messages) + 1, "seq": seq, "message": f"said {seq}", "edited_at": None}
            self.frames.append({"type": "chat_message"} | {k: v for k, v in message.items() if k != "edited_at"})
        elif act == "edit":
            message = dice.choice(standing) | {"seq": seq, "message": f"edited {seq}", "edited_at": "now"}
            self.frames.append({"type": "message_edited"} | message)
        else:
            message = {"message_id": dice.choice(standing)["message_id"], "seq": seq, "is_deleted": True}
            self.frames.append({"type": "message_deleted", "message_id": message["message_id"], "seq": seq})
        self.messages[message["message_id"]] = message

    def page(self, after_seq: int, most: int) -> dict[str, Any]:
        changed = sorted((m for m in self.messages.values() if m["seq"] > after_seq), key=lambda m: m["seq"])
        return {"type": "sync", "messages": changed[:most], "has_more": len(changed) > most}


def test_whatever_is_lost_or_late_the_client_ends_with_what_the_room_holds() -> None:
    for seed in range(times(5_000, few=200)):
        held, room = _played(random.Random(seed))
        assert held.messages == room.messages, seed
        assert held.last_seq == len(room.frames), seed


def _played(dice: random.Random) -> tuple[Held, Room]:
    """A room in which things happen, and a client that hears of most of them, not always in their order."""
    room, held = Room(), Held()
    on_the_way: list[dict[str, Any]] = []
    for _ in range(dice.randrange(10)):
        room.change(dice)
    for _ in range(40):
        room.change(dice)
        if dice.random() < 0.7:  # the others are lost
            on_the_way.insert(dice.randrange(len(on_the_way) + 1), room.frames[-1])
        if on_the_way and dice.random() < 0.6 and held.take(on_the_way.pop(0)):
            held.take(room.page(held.last_seq, most=3))
    while held.take(room.page(held.last_seq, most=3)):
        pass
    return held, room


def test_a_frame_that_comes_twice_changes_nothing() -> None:
    held, frame = Held(), {"type": "chat_message", "message_id": 1, "seq": 1, "message": "Hello"}
    assert not held.take(frame)
    assert not held.take({"type": "message_edited", "message_id": 1, "seq": 2, "message": "Hi", "edited_at": "now"})
    assert not held.take(frame)
    assert held.messages[1]["message"] == "Hi"


def test_a_gap_asks_for_what_is_missing() -> None:
    held = Held(after_seq=4)
    assert held.take({"type": "chat_message", "message_id": 2, "seq": 6, "message": "After a gap"})
    assert not held.messages


def test_the_edit_of_a_message_that_is_not_held_asks_for_the_whole_of_it() -> None:
    held = Held(after_seq=4)
    assert held.take({"type": "message_edited", "message_id": 1, "seq": 5, "message": "Old", "edited_at": "now"})
    whole = {"message_id": 1, "seq": 5, "message": "Old", "edited_at": "now"}
    assert not held.take({"type": "sync", "messages": [whole], "has_more": False})
    assert held.messages == {1: whole}
