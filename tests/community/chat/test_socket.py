"""The chat socket: frames, refusals, who may come in and who has to go."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session
from community.chat.entrance import enter, who_stays
from community.groups.services import leave_group
from community.models import Block, CommunityGroup, Membership, Message, ReadMark
from courses.models import Enrollment
from e_learning.core.sockets import in_thread
from tests.community.chat.talkers import Scene
from tests.core.realtime.rooms import socket_to
from tests.thorough import in_time

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_message_reaches_all_and_is_acknowledged_by_the_same_frame(scene: Scene) -> None:
    async with scene.inside("asha", "bilal") as (asha, bilal):
        client_id = await bilal.say("Namaste")
        heard = [await one.expect("chat_message") for one in (asha, bilal)]
        stored = await Message.objects.aget(client_id=client_id)
    assert heard[0] == heard[1]
    assert (heard[0]["message_id"], heard[0]["seq"], heard[0]["client_id"]) == (stored.pk, 1, client_id)
    assert (heard[0]["message"], heard[0]["sender_name"], heard[0]["status"]) == ("Namaste", "Bilal", "sent")


async def test_a_client_id_sent_again_is_acknowledged_to_its_sender_alone(scene: Scene) -> None:
    async with scene.inside("asha", "bilal") as (asha, bilal):
        client_id = await bilal.say("Once")
        first = await bilal.expect("chat_message")
        await asha.expect("chat_message")
        await bilal.say("Once", client_id=client_id)
        assert await bilal.expect("chat_message") == first
        assert not await asha.hears_of("chat_message")
    assert await Message.objects.acount() == 1


async def test_messages_of_one_sender_keep_their_order_however_quick(scene: Scene) -> None:
    async with scene.inside("bilal") as (bilal,):
        for number in range(20):
            await bilal.say(str(number))
        heard = [await bilal.expect("chat_message") for _ in range(20)]
    assert [frame["message"] for frame in heard] == [str(number) for number in range(20)]
    assert [frame["seq"] for frame in heard] == list(range(1, 21))


async def test_reading_editing_deleting_and_answering_are_heard_by_all(scene: Scene) -> None:
    async with scene.inside("asha", "bilal") as (asha, bilal):
        await bilal.say("Helo")
        number = (await asha.expect("chat_message"))["message_id"]
        await asha.send({"type": "read_receipt", "message_id": number})
        receipt = await bilal.expect("read_receipt")
        await bilal.send({"type": "edit_message", "message_id": number, "message": "Hello"})
        edited = await asha.expect("message_edited")
        await asha.say("Hi", reply_to_id=number)
        answer = await bilal.expect("chat_message")
        await bilal.send({"type": "delete_message", "message_id": number})
        deleted = await asha.expect("message_deleted")
    assert (receipt["user_id"], receipt["read_count"]) == (scene.people["asha"].pk, 1)
    assert (edited["seq"], edited["message"]) == (2, "Hello")
    assert answer["reply_to_id"] == number
    assert deleted == {"type": "message_deleted", "message_id": number, "seq": 4}
    assert await ReadMark.objects.filter(user=scene.people["asha"], message_id=number).aexists()


async def test_nobody_changes_what_somebody_else_said(scene: Scene) -> None:
    async with scene.inside("asha", "bilal") as (asha, bilal):
        await bilal.say("Mine")
        number = (await asha.expect("chat_message"))["message_id"]
        await asha.send({"type": "edit_message", "message_id": number, "message": "Yours"})
        assert (await asha.expect("error"))["code"] == "not_your_message"
        await asha.send({"type": "delete_message", "message_id": number})
        assert (await asha.expect("error"))["code"] == "not_your_message"
    assert (await Message.objects.aget()).text == "Mine"


async def test_sync_gives_what_changed_page_by_page(scene: Scene) -> None:
    async with scene.inside("bilal") as (bilal,):
        for number in range(3):
            await bilal.say(str(number))
        last = [await bilal.expect("chat_message") for _ in range(3)][-1]
        await bilal.send({"type": "delete_message", "message_id": last["message_id"]})
        await bilal.expect("message_deleted")
        await bilal.send({"type": "sync", "after_seq": 1})
        page = await bilal.expect("sync")
    assert [message.get("message") for message in page["messages"]] == ["1", None]
    assert page["messages"][1] == {"message_id": last["message_id"], "seq": 4, "is_deleted": True}
    assert page["has_more"] is False


async def test_typing_is_heard_and_falls_back_by_itself(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.chat.consumers.TYPING_SECONDS", 0.2)
    bilal_id = scene.people["bilal"].pk
    async with scene.inside("asha", "bilal") as (asha, bilal):
        await bilal.send({"type": "typing", "is_typing": True})
        assert await asha.expect("typing") == {"type": "typing", "user_id": bilal_id, "is_typing": True}
        assert await asha.expect("typing") == {"type": "typing", "user_id": bilal_id, "is_typing": False}


async def test_who_leaves_in_the_middle_of_a_word_types_no_longer(scene: Scene) -> None:
    async with scene.inside("asha") as (asha,):
        async with scene.inside("bilal") as (bilal,):
            await bilal.send({"type": "typing", "is_typing": True})
            assert (await asha.expect("typing"))["is_typing"]
        assert not (await asha.expect("typing"))["is_typing"]


async def test_whom_one_has_blocked_is_not_heard_and_leaves_no_gap(scene: Scene) -> None:
    await Block.objects.acreate(blocker=scene.people["asha"], blocked=scene.people["bilal"])
    async with scene.inside("asha", "bilal") as (asha, bilal):
        await bilal.send({"type": "typing", "is_typing": True})
        await bilal.say("You can't hear me")
        stub = await asha.expect("message_deleted")
        assert not await asha.hears_of("typing")
    assert stub["seq"] == 1


async def test_a_block_made_inside_holds_within_two_seconds(scene: Scene) -> None:
    async with scene.inside("asha", "bilal") as (asha, bilal):
        await Block.objects.acreate(blocker=scene.people["asha"], blocked=scene.people["bilal"])
        await asyncio.sleep(2)
        await bilal.say("Still there?")
        assert (await asha.expect("message_deleted"))["seq"] == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"type": "chat_message", "message": "x" * 4001}, "too_long"),
    ({"type": "chat_message", "message": "  "}, "blank"),
    ({"type": "chat_message", "message": "To nobody", "reply_to_id": 404}, "does_not_exist"),
    ({"type": "chat_message", "message": 7}, "invalid_frame"),
    ({"type": "chat_message", "message": "half of a pair: \ud83d"}, "invalid_frame"),
    ({"type": "chat_message", "message": "x", "reply_to_id": 2**63}, "invalid_frame"),
    ({"type": "who_knows"}, "invalid_frame"),
]


async def test_what_is_refused_says_why_and_of_which_frame_and_the_connection_lives(scene: Scene) -> None:
    async with scene.inside("bilal") as (bilal,):
        for frame, code in REFUSED:
            client_id = str(uuid4())
            await bilal.send({**frame, "client_id": client_id})
            refusal = await bilal.expect("error")
            assert (refusal["code"], refusal["client_id"]) == (code, client_id)
        await bilal.say("Here I am")
        await bilal.expect("chat_message")


async def test_refusals_are_in_the_callers_language(scene: Scene) -> None:
    bilal = scene.knock("bilal")
    bilal.socket.scope["headers"].append((b"accept-language", b"hi"))
    await bilal.socket.connect()
    await bilal.send({"type": "edit_message", "message_id": 404, "message": "x"})
    assert (await bilal.expect("error"))["detail"] == "नहीं मिला।"
    await bilal.socket.disconnect()


async def test_muted_members_read_and_neither_write_nor_type(scene: Scene) -> None:
    muted = Membership.objects.filter(user=scene.people["bilal"])
    await muted.aupdate(muted_until=timezone.now() + timedelta(hours=1))
    async with scene.inside("asha", "bilal") as (asha, bilal):
        await asha.say("Listen")
        assert (await bilal.expect("chat_message"))["message"] == "Listen"
        for frame in ({"type": "chat_message", "message": "But"}, {"type": "typing", "is_typing": True}):
            await bilal.send(frame)
            assert (await bilal.expect("error"))["code"] == "muted"


async def test_past_the_limit_a_message_is_refused_and_the_socket_closed(scene: Scene, settings) -> None:
    settings.LIMITS = settings.LIMITS | {"chat": "3/10"}
    async with scene.inside("asha", "bilal") as (asha, bilal):
        ids = [await bilal.say(str(number)) for number in range(4)]
        refusal = await bilal.expect("error")
        assert (refusal["code"], refusal["client_id"]) == ("throttled", ids[3])
        assert await bilal.closed_with() == 4429
        assert [(await asha.expect("chat_message"))["client_id"] for _ in range(3)] == ids[:3]


async def test_past_the_limit_of_frames_the_socket_is_closed_whatever_they_say(scene: Scene, settings) -> None:
    settings.LIMITS = settings.LIMITS | {"frames": "4/10"}  # coming in takes one here
    async with scene.inside("bilal") as (bilal,):
        for _ in range(3):
            await bilal.send({"type": "ping"})
            await bilal.expect("pong")
        await bilal.send({"type": "ping"})
        assert await bilal.closed_with() == 4429


# --- coming in, and having to go --------------------------------------------------------------------
@pytest.mark.parametrize(("name", "visibility", "code"), [("chitra", "public", 4403), ("chitra", "private", 4404)])
async def test_strangers_are_closed_and_hear_nothing(scene: Scene, name: str, visibility: str, code: int) -> None:
    await CommunityGroup.objects.aupdate(visibility=visibility)
    stranger = scene.knock(name)
    await stranger.socket.connect()
    assert await stranger.closed_with() == code


async def test_no_such_room_and_no_token_have_codes_of_their_own(scene: Scene) -> None:
    for socket, code in (
        (socket_to("/ws/community/chat/404404/", scene.tokens["bilal"]), 4404),
        (socket_to(scene.path), 4401),
    ):
        await socket.connect()
        assert (await socket.receive_output())["code"] == code


async def test_an_admin_of_the_platform_may_come_in_and_stay(scene: Scene) -> None:
    async with scene.inside("admin") as (admin,):
        await asyncio.sleep(1.2)
        await admin.say("Just looking")
        await admin.expect("chat_message")


async def _ban(scene: Scene) -> None:
    banned = Membership.objects.filter(user=scene.people["bilal"])
    await banned.aupdate(banned_until=timezone.now() + timedelta(hours=1))


async def _leave(scene: Scene) -> None:
    await in_thread(leave_group, user=scene.people["bilal"], community_id=scene.community.pk)


async def _end_enrolment(scene: Scene) -> None:
    await Enrollment.objects.filter(user=scene.people["bilal"]).aupdate(is_active=False)


async def _sign_out(scene: Scene) -> None:
    await Session.objects.filter(user=scene.people["bilal"]).aupdate(ended_at=timezone.now())


@pytest.mark.parametrize(("happens", "code"), [(_ban, 4403), (_leave, 4403), (_end_enrolment, 4403), (_sign_out, 4401)])
async def test_who_may_not_stay_is_closed_within_two_seconds(scene: Scene, happens, code: int) -> None:
    async with scene.inside("asha", "bilal") as (asha, bilal):
        await happens(scene)
        assert await bilal.closed_with(within=in_time(2)) == code
        await asha.say("Gone?")
        assert (await asha.expect("chat_message"))["message"] == "Gone?"


async def test_who_was_signed_out_this_moment_stores_nothing(scene: Scene) -> None:
    async with scene.inside("bilal") as (bilal,):
        await _sign_out(scene)
        await bilal.say("One more thing")
        assert await bilal.closed_with() == 4401
    assert not await Message.objects.aexists()


# --- costs ------------------------------------------------------------------------------------------
def test_coming_in_takes_five_statements(scene: Scene, on_postgresql: bool) -> None:
    with CaptureQueriesContext(connection) as seen:
        enter(user_id=scene.people["bilal"].pk, community_id=scene.community.pk)
    if on_postgresql:
        assert len(seen) == 5


@pytest.mark.parametrize("names", [["bilal"], ["bilal", "asha"]])
def test_watching_takes_two_statements_whatever_the_number(scene: Scene, names: list[str]) -> None:
    with CaptureQueriesContext(connection) as seen:
        staying = who_stays({(scene.people[name].pk, scene.community.pk) for name in names})
    assert len(staying) == len(names)
    assert len(seen) == 2


async def test_what_is_waiting_is_written_before_the_socket_is_left(scene: Scene) -> None:
    async with scene.inside("bilal") as (bilal,):
        for number in range(10):
            await bilal.say(str(number))
    assert await sync_to_async(Message.objects.count)() == 10
