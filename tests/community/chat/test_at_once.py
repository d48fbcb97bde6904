"""Eight devices of four people in two rooms, all at once: sending, sending again, answering, editing, deleting."""

import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection

from accounts.models import CustomUser
from community.chat.models import ChatRoom, Message, ReadMark
from community.chat.services import (
    Draft,
    Posted,
    changing,
    delete_own_message,
    edit_message,
    mark_read,
    post_messages,
    say_to,
    storing,
)
from community.groups.models import CommunityGroup
from e_learning.core.api.errors import NotThere
from tests.community.chat.saying import assert_numbered_without_gaps, say, stored
from tests.crowd import MOST_ROUNDS, all_at_once
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person
from tests.guards import without
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("patient"), pytest.mark.timeout(300)]
MESSAGES_EACH = times(60, few=8)
needs_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="on SQLite one transaction writes at a time, and that is the guard"
)


class Device:
    """One of two devices of a person; both send the same messages under the same ``client_id``s, in each room."""

    def __init__(self, rooms: list[ChatRoom], sender: CustomUser, client_ids: list[UUID], seed: int) -> None:
        self.rooms, self.sender, self.client_ids = rooms, sender, client_ids
        self.random = random.Random(seed)
        self.acknowledged: dict[UUID, list[Posted]] = {}
        self.answered: int | None = None

    def talk(self) -> None:
        sent: list[Draft] = []
        for client_id in self.client_ids:
            room = self.rooms[client_id.int % 2]
            answer_to = self.answered if self.random.random() < 0.5 and client_id.int % 2 == 0 else None
            sent.append(Draft(room.pk, self.sender.pk, str(client_id), client_id, reply_to_id=answer_to))
            batch = [sent[-1], *self.random.sample(sent, min(2, len(sent)))]
            for draft, outcome in zip(batch, post_messages(batch), strict=True):
                assert draft.client_id
                self.acknowledged.setdefault(draft.client_id, []).append(stored(outcome))
            self.change(self.random.choice(batch))

    def change(self, draft: Draft) -> None:
        assert draft.client_id
        message_id = self.acknowledged[draft.client_id][0].message_id
        what = self.random.random()
        try:
            if what < 0.3:
                edit_message(editor=self.sender, message_id=message_id, text=f"{draft.client_id} edited")
            elif what < 0.4:
                delete_own_message(user=self.sender, message_id=message_id)
        except NotThere:
            return  # deleted on the other device


@pytest.fixture
def rooms(asha: CustomUser) -> list[ChatRoom]:
    return [make_community(make_course(asha, contents=0)).room for _ in range(2)]


@pytest.fixture
def talkers(rooms: list[ChatRoom]) -> list[CustomUser]:
    people = [person(f"talker{number}") for number in range(4)]
    for one in people:
        for room in rooms:
            assert room.community
            join(one, room.community)
    return people


def devices_of(talkers: list[CustomUser], rooms: list[ChatRoom], asha: CustomUser) -> list[Device]:
    """Return two devices of each, with messages to send and a question that some of them answer."""
    asked = say(rooms[0], asha, "a question").message_id
    made = []
    for number, one in enumerate(talkers):
        client_ids = [uuid4() for _ in range(MESSAGES_EACH)]
        made += [Device(rooms, one, client_ids, seed=2 * number + device) for device in range(2)]
    for device in made:
        device.answered = asked
    return made


def assert_nothing_lost_or_twice(rooms: list[ChatRoom], devices: list[Device]) -> None:
    for room in rooms:
        assert_numbered_without_gaps(room)
    sent = {client_id for device in devices for client_id in device.client_ids}
    theirs = list(Message.objects.filter(client_id__in=sent))
    by_client_id = {message.client_id: message for message in theirs}
    assert len(by_client_id) == len(theirs) == len(sent)
    for device in devices:
        for client_id, answers in device.acknowledged.items():
            assert {(one.message_id, one.seq) for one in answers} == {
                (by_client_id[client_id].pk, by_client_id[client_id].sent_seq)
            }
            assert by_client_id[client_id].deleted_at or by_client_id[client_id].text.startswith(str(client_id))


def talk_at_once(rooms: list[ChatRoom], devices: list[Device], *others: Any) -> None:
    all_at_once(*[device.talk for device in devices], *others)
    assert_nothing_lost_or_twice(rooms, devices)


def again_and_again(once: Callable[[], None]) -> None:
    for _round in range(MOST_ROUNDS):
        once()


def test_nothing_is_lost_or_stored_twice_and_numbers_have_no_gaps(
    rooms: list[ChatRoom], talkers: list[CustomUser], asha: CustomUser
) -> None:
    devices = devices_of(talkers, rooms, asha)
    question = devices[0].answered or 0

    def keep_editing() -> None:  # what others are answering: neither may wait for the other for ever
        for number in range(MESSAGES_EACH):
            edit_message(editor=asha, message_id=question, text=f"a question, put {number} times")

    talk_at_once(rooms, devices, keep_editing)


def test_batches_over_the_same_rooms_in_any_order_wait_and_never_meet(rooms: list[ChatRoom], asha: CustomUser) -> None:
    def batches(order: list[ChatRoom]) -> None:
        for _ in range(MESSAGES_EACH):
            for outcome in post_messages([Draft(room.pk, asha.pk, "hm", uuid4()) for room in order]):
                stored(outcome)

    all_at_once(*[lambda order=order: batches(order) for order in (rooms, rooms[::-1]) * 4])
    for room in rooms:
        assert_numbered_without_gaps(room)


@needs_postgresql
def test_without_the_order_of_the_held_rooms_batches_meet(
    rooms: list[ChatRoom], asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_given = "ORDER BY array_position(%(rooms)s::bigint[], id) FOR NO KEY UPDATE"
    unordered = storing._NUMBER_AND_STORE.replace("ORDER BY id FOR NO KEY UPDATE", as_given)
    assert unordered != storing._NUMBER_AND_STORE
    monkeypatch.setattr(storing, "_NUMBER_AND_STORE", unordered)
    with pytest.raises((AssertionError, DatabaseError)):
        again_and_again(lambda: test_batches_over_the_same_rooms_in_any_order_wait_and_never_meet(rooms, asha))


@pytest.fixture
def without_the_constraint() -> Iterator[None]:
    with without(Message, "one_message_per_client_id"):
        yield


@needs_postgresql
@pytest.mark.usefixtures("without_the_constraint")
def test_without_the_constraint_some_are_stored_twice(
    rooms: list[ChatRoom], talkers: list[CustomUser], asha: CustomUser
) -> None:
    with pytest.raises((AssertionError, DatabaseError)):  # the gate finds two where it asks for one
        again_and_again(lambda: talk_at_once(rooms, devices_of(talkers, rooms, asha)))


@needs_postgresql
def test_without_the_rooms_lock_numbers_are_given_twice(
    rooms: list[ChatRoom], talkers: list[CustomUser], asha: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(room_id: int) -> int:
        taken = ChatRoom.objects.values_list("last_seq", flat=True).get(pk=room_id) + 1
        ChatRoom.objects.filter(pk=room_id).update(last_seq=taken)
        return taken

    monkeypatch.setattr(changing, "next_number", unlocked)
    # A room set back behind its messages refuses every number that sending takes: that is the RuntimeError.
    with pytest.raises((AssertionError, DatabaseError, RuntimeError)):
        again_and_again(lambda: talk_at_once(rooms, devices_of(talkers, rooms, asha)))


def test_two_who_begin_at_once_have_one_room(community: CommunityGroup, asha: CustomUser, bilal: CustomUser) -> None:
    all_at_once(
        lambda: say_to(sender=asha, user_id=bilal.pk, message="I wanted to say"),
        lambda: say_to(sender=bilal, user_id=asha.pk, message="May I ask"),
    )
    assert_numbered_without_gaps(ChatRoom.objects.get(community=None))
    assert Message.objects.count() == 2


def test_of_devices_that_read_at_once_the_furthest_stays(room: ChatRoom, asha: CustomUser, bilal: CustomUser) -> None:
    ids = [say(room, asha).message_id for _ in range(4)]
    all_at_once(*[lambda number=number: mark_read(user=bilal, message_id=number) for number in reversed(ids)])
    assert ReadMark.objects.get().message_id == ids[-1]
