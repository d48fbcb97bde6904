"""Who was not in the room is told that something was said: one row, however much it was."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from community.models import (
    Block,
    ChatRoom,
    CommunityGroup,
    Membership,
    Notification,
    Presence,
    ReadMark,
    SocketProcess,
)
from community.notifications import tasks
from community.notifications.selectors import unread_count_of
from community.notifications.services import mark_as_read, tell_of_room, telling_of_rooms, untold_room_ids
from tests.community.notifications.told import choose, say, told_of
from tests.core.pushes import Pushes
from tests.crowd import MOST_ROUNDS, crowd
from tests.factories.communities import join
from tests.factories.people import person
from tests.thorough import times

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(community: CommunityGroup) -> ChatRoom:
    return ChatRoom.objects.get(community=community)


def test_a_busy_room_costs_a_reader_one_row(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    for _ in range(5):
        say(asha, room)
    tell_of_room(room_id=room.pk)
    say(asha, room)
    tell_of_room(room_id=room.pk)

    row = Notification.objects.get()
    assert (row.user_id, row.title, row.count) == (bilal.pk, "6 new messages in Alphabet in Signs", 6)
    assert (row.actor_id, row.community_id, row.room_id) == (asha.pk, room.community_id, room.pk)
    assert untold_room_ids() == []


def test_once_read_what_comes_begins_another_row(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    say(asha, room)
    tell_of_room(room_id=room.pk)
    mark_as_read(user_id=bilal.pk, notification_id=Notification.objects.get().pk)
    say(asha, room)
    tell_of_room(room_id=room.pk)

    assert told_of(bilal) == [("new_message", "1 new message in Alphabet in Signs")] * 2


def test_reading_the_room_reads_the_notification(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    first = say(asha, room)
    tell_of_room(room_id=room.pk)
    assert unread_count_of(bilal.pk) == 1
    ReadMark.objects.create(room=room, user=bilal, message_id=first.pk)
    assert unread_count_of(bilal.pk) == 0

    say(asha, room)
    say(asha, room)
    tell_of_room(room_id=room.pk)

    assert unread_count_of(bilal.pk) == 1
    assert told_of(bilal)[-1] == ("new_message", "2 new messages in Alphabet in Signs")


def test_who_is_there_or_has_read_it_is_not_told(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    process = SocketProcess.objects.create(id=uuid4(), seen_at=timezone.now())
    presence = Presence.objects.create(process=process, room=room, user=bilal)
    say(asha, room)
    tell_of_room(room_id=room.pk)
    presence.delete()
    message = say(asha, room)
    ReadMark.objects.create(room=room, user=bilal, message_id=message.pk)
    tell_of_room(room_id=room.pk)

    assert told_of(bilal) == []


def test_whom_a_dead_process_left_behind_is_told(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    process = SocketProcess.objects.create(id=uuid4(), seen_at=timezone.now() - timedelta(minutes=1))
    Presence.objects.create(process=process, room=room, user=bilal)
    say(asha, room)
    tell_of_room(room_id=room.pk)

    assert len(told_of(bilal)) == 1


def test_who_is_mentioned_or_answered_hears_of_that_message_by_itself(
    asha: CustomUser, bilal: CustomUser, room: ChatRoom
) -> None:
    mine = say(bilal, room)
    say(asha, room, "Well done @bilal!")
    say(asha, room, "Yes", reply_to=mine)
    say(asha, room, "And now all")
    tell_of_room(room_id=room.pk)

    assert told_of(bilal) == [
        ("new_mention", "You were mentioned in Alphabet in Signs"),
        ("new_reply", "You were answered in Alphabet in Signs"),
        ("new_message", "1 new message in Alphabet in Signs"),
    ]


def test_blocked_deleted_and_own_messages_are_not_counted(
    asha: CustomUser, bilal: CustomUser, room: ChatRoom, community: CommunityGroup
) -> None:
    dilip = person("dilip")
    join(dilip, community)
    Block.objects.create(blocker=bilal, blocked=dilip)
    say(dilip, room, "@bilal")
    say(bilal, room)
    say(asha, room, deleted_at=timezone.now())
    tell_of_room(room_id=room.pk)

    assert told_of(bilal) == []
    assert told_of(asha) == [("new_message", "2 new messages in Alphabet in Signs")]


def test_who_may_not_enter_is_not_told(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    Membership.objects.filter(user=bilal).update(banned_until=timezone.now() + timedelta(days=1))
    say(asha, room, "@bilal")
    tell_of_room(room_id=room.pk)

    assert told_of(bilal) == []


def test_edits_alone_tell_nobody(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    say(asha, room)
    tell_of_room(room_id=room.pk)
    room.last_seq += 1
    room.save(update_fields=["last_seq"])
    tasks.sweep_notifications()

    assert len(told_of(bilal)) == 1
    assert untold_room_ids() == []


def test_of_two_the_other_is_told(asha: CustomUser, bilal: CustomUser, community: CommunityGroup) -> None:
    low, high = sorted((asha, bilal), key=lambda one: one.pk)
    room = ChatRoom.objects.create(low_user=low, high_user=high)
    choose(bilal, locale="en")
    say(asha, room, "@bilal")
    say(asha, room)
    tell_of_room(room_id=room.pk)

    assert told_of(bilal) == [("new_message", "2 new messages from Asha")]
    assert told_of(asha) == []


def test_the_app_is_shown_the_row_as_it_reads_now(
    asha: CustomUser, bilal: CustomUser, room: ChatRoom, pushes: Pushes, django_capture_on_commit_callbacks: Any
) -> None:
    for _ in range(2):
        say(asha, room)
        with django_capture_on_commit_callbacks(execute=True):
            tell_of_room(room_id=room.pk)

    first, second = pushes.to(f"user.{bilal.pk}")
    assert first["notification_id"] == second["notification_id"]
    assert (second["title"], second["unread_count"]) == ("2 new messages in Alphabet in Signs", 1)


def test_more_than_fits_one_telling_is_told_by_the_next(
    asha: CustomUser, bilal: CustomUser, room: ChatRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling_of_rooms, "MOST_MESSAGES", 2)
    for _ in range(3):
        say(asha, room)
    tell_of_room(room_id=room.pk)
    assert untold_room_ids() == [room.pk]
    tell_of_room(room_id=room.pk)

    assert Notification.objects.get().count == 3
    assert untold_room_ids() == []


def test_telling_costs_the_same_for_one_reader_and_for_many(
    asha: CustomUser, room: ChatRoom, community: CommunityGroup
) -> None:
    costs = []
    for _ in range(2):
        say(asha, room)
        with CaptureQueriesContext(connection) as statements:
            tell_of_room(room_id=room.pk)
        costs.append(len(statements))
        for _ in range(9):
            join(person(uuid4().hex[:8]), community)
        Notification.objects.all().delete()

    assert costs[0] == costs[1]


@pytest.mark.django_db(transaction=True)
def test_two_tellers_at_once_count_each_message_once(asha: CustomUser, bilal: CustomUser, room: ChatRoom) -> None:
    assert set(counted_at_once(asha, room, times(20, few=4))) == {1}


@pytest.mark.django_db(transaction=True)
def test_without_moving_on_from_what_was_read_messages_count_twice(
    asha: CustomUser, bilal: CustomUser, room: ChatRoom, monkeypatch: pytest.MonkeyPatch, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer: two tellers are never at once")
    monkeypatch.setattr(telling_of_rooms, "_moved_on", _move)

    assert any(added > 1 for added in counted_at_once(asha, room, MOST_ROUNDS))


def _move(room: ChatRoom, upto: int) -> bool:
    return bool(ChatRoom.objects.filter(pk=room.pk).update(told_seq=upto))


def counted_at_once(asha: CustomUser, room: ChatRoom, rounds: int) -> Iterator[int]:
    """Say one thing and tell of it from four threads; yields how much each round added to the reader's row."""
    before = 0
    with crowd(4) as all_at_once:
        for _ in range(rounds):
            room.refresh_from_db()
            say(asha, room)
            all_at_once(*[lambda: tell_of_room(room_id=room.pk)] * 4)
            now = Notification.objects.get().count
            yield now - before
            before = now
