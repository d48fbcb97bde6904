"""What the channel layer loses is found in the rows, and handed out within a second or two."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from community.chat import rooms
from community.chat.healing import changes_between, last_numbers
from community.chat.models import ChatRoom
from community.chat.rooms import live_rooms
from community.chat.services import Draft, Posted, delete_own_message, edit_message, post_messages
from community.groups.models import Block
from e_learning.core import realtime
from e_learning.core.sockets import in_thread
from tests.community.chat.talkers import Scene
from tests.thorough import in_time

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def looks_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "ASK_EVERY", 3600)


@pytest.fixture
def layer_is_deaf(monkeypatch: pytest.MonkeyPatch):
    """Give a block in which nothing that is pushed arrives anywhere."""

    @contextmanager
    def block() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(realtime, "_send", lambda pushes: None)
            yield

    return block


def said(scene: Scene, text: str, name: str = "bilal") -> int:
    room = scene.room.pk
    (posted,) = post_messages([Draft(room_id=room, sender_id=scene.people[name].pk, text=text)])
    assert isinstance(posted, Posted)
    return posted.message_id


async def looked_twice() -> None:
    """Numbers are expected to have passed a second after they were seen: the second look hands out what did not."""
    for _ in range(2):
        await live_rooms().heal()


@pytest.mark.usefixtures("looks_only_when_asked")
async def test_lost_messages_edits_and_deletions_arrive_after_all(scene: Scene, layer_is_deaf) -> None:
    bilal = scene.people["bilal"]
    async with scene.inside("asha") as (asha,):
        known = await in_thread(said, scene, "Heard")
        gone = await in_thread(said, scene, "Heard too")
        with layer_is_deaf():
            new = await in_thread(said, scene, "Lost")
            await in_thread(edit_message, editor=bilal, message_id=known, text="Mended")
            await in_thread(delete_own_message, user=bilal, message_id=gone)
        await looked_twice()
        assert [await asha.expect("chat_message") for _ in range(2)]
        lost, edited, deleted = [await asha.socket.receive_json_from() for _ in range(3)]
    assert (lost["type"], lost["message_id"], lost["message"], lost["seq"]) == ("chat_message", new, "Lost", 3)
    assert (edited["type"], edited["message_id"], edited["message"], edited["seq"]) == (
        "message_edited",
        known,
        "Mended",
        4,
    )
    assert deleted == {"type": "message_deleted", "message_id": gone, "seq": 5}


@pytest.mark.usefixtures("looks_only_when_asked")
async def test_what_was_lost_and_edited_since_arrives_as_a_message(scene: Scene, layer_is_deaf) -> None:
    async with scene.inside("asha") as (asha,):
        with layer_is_deaf():
            number = await in_thread(said, scene, "Helo")
            await in_thread(edit_message, editor=scene.people["bilal"], message_id=number, text="Hello")
        await looked_twice()
        frame = await asha.expect("chat_message")
    assert (frame["message_id"], frame["message"], frame["seq"]) == (number, "Hello", 2)


@pytest.mark.usefixtures("looks_only_when_asked")
async def test_what_came_by_itself_does_not_come_again(scene: Scene, layer_is_deaf) -> None:
    async with scene.inside("asha") as (asha,):
        await in_thread(said, scene, "First")
        with layer_is_deaf():
            await in_thread(said, scene, "Lost")
        await in_thread(said, scene, "Third")
        await looked_twice()
        await looked_twice()
        heard = [await asha.expect("chat_message") for _ in range(3)]
        assert not await asha.hears_of("chat_message")
    assert [frame["seq"] for frame in heard] == [1, 3, 2]


async def test_healing_finds_it_by_itself_within_two_seconds(scene: Scene, layer_is_deaf) -> None:
    async with scene.inside("asha") as (asha,):
        with layer_is_deaf():
            await in_thread(said, scene, "Lost")
        assert (await asha.expect("chat_message", within=in_time(2)))["message"] == "Lost"


@pytest.mark.usefixtures("looks_only_when_asked")
async def test_one_whom_the_reader_blocked_is_not_heard_by_healing_either(scene: Scene, layer_is_deaf) -> None:
    await Block.objects.acreate(blocker=scene.people["asha"], blocked=scene.people["bilal"])
    async with scene.inside("asha") as (asha,):
        with layer_is_deaf():
            await in_thread(said, scene, "Lost")
        await looked_twice()
        assert (await asha.expect("message_deleted"))["seq"] == 1


@pytest.mark.parametrize("messages", [1, 3])
def test_looking_and_loading_cost_a_statement_each(scene: Scene, messages: int) -> None:
    for number in range(messages):
        said(scene, str(number))
    room = ChatRoom.objects.get()
    with CaptureQueriesContext(connection) as seen:
        assert last_numbers([room.pk]) == {room.pk: messages}
        assert len(changes_between(room_id=room.pk, after_seq=0, upto_seq=messages)) == messages
    assert len(seen) == 2
