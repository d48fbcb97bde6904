"""What ``manage.py chat`` shows, of frames in the order in which a socket may bring them."""

from community.chat.client import ChatClient, Frame
from community.chat.terminal import Terminal

BILAL, ASHA = 2, 1


def said(seq: int, text: str, sender_id: int = ASHA) -> Frame:
    return {
        "type": "chat_message", "message_id": seq + 100, "seq": seq, "sender_id": sender_id, "sender_name": "Asha",
        "message": text, "reply_to_id": None, "attachment": None, "client_id": None,
    }  # fmt: skip


def page(*messages: Frame, has_more: bool = False) -> Frame:
    rows = [{name: value for name, value in message.items() if name != "type"} for message in messages]
    return {"type": "sync", "messages": rows, "has_more": has_more}


class Seat:
    """Bilal's terminal on a client whose frames the test brings."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.terminal = Terminal(BILAL, {}, 20, self.lines.append)

        async def token() -> str:
            raise AssertionError("it connects to nothing")

        self.client = ChatClient("ws://nowhere", token, heard=self.terminal.show)
        self.terminal.sit_at(self.client)

    def hears(self, *frames: Frame) -> list[str]:
        """Return the lines that these frames bring."""
        self.lines.clear()
        for frame in frames:
            self.client._take(frame)
        return list(self.lines)


async def test_what_is_said_before_the_first_page_is_shown_with_it_and_once() -> None:
    seat = Seat()
    assert seat.hears(said(8, "Hello")) == []
    before = [said(seq, f"Earlier {seq}") for seq in (6, 7)]
    assert seat.hears(page(*before)) == ["[106] Asha: Earlier 6", "[107] Asha: Earlier 7", "[108] Asha: Hello"]
    assert seat.hears(page(said(8, "Hello"))) == []


async def test_what_comes_after_a_gap_waits_until_the_gap_is_filled() -> None:
    seat = Seat()
    seat.hears(page(said(1, "One")))
    assert seat.hears(said(3, "Three")) == []
    assert seat.hears(page(said(2, "Two"), said(3, "Three"))) == ["[102] Asha: Two", "[103] Asha: Three"]

    assert seat.hears(said(5, "Five"), said(4, "Four")) == ["[104] Asha: Four", "[105] Asha: Five"]
    assert seat.hears(page(said(4, "Four"), said(5, "Five"))) == []


async def test_a_change_after_a_gap_is_shown_with_what_it_changed() -> None:
    seat = Seat()
    seat.hears(page(said(1, "One")))
    edited: Frame = {
        "type": "message_edited",
        "message_id": 102,
        "seq": 3,
        "message": "Zwei",
        "edited_at": "now",
    }
    assert seat.hears(edited) == []
    assert seat.hears(page(said(3, "Zwei") | {"message_id": 102})) == ["[102] Asha: Zwei"]
    assert seat.hears(edited | {"seq": 5, "message": "Deux"}) == []
    assert seat.hears(page(said(5, "Deux") | {"message_id": 102})) == ["   now: [102] Asha: Deux"]
