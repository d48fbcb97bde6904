"""The REST twins of a community's chat."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.chat.models import Attachment, ChatRoom, Message
from community.chat.services import delete_own_message, edit_message
from community.groups.models import Block, CommunityGroup
from tests.community.chat.saying import say
from tests.conftest import ClientFor
from tests.factories.uploads import picture

MESSAGES = "/api/community/messages/"


def body(room: ChatRoom, **more: Any) -> dict[str, Any]:
    return {"community_id": room.community_id, "message": "Salaam", **more}


def test_sending_answers_the_message(bilals: APIClient, room: ChatRoom, bilal: CustomUser) -> None:
    client_id = str(uuid4())
    answer = bilals.post(MESSAGES, body(room, client_id=client_id))
    assert answer.status_code == 201
    shown = answer.json()
    assert shown == {
        "message_id": Message.objects.get().pk,
        "seq": 1,
        "client_id": client_id,
        "community_id": room.community_id,
        "message": "Salaam",
        "message_type": "text",
        "sender_id": bilal.pk,
        "sender_name": "Bilal",
        "reply_to_id": None,
        "attachment": None,
        "status": "sent",
        "created_at": shown["created_at"],
        "edited_at": None,
    }
    again = bilals.post(MESSAGES, body(room, client_id=client_id))
    assert (again.status_code, again.json()) == (200, shown)


def test_an_idempotency_key_holds_too(bilals: APIClient, room: ChatRoom) -> None:
    answers = [bilals.post(MESSAGES, body(room), headers={"Idempotency-Key": "k"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert Message.objects.count() == 1
    other = bilals.post(MESSAGES, body(room, message="other"), headers={"Idempotency-Key": "k"})
    assert other.json()["errors"][0]["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("wrong", "attr", "code"),
    [
        ({"message": ""}, "message", "blank"),
        ({"message": "x" * 4001}, "message", "too_long"),
        ({"reply_to_id": 7}, "reply_to_id", "does_not_exist"),
        ({"client_id": "x"}, "client_id", "invalid"),
        ({"message_type": "song"}, "message_type", "invalid_choice"),
        ({"community_id": 10**30}, "community_id", "max_value"),
    ],
)
def test_what_is_wrong_is_named(bilals: APIClient, room: ChatRoom, wrong: dict[str, Any], attr: str, code: str) -> None:
    answer = bilals.post(MESSAGES, body(room) | wrong)
    assert answer.status_code == 400
    assert [(one["attr"], one["code"]) for one in answer.json()["errors"]] == [(attr, code)]


@pytest.mark.parametrize(
    "raw", [b'{"community_id": 1, "message": "\\ud83d"}', b'{"community_id": 1, "message": "\xff"}']
)
def test_half_a_character_is_no_text(bilals: APIClient, room: ChatRoom, raw: bytes) -> None:
    assert bilals.post(MESSAGES, raw, content_type="application/json").status_code == 400


def test_strangers_see_and_say_nothing(
    chitras: APIClient, anonymous: APIClient, room: ChatRoom, asha: CustomUser
) -> None:
    pk = say(room, asha).message_id
    lists = [f"{MESSAGES}?community={room.community_id}", f"/api/community/groups/{room.community_id}/messages/"]
    for path in lists:
        assert chitras.get(path).json()["errors"][0]["code"] == "membership_required"
        assert anonymous.get(path).status_code == 401
    assert chitras.post(MESSAGES, body(room)).json()["errors"][0]["code"] == "membership_required"
    assert chitras.post(f"{MESSAGES}{pk}/mark-as-read/").status_code == 404
    assert chitras.get(f"{MESSAGES}{pk}/attachment/").status_code == 404
    CommunityGroup.objects.update(visibility="private")
    assert [chitras.get(path).status_code for path in lists] == [404, 404]
    assert chitras.get(f"{MESSAGES}?community=0").status_code == 400
    assert chitras.get(MESSAGES).status_code == 400


def test_the_list_leads_back_by_when_it_was_said(bilals: APIClient, room: ChatRoom, bilal: CustomUser) -> None:
    ids = [say(room, bilal, str(number)).message_id for number in range(5)]
    edit_message(editor=bilal, message_id=ids[1], text="one, edited")
    path: str | None = f"/api/community/groups/{room.community_id}/messages/?page_size=2"
    pages = []
    while path:
        page = bilals.get(path).json()
        pages.append([row["message"] for row in page["results"]])
        assert page["has_more"] is (page["next"] is not None)
        path = page["next"]
    assert pages == [["4", "3"], ["2", "one, edited"], ["0"]]


def test_after_seq_gives_what_changed_since_as_it_is_now(bilals: APIClient, room: ChatRoom, bilal: CustomUser) -> None:
    ids = [say(room, bilal, str(number)).message_id for number in range(4)]
    edit_message(editor=bilal, message_id=ids[0], text="edited")
    delete_own_message(user=bilal, message_id=ids[1])
    first = bilals.get(f"{MESSAGES}?community={room.community_id}&after_seq=2&page_size=3").json()
    assert [(row["message_id"], row["seq"]) for row in first["results"]] == [(ids[2], 3), (ids[3], 4), (ids[0], 5)]
    assert first["has_more"]
    second = bilals.get(first["next"]).json()
    assert second["results"] == [{"message_id": ids[1], "seq": 6, "is_deleted": True}]
    assert (second["has_more"], second["next"]) == (False, None)
    assert "before_seq=6" in second["previous"]


def test_the_reader_gets_stubs_of_whom_they_blocked(
    bilals: APIClient, room: ChatRoom, asha: CustomUser, bilal: CustomUser
) -> None:
    hers, his = say(room, asha).message_id, say(room, bilal).message_id
    Block.objects.create(blocker=bilal, blocked=asha)
    [first, second] = bilals.get(f"{MESSAGES}?community={room.community_id}").json()["results"]
    assert (first["message_id"], first["message"]) == (his, "Salaam")
    assert second == {"message_id": hers, "seq": 1, "is_deleted": True}
    [stub, _own] = bilals.get(f"{MESSAGES}?community={room.community_id}&after_seq=0").json()["results"]
    assert stub == second


def test_a_room_is_made_when_it_is_first_asked_for(bilals: APIClient, community: CommunityGroup) -> None:
    ChatRoom.objects.all().delete()
    assert bilals.get(f"{MESSAGES}?community={community.pk}").json()["results"] == []
    assert ChatRoom.objects.filter(community=community).count() == 1


def test_reading_answers_the_receipt(bilals: APIClient, room: ChatRoom, asha: CustomUser, bilal: CustomUser) -> None:
    pk = say(room, asha).message_id
    answer = bilals.post(f"{MESSAGES}{pk}/mark-as-read/")
    assert answer.status_code == 200
    assert answer.json() == {"message_id": pk, "user_id": bilal.pk, "read_count": 1}


def test_an_own_message_is_put_and_deleted(
    bilals: APIClient, chitras: APIClient, client_for: ClientFor, room: ChatRoom, asha: CustomUser, bilal: CustomUser
) -> None:
    pk = say(room, bilal, "Helo").message_id
    path = f"{MESSAGES}{pk}/"
    shown = bilals.put(path, {"message": "Hello"}).json()
    assert (shown["message"], shown["seq"]) == ("Hello", 2)
    assert shown["edited_at"]
    assert client_for(asha).put(path, {"message": "mine"}).json()["errors"][0]["code"] == "not_your_message"
    assert chitras.put(path, {"message": "mine"}).status_code == 404
    assert bilals.put(path, {"message": "  "}).json()["errors"][0]["code"] == "blank"
    assert bilals.delete(path).status_code == 204
    assert bilals.put(path, {"message": "again"}).status_code == 404


# --- files ----------------------------------------------------------------------------------------
def test_a_picture_comes_with_a_message_and_opens_for_members(
    bilals: APIClient, chitras: APIClient, client_for: ClientFor, room: ChatRoom, asha: CustomUser
) -> None:
    upload = SimpleUploadedFile("holiday.txt", picture(), content_type="text/plain")
    answer = bilals.post(MESSAGES, {"community_id": room.community_id, "attachment": upload}, format="multipart")
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    path = f"{MESSAGES}{shown['message_id']}/attachment/"
    assert (shown["message"], shown["message_type"]) == ("", "image")  # judged by content, not by its name
    size = Attachment.objects.get().size
    assert shown["attachment"] == {"name": "holiday.txt", "content_type": "image/png", "size": size, "url": path}
    listed = bilals.get(f"{MESSAGES}?community={room.community_id}").json()["results"][0]
    assert listed == shown
    hers = client_for(asha).get(path)
    assert hers.status_code == 302
    assert "signature=" in hers["Location"]
    assert chitras.get(path).status_code == 404
    Block.objects.create(blocker=asha, blocked_id=shown["sender_id"])
    assert client_for(asha).get(path).status_code == 404


def test_a_message_without_a_file_has_none_to_open(bilals: APIClient, room: ChatRoom, bilal: CustomUser) -> None:
    assert bilals.get(f"{MESSAGES}{say(room, bilal).message_id}/attachment/").status_code == 404


def test_files_of_other_kinds_are_refused_and_nothing_stays(
    bilals: APIClient, room: ChatRoom, chitras: APIClient
) -> None:
    program = SimpleUploadedFile("virus.png", b"\x7fELF" + bytes(100))
    form = {"community_id": room.community_id, "attachment": program}
    assert bilals.post(MESSAGES, form, format="multipart").status_code == 415
    form["attachment"] = SimpleUploadedFile("a.png", picture())
    assert chitras.post(MESSAGES, form, format="multipart").status_code == 403
    storage = Attachment._meta.get_field("file").storage
    assert not storage.exists("chat") or storage.listdir("chat")[1] == []


def test_a_file_sent_again_is_stored_once(bilals: APIClient, room: ChatRoom) -> None:
    client_id = str(uuid4())
    statuses = []
    for _time in range(2):
        upload = SimpleUploadedFile("a.png", picture())
        form = {"community_id": room.community_id, "attachment": upload, "client_id": client_id}
        statuses.append(bilals.post(MESSAGES, form, format="multipart").status_code)
    assert statuses == [201, 200]
    assert len(Attachment._meta.get_field("file").storage.listdir("chat")[1]) == 1


def test_frames_and_answers_say_the_same(bilals: APIClient, room: ChatRoom, bilal: CustomUser) -> None:
    frame = json.loads(say(room, bilal).text)
    [shown] = bilals.get(f"{MESSAGES}?community={room.community_id}").json()["results"]
    assert frame == {name: value for name, value in shown.items() if name != "edited_at"} | {"type": "chat_message"}
