"""Statements a request, the look at the session included."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.chat.models import ChatRoom
from community.chat.services import Draft, changes_since, edit_message, mark_read, post_messages, say_to
from community.groups.models import Block, CommunityGroup
from tests.community.chat.saying import say
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient")]
MESSAGES = "/api/community/messages/"


def cost(call: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as statements:
        call()
    return len(statements)


def test_sending_by_rest(bilals: APIClient, room: ChatRoom, on_postgresql: bool) -> None:
    def send() -> None:
        words = {"community_id": room.community_id, "message": "hm", "client_id": str(uuid4())}
        assert bilals.post(MESSAGES, words).status_code == 201

    # The session, the room, the gate, and one that numbers and stores. SQLite: BEGIN, a savepoint and COMMIT too.
    assert [cost(send) for _time in range(3)] == ([4] * 3 if on_postgresql else [9] * 3)


def test_a_batch_costs_what_one_message_costs(
    room: ChatRoom, asha: CustomUser, bilal: CustomUser, on_postgresql: bool
) -> None:
    def batch(size: int) -> int:
        drafts = [Draft(room.pk, (asha, bilal)[place % 2].pk, "hm", uuid4()) for place in range(size)]
        return cost(lambda: post_messages(drafts))

    assert [batch(size) for size in (1, 2, 50)] == ([2] * 3 if on_postgresql else [7] * 3)
    other = make_community(make_course(asha)).room
    two_rooms = [Draft(place.pk, asha.pk, "hm") for place in (room, other, room, other)]
    assert cost(lambda: post_messages(two_rooms)) == (2 if on_postgresql else 8)


def test_what_was_sent_before_costs_one_more(room: ChatRoom, bilal: CustomUser, on_postgresql: bool) -> None:
    drafts = [Draft(room.pk, bilal.pk, "hm", uuid4()) for _ in range(3)]
    post_messages(drafts)
    assert cost(lambda: post_messages(drafts)) == (2 if on_postgresql else 4)


def test_lists(bilals: APIClient, room: ChatRoom, asha: CustomUser, bilal: CustomUser) -> None:
    Block.objects.create(blocker=bilal, blocked=person("loud"))
    paths = [
        f"{MESSAGES}?community={room.community_id}",
        f"{MESSAGES}?community={room.community_id}&after_seq=0",
        f"/api/community/groups/{room.community_id}/messages/",
    ]
    say(room, asha)
    one = [cost(lambda path=path: bilals.get(path)) for path in paths]  # type: ignore[misc]  # the loop's own path
    say(room, bilal)
    say(room, asha, reply_to_id=say(room, bilal).message_id)
    assert one == [cost(lambda path=path: bilals.get(path)) for path in paths] == [5, 5, 5]  # type: ignore[misc]
    assert cost(lambda: changes_since(room_id=room.pk, after_seq=0)) == 1


def test_conversations(bilals: APIClient, community: CommunityGroup, asha: CustomUser, bilal: CustomUser) -> None:
    say_to(sender=asha, user_id=bilal.pk, message="hm")
    one = cost(lambda: bilals.get("/api/community/direct/"))
    for name in ("one", "two"):
        other = person(name)
        join(other, community)
        say_to(sender=other, user_id=bilal.pk, message="hm")
    assert one == cost(lambda: bilals.get("/api/community/direct/")) == 4
    assert cost(lambda: bilals.get(f"/api/community/direct/{asha.pk}/messages/")) == 4


def test_changing_and_reading(room: ChatRoom, asha: CustomUser, bilal: CustomUser) -> None:
    message_id = say(room, bilal).message_id
    assert cost(lambda: edit_message(editor=bilal, message_id=message_id, text="hm")) == 6
    assert cost(lambda: mark_read(user=asha, message_id=message_id)) == 6
