"""Who may say what, where, how often, and what becomes of it."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser, Session
from community.chat.models import ChatRoom, Message
from community.chat.services import Draft, Posted, post_messages
from community.events import RoomSpokeIn
from community.groups.models import CommunityGroup, Membership
from courses.models import Enrollment
from e_learning.core import events
from e_learning.core.api.errors import ApiError
from tests.community.chat.conftest import Heard
from tests.community.chat.saying import assert_numbered_without_gaps, code, say
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person, session_for


def codes(*drafts: Draft) -> list[str]:
    return [code(outcome) for outcome in post_messages(drafts)]


def test_a_message_is_numbered_stored_and_acknowledged(room: ChatRoom, bilal: CustomUser) -> None:
    client_id = uuid4()
    posted = say(room, bilal, "Hello", client_id=client_id)
    frame = json.loads(posted.text)
    assert (posted.seq, posted.is_new) == (1, True)
    assert frame == {
        "type": "chat_message",
        "message_id": posted.message_id,
        "seq": 1,
        "client_id": str(client_id),
        "community_id": room.community_id,
        "message": "Hello",
        "message_type": "text",
        "sender_id": bilal.pk,
        "sender_name": "Bilal",
        "reply_to_id": None,
        "attachment": None,
        "status": "sent",
        "created_at": frame["created_at"],
    }
    assert frame["created_at"].endswith("Z")
    stored = Message.objects.get(pk=posted.message_id)
    assert (stored.seq, stored.sent_seq, stored.text) == (1, 1, "Hello")
    room.refresh_from_db()
    assert (room.last_seq, room.last_message_at) == (1, stored.created_at)


def test_one_batch_has_an_outcome_for_each_draft_in_order(
    room: ChatRoom, asha: CustomUser, bilal: CustomUser, chitra: CustomUser
) -> None:
    other = make_community(make_course(asha)).room
    outcomes = post_messages(
        [
            Draft(room.pk, bilal.pk, "one"),
            Draft(other.pk, bilal.pk, "not enrolled there"),
            Draft(other.pk, asha.pk, "elsewhere"),
            Draft(room.pk, chitra.pk, "a stranger"),
            Draft(room.pk, asha.pk, "two"),
            Draft(room.pk, asha.pk, "  \n"),
            Draft(0, asha.pk, "no room"),
        ]
    )
    assert [code(outcome) for outcome in outcomes] == [
        "", "membership_required", "", "membership_required", "", "blank", "not_found",
    ]  # fmt: skip
    assert [outcome.seq for outcome in outcomes if isinstance(outcome, Posted)] == [1, 1, 2]
    assert list(Message.objects.filter(room=room).order_by("pk").values_list("text", flat=True)) == ["one", "two"]


@pytest.mark.django_db
def test_nothing_to_say_is_no_error() -> None:
    assert post_messages([]) == []


def test_a_client_id_sent_again_stores_nothing_and_is_answered_as_at_first(room: ChatRoom, bilal: CustomUser) -> None:
    client_id = uuid4()
    first = say(room, bilal, "once", client_id=client_id)
    say(room, bilal, "another")
    again = say(room, bilal, "once", client_id=client_id)
    assert (again.is_new, again.text) == (False, first.text)
    assert Message.objects.count() == 2
    assert_numbered_without_gaps(room)


def test_a_client_id_twice_in_one_batch_is_stored_once(room: ChatRoom, asha: CustomUser, bilal: CustomUser) -> None:
    client_id = uuid4()
    drafts = [Draft(room.pk, bilal.pk, "twice", client_id), Draft(room.pk, asha.pk, "hers", client_id)]
    outcomes = post_messages([*drafts, drafts[0]])
    assert [(one.seq, one.is_new) for one in outcomes if isinstance(one, Posted)] == [(1, True), (2, True), (1, False)]
    assert Message.objects.count() == 2


def test_a_client_id_is_one_senders_in_one_room(room: ChatRoom, asha: CustomUser, bilal: CustomUser) -> None:
    client_id, other = uuid4(), make_community(make_course(asha)).room
    say(room, bilal, client_id=client_id)
    assert say(room, asha, client_id=client_id).is_new
    assert say(other, asha, client_id=client_id).is_new


def test_a_muted_member_reads_and_does_not_write(room: ChatRoom, bilal: CustomUser) -> None:
    client_id = uuid4()
    say(room, bilal, client_id=client_id)
    Membership.objects.filter(user=bilal).update(muted_until=timezone.now() + timedelta(hours=1))
    assert codes(Draft(room.pk, bilal.pk, "hm")) == ["muted"]
    assert not say(room, bilal, client_id=client_id).is_new  # what was stored before is still acknowledged
    Membership.objects.filter(user=bilal).update(muted_until=timezone.now() - timedelta(hours=1))
    assert say(room, bilal).is_new


def test_who_left_was_banned_or_is_no_longer_enrolled_does_not_write(room: ChatRoom, bilal: CustomUser) -> None:
    now = timezone.now()
    membership = Membership.objects.filter(user=bilal)
    membership.update(left_at=now)
    assert codes(Draft(room.pk, bilal.pk, "hm")) == ["membership_required"]
    membership.update(left_at=None, banned_until=now + timedelta(days=1))
    assert codes(Draft(room.pk, bilal.pk, "hm")) == ["banned"]
    membership.update(banned_until=None)
    Enrollment.objects.filter(user=bilal).update(expiry_date=now)
    assert codes(Draft(room.pk, bilal.pk, "hm")) == ["membership_required"]
    Enrollment.objects.filter(user=bilal).update(expiry_date=None)
    assert say(room, bilal).is_new


def test_a_private_community_is_its_instructors_alone(
    room: ChatRoom, asha: CustomUser, bilal: CustomUser, admin: CustomUser
) -> None:
    CommunityGroup.objects.update(visibility="private")
    assert codes(*[Draft(room.pk, user.pk, "hm") for user in (asha, bilal, admin)]) == ["", "not_found", ""]


def test_admins_write_anywhere_and_the_deactivated_nowhere(
    room: ChatRoom, bilal: CustomUser, admin: CustomUser
) -> None:
    assert say(room, admin).is_new
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    assert codes(Draft(room.pk, bilal.pk, "hm"), Draft(room.pk, 0, "hm")) == ["token_not_valid", "token_not_valid"]


def test_the_session_is_asked_to_live_in_the_same_statement(
    room: ChatRoom, asha: CustomUser, bilal: CustomUser
) -> None:
    session, hers = session_for(bilal), session_for(asha)
    draft = Draft(room.pk, bilal.pk, "hm", session_id=session.pk)
    assert codes(draft, Draft(room.pk, bilal.pk, "hm", session_id=hers.pk)) == ["", "token_not_valid"]
    Session.objects.filter(pk=session.pk).end("logout")
    assert codes(draft) == ["token_not_valid"]


def test_an_answer_is_to_a_message_of_the_same_room(room: ChatRoom, asha: CustomUser) -> None:
    elsewhere = say(make_community(make_course(asha)).room, asha).message_id
    here = say(room, asha).message_id
    wrong = [Draft(room.pk, asha.pk, "hm", reply_to_id=number) for number in (elsewhere, 10**30, -1, 0)]
    assert codes(*wrong) == ["does_not_exist"] * 4
    assert say(room, asha, reply_to_id=here).message.reply_to_id == here


def test_length_counts_code_points(room: ChatRoom, bilal: CustomUser) -> None:
    family = "👩‍👩‍👧‍👦"  # seven code points, 25 bytes
    assert say(room, bilal, family * 571 + "abc").is_new
    assert codes(Draft(room.pk, bilal.pk, family * 571 + "abcd")) == ["too_long"]


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d of it"])
def test_what_no_database_or_encoding_can_hold_is_refused(room: ChatRoom, bilal: CustomUser, text: str) -> None:
    assert codes(Draft(room.pk, bilal.pk, text)) == ["invalid"]


def test_thirty_in_ten_seconds_in_all_rooms_together(
    room: ChatRoom, asha: CustomUser, bilal: CustomUser, settings: Any
) -> None:
    settings.LIMITS = settings.LIMITS | {"chat": "3/10"}
    other = make_community(make_course(asha))
    join(bilal, other)
    client_id = uuid4()
    say(room, bilal, client_id=client_id)
    drafts = [Draft(other.room.pk, bilal.pk, "1"), Draft(room.pk, bilal.pk, "2"), Draft(room.pk, bilal.pk, "3")]
    [*_ok, refusal] = outcomes = post_messages(drafts)
    assert [code(outcome) for outcome in outcomes] == ["", "", "throttled"]
    assert isinstance(refusal, ApiError)
    assert refusal.headers == {"Retry-After": "10"}
    assert not say(room, bilal, client_id=client_id).is_new  # sent again never counts
    assert say(room, asha).is_new
    Message.objects.update(created_at=timezone.now() - timedelta(seconds=11))
    assert say(room, bilal).is_new


def test_everybody_hears_it_after_the_commit_and_who_blocked_the_sender_a_stub(
    room: ChatRoom, bilal: CustomUser, heard: Heard
) -> None:
    [push] = heard(lambda: say(room, bilal, "Hello"))
    message = Message.objects.get()
    assert (push.group, push.seq, push.author_id) == (f"community.{room.community_id}", 1, bilal.pk)
    assert json.loads(push.text)["message"] == "Hello"
    assert json.loads(push.instead) == {"type": "message_deleted", "message_id": message.pk, "seq": 1}


def test_what_is_known_is_not_pushed_again(room: ChatRoom, bilal: CustomUser, heard: Heard) -> None:
    client_id = uuid4()
    say(room, bilal, client_id=client_id)
    assert heard(lambda: say(room, bilal, client_id=client_id)) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_heard_of_what_was_rolled_back(room: ChatRoom, bilal: CustomUser, heard: Heard) -> None:
    @transaction.atomic
    def undone() -> None:
        say(room, bilal)
        transaction.set_rollback(True)

    assert heard(undone) == []
    assert say(room, bilal).seq == 1


def test_the_first_word_after_all_was_told_is_announced(
    room: ChatRoom, bilal: CustomUser, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[RoomSpokeIn] = []
    events.listens_to(RoomSpokeIn)(told.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            say(room, bilal)
            say(room, bilal)
            ChatRoom.objects.update(told_seq=2)
            post_messages([Draft(room.pk, bilal.pk, "1"), Draft(room.pk, bilal.pk, "2")])
    finally:
        events._listeners[RoomSpokeIn].remove(told.append)
    assert told == [RoomSpokeIn(room.pk)] * 2


def test_fifty_senders_at_once(room: ChatRoom, community: CommunityGroup) -> None:
    people = [person(f"learner{number}") for number in range(50)]
    for one in people:
        join(one, community)
    outcomes = post_messages([Draft(room.pk, one.pk, one.username) for one in people])
    assert [json.loads(one.text)["message"] for one in outcomes if isinstance(one, Posted)] == [
        one.username for one in people
    ]
    assert_numbered_without_gaps(room)
