"""The list of what one was told: one's own, latest first, at the same cost however long."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from community.models import ChatRoom, CommunityGroup, Notification, Post, ReadMark
from community.notifications.services import tell_of_room
from tests.community.notifications.told import say, tell
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
LIST = "/api/community/notifications/"


def test_a_row_is_as_the_contract_has_it(
    client_for: ClientFor, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    [row] = tell(bilal, title="Hello", message="There", actor_id=asha.pk, community_id=community.pk)
    answer = client_for(bilal).get(LIST).json()

    assert (answer["next"], answer["previous"]) == (None, None)
    [shown] = answer["results"]
    assert shown.pop("created_at").endswith("Z")
    assert shown == {
        "id": row.pk,
        "notification_type": "system",
        "title": "Hello",
        "message": "There",
        "actor": {"id": asha.pk, "username": "asha", "full_name": "Asha", "profile_image": None, "role": "instructor"},
        "community_id": community.pk,
        "post_id": None,
        "is_read": False,
        "read_at": None,
    }
    assert client_for(bilal).get(f"{LIST}{row.pk}/").json()["title"] == "Hello"


def test_a_stranger_sees_and_marks_nothing_of_it(client_for: ClientFor, bilal: CustomUser, chitra: CustomUser) -> None:
    [row] = tell(bilal)
    stranger = client_for(chitra)

    assert stranger.get(LIST).json()["results"] == []
    assert stranger.get(f"{LIST}unread-count/").json() == {"unread_count": 0}
    assert stranger.get(f"{LIST}{row.pk}/").status_code == 404
    assert stranger.post(f"{LIST}{row.pk}/mark-as-read/").status_code == 404
    assert stranger.post(f"{LIST}mark-all-as-read/").json() == {"marked": 0}
    assert Notification.objects.get().read_at is None


def test_reading_one_and_reading_all(client_for: ClientFor, bilal: CustomUser) -> None:
    first, *_others = [tell(bilal, key=str(number))[0] for number in range(3)]
    client = client_for(bilal)

    read = client.post(f"{LIST}{first.pk}/mark-as-read/").json()
    assert (read["is_read"], client.get(f"{LIST}unread-count/").json()) == (True, {"unread_count": 2})
    assert client.post(f"{LIST}{first.pk}/mark-as-read/").json()["read_at"] == read["read_at"]
    assert client.post(f"{LIST}mark-all-as-read/").json() == {"marked": 2}
    assert client.get(f"{LIST}unread-count/").json() == {"unread_count": 0}


def test_the_list_can_be_narrowed(client_for: ClientFor, bilal: CustomUser) -> None:
    [one] = tell(bilal, key="1", kind="payment")
    [two] = tell(bilal, key="2")
    Notification.objects.filter(pk=one.pk).update(read_at=timezone.now())
    client = client_for(bilal)

    def ids(**query: Any) -> list[int]:
        return [row["id"] for row in client.get(LIST, query).json()["results"]]

    assert (ids(), ids(is_read="true"), ids(is_read="false")) == ([two.pk, one.pk], [one.pk], [two.pk])
    assert (ids(notification_type="payment"), ids(notification_type="refund")) == ([one.pk], [])
    assert client.get(LIST, {"notification_type": "gossip"}).status_code == 400
    assert client.get(LIST, {"is_read": "maybe"}).status_code == 400


def test_a_room_that_was_read_is_shown_as_read(
    client_for: ClientFor, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    room = ChatRoom.objects.get(community=community)
    message = say(asha, room)
    tell_of_room(room_id=room.pk)
    ReadMark.objects.create(room=room, user=bilal, message_id=message.pk)
    client = client_for(bilal)

    assert client.get(LIST).json()["results"][0]["is_read"] is True
    assert client.get(LIST, {"is_read": "false"}).json()["results"] == []


def test_the_title_of_a_removed_discussion_is_not_shown_here_either(
    client_for: ClientFor, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    post = Post.objects.create(community=community, author=asha, title="Rude", content="x", content_html="x")
    tell(bilal, kind="new_post", message="Rude", community_id=community.pk, post_id=post.pk)
    tell(bilal, key="2", kind="moderator_action", message="Because", community_id=community.pk, post_id=post.pk)
    client = client_for(bilal)
    assert [row["message"] for row in client.get(LIST).json()["results"]] == ["Because", "Rude"]
    Post.objects.update(deleted_at=timezone.now())

    assert [row["message"] for row in client.get(LIST).json()["results"]] == ["Because", ""]


def test_the_list_costs_the_same_however_long(
    client_for: ClientFor, asha: CustomUser, bilal: CustomUser, on_postgresql: bool
) -> None:
    client, costs = client_for(bilal), []
    for key in ("1", "2", "3"):
        tell(bilal, key=key, actor_id=asha.pk)
        with CaptureQueriesContext(connection) as statements:
            client.get(LIST)
        costs.append(len(statements))

    assert costs[0] == costs[2]
    if on_postgresql:
        assert costs[2] == 2  # the session, the rows


def test_the_unread_are_counted_in_one_statement(client_for: ClientFor, bilal: CustomUser, on_postgresql: bool) -> None:
    client = client_for(bilal)
    tell(bilal)
    with CaptureQueriesContext(connection) as statements:
        client.get(f"{LIST}unread-count/")

    if on_postgresql:
        assert len(statements) == 2
