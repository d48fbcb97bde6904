"""Between two people of one community."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.chat.models import ChatRoom, Message
from community.chat.services import edit_message, mark_read, say_to
from community.groups.models import Block, CommunityGroup, Membership
from e_learning.core.api.errors import ApiError
from tests.community.chat.conftest import Heard
from tests.conftest import ClientFor
from tests.factories.communities import join
from tests.factories.people import person

DIRECT = "/api/community/direct/"
pytestmark = pytest.mark.usefixtures("community")


def to(user: CustomUser) -> str:
    return f"{DIRECT}{user.pk}/messages/"


def code_of(answer: Any) -> str:
    return str(answer.json()["errors"][0]["code"])


def test_either_begins_and_both_have_one_room(
    bilals: APIClient, client_for: ClientFor, asha: CustomUser, bilal: CustomUser
) -> None:
    assert bilals.get(to(asha)).status_code == 404  # neither has spoken
    first = bilals.post(DIRECT, {"user_id": asha.pk, "message": "May I ask?"})
    second = client_for(asha).post(to(bilal), {"message": "Please do"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json()["community_id"], first.json()["seq"], second.json()["seq"]) == (None, 1, 2)
    assert [row["message"] for row in bilals.get(to(asha)).json()["results"]] == ["Please do", "May I ask?"]
    assert [row["seq"] for row in client_for(asha).get(f"{to(bilal)}?after_seq=1").json()["results"]] == [2]


def test_a_client_id_sent_again_is_answered_as_at_first(bilals: APIClient, asha: CustomUser) -> None:
    said = {"message": "once", "client_id": str(uuid4())}
    answers = [bilals.post(to(asha), said) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()


def test_both_hear_it_and_the_frame_says_to_whom(asha: CustomUser, bilal: CustomUser, heard: Heard) -> None:
    pushes = heard(lambda: say_to(sender=bilal, user_id=asha.pk, message="Salaam"))
    assert sorted(push.group for push in pushes) == sorted([f"user.{asha.pk}", f"user.{bilal.pk}"])
    frame = json.loads(pushes[0].text)
    assert (frame["sender_id"], frame["recipient_id"], frame["community_id"]) == (bilal.pk, asha.pk, None)
    receipts = heard(lambda: mark_read(user=asha, message_id=frame["message_id"]))
    assert {json.loads(push.text)["read_count"] for push in receipts} == {1}


def test_strangers_and_nobody_look_the_same(bilals: APIClient, bilal: CustomUser, chitra: CustomUser) -> None:
    for number in (chitra.pk, 10**9, bilal.pk):
        assert bilals.post(DIRECT, {"user_id": number, "message": "hm"}).status_code == 404
        assert bilals.get(f"{DIRECT}{number}/messages/").status_code == 404
    assert not ChatRoom.objects.filter(community=None).exists()


def test_who_blocked_or_is_blocked_is_not_written_to(
    bilals: APIClient, client_for: ClientFor, asha: CustomUser, bilal: CustomUser
) -> None:
    block = Block.objects.create(blocker=asha, blocked=bilal)
    assert code_of(bilals.post(to(asha), {"message": "hm"})) == "blocked"
    block.delete()
    message_id = bilals.post(to(asha), {"message": "hm"}).json()["message_id"]
    Block.objects.create(blocker=asha, blocked=bilal)
    assert code_of(bilals.post(to(asha), {"message": "hm"})) == "blocked"
    assert code_of(client_for(asha).post(to(bilal), {"message": "hm"})) == "blocked"
    with pytest.raises(ApiError, match="blocked"):
        edit_message(editor=bilal, message_id=message_id, text="a way around it")
    [stub] = client_for(asha).get(to(bilal)).json()["results"]
    assert stub == {"message_id": message_id, "seq": 1, "is_deleted": True}
    assert len(bilals.get(to(asha)).json()["results"]) == 1


def test_who_no_longer_shares_a_community_reads_and_does_not_write(
    bilals: APIClient, asha: CustomUser, bilal: CustomUser
) -> None:
    message_id = bilals.post(to(asha), {"message": "hm"}).json()["message_id"]
    Membership.objects.filter(user=bilal).update(banned_until=timezone.now() + timedelta(days=1))
    assert code_of(bilals.post(to(asha), {"message": "hm"})) == "not_acquainted"
    with pytest.raises(ApiError, match="not_acquainted"):
        edit_message(editor=bilal, message_id=message_id, text="hm")
    assert len(bilals.get(to(asha)).json()["results"]) == 1
    CustomUser.objects.filter(pk=asha.pk).update(is_active=False)
    Membership.objects.update(banned_until=None)
    assert code_of(bilals.post(to(asha), {"message": "anybody there?"})) == "not_acquainted"


def test_others_see_nothing_of_it(
    client_for: ClientFor, asha: CustomUser, bilal: CustomUser, admin: CustomUser, community: CommunityGroup
) -> None:
    posted = say_to(sender=bilal, user_id=asha.pk, message="between us")
    third = person("third")
    join(third, community)
    for other in (third, admin):
        client = client_for(other)
        assert client.get(DIRECT).json()["results"] == []
        assert client.get(to(asha)).status_code == 404
        path = f"/api/community/messages/{posted.message_id}/"
        assert client.post(f"{path}mark-as-read/").status_code == 404
        assert client.get(f"{path}attachment/").status_code == 404
        with pytest.raises(ApiError, match="not_found"):
            edit_message(editor=other, message_id=posted.message_id, text="mine")


def test_conversations_with_the_last_word_and_what_is_unread(
    bilals: APIClient, client_for: ClientFor, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    third = person("third")
    join(third, community)
    say_to(sender=bilal, user_id=third.pk, message="to the third")
    read = say_to(sender=asha, user_id=bilal.pk, message="one").message_id
    mark_read(user=bilal, message_id=read)
    say_to(sender=asha, user_id=bilal.pk, message="two")
    [newest, older] = bilals.get(DIRECT).json()["results"]
    assert newest["user"]["username"] == "asha"
    assert set(newest["user"]) == {"id", "username", "full_name", "profile_image", "role"}
    assert (newest["last_message"]["message"], newest["unread_count"]) == ("two", 1)
    assert (older["user"]["username"], older["unread_count"]) == ("third", 0)
    [hers] = client_for(asha).get(DIRECT).json()["results"]
    assert (hers["user"]["username"], hers["unread_count"]) == ("bilal", 0)


def test_a_conversation_that_ends_in_a_deleted_message_shows_a_stub(
    bilals: APIClient, asha: CustomUser, bilal: CustomUser
) -> None:
    say_to(sender=asha, user_id=bilal.pk, message="oops")
    Message.objects.update(deleted_at=timezone.now(), text="")
    [row] = bilals.get(DIRECT).json()["results"]
    assert row["last_message"]["is_deleted"]
    assert row["unread_count"] == 0
