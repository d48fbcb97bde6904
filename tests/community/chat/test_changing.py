"""Edits, deletions, removals: each takes the room's next number, and only what happened is told."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import CustomUser
from community.chat.models import Attachment, ChatRoom, Message
from community.chat.selectors import changes_since, whole
from community.chat.services import (
    delete_own_message,
    edit_message,
    give_back_message,
    say_in_community,
    take_down_message,
)
from community.groups.models import Membership
from e_learning.core.api.errors import ApiError
from e_learning.core.uploads import DOCUMENT, judged_upload
from tests.community.chat.conftest import Heard
from tests.community.chat.saying import Phone, assert_numbered_without_gaps, say, standing


def test_an_edit_takes_the_next_number_and_everybody_hears_it(room: ChatRoom, bilal: CustomUser, heard: Heard) -> None:
    message_id = say(room, bilal, "Helo").message_id
    [push] = heard(lambda: edit_message(editor=bilal, message_id=message_id, text="Hello"))
    message = Message.objects.get()
    frame = json.loads(push.text)
    assert (message.text, message.seq, message.sent_seq) == ("Hello", 2, 1)
    assert frame == {
        "type": "message_edited",
        "message_id": message_id,
        "seq": 2,
        "message": "Hello",
        "edited_at": frame["edited_at"],
    }
    assert (push.seq, push.author_id) == (2, bilal.pk)
    assert json.loads(push.instead) == {"type": "message_deleted", "message_id": message_id, "seq": 2}
    assert_numbered_without_gaps(room)


def test_a_deleted_message_loses_its_text_and_nobody_gets_it_back(
    room: ChatRoom, bilal: CustomUser, heard: Heard
) -> None:
    message_id = say(room, bilal, "oops").message_id
    [push] = heard(lambda: delete_own_message(user=bilal, message_id=message_id))
    assert json.loads(push.text) == {"type": "message_deleted", "message_id": message_id, "seq": 2}
    assert Message.objects.get().text == ""
    assert not give_back_message(message=whole().get())
    for change in (
        lambda: edit_message(editor=bilal, message_id=message_id, text="again"),
        lambda: delete_own_message(user=bilal, message_id=message_id),
    ):
        with pytest.raises(ApiError, match="not_found"):
            change()
    assert_numbered_without_gaps(room)


def test_what_a_moderator_took_down_is_kept_and_can_be_given_back(
    room: ChatRoom, bilal: CustomUser, heard: Heard
) -> None:
    say(room, bilal, "rude?")
    [gone] = heard(lambda: take_down_message(message=whole().get()))
    assert json.loads(gone.text)["type"] == "message_deleted"
    assert standing(room) == {}
    assert Message.objects.get().text == "rude?"
    assert not take_down_message(message=whole().get())  # gone already
    [back] = heard(lambda: give_back_message(message=whole().get()))
    assert (json.loads(back.text)["type"], json.loads(back.text)["message"]) == ("message_edited", "rude?")
    assert not give_back_message(message=whole().get())
    assert_numbered_without_gaps(room)
    assert room.last_seq == 3


def test_nobody_changes_what_others_said(
    room: ChatRoom, asha: CustomUser, bilal: CustomUser, chitra: CustomUser
) -> None:
    message_id = say(room, bilal).message_id
    for who, refusal in ((asha, "not_your_message"), (chitra, "not_found")):
        with pytest.raises(ApiError, match=refusal):
            edit_message(editor=who, message_id=message_id, text="mine")
        with pytest.raises(ApiError, match=refusal):
            delete_own_message(user=who, message_id=message_id)
    assert standing(room) == {message_id: "Salaam"}


@pytest.mark.parametrize(("text", "refusal"), [("", "blank"), ("x" * 4001, "too_long"), ("\0", "invalid")])
def test_an_edit_is_judged_as_a_message_is(room: ChatRoom, bilal: CustomUser, text: str, refusal: str) -> None:
    with pytest.raises(ApiError, match=refusal):
        edit_message(editor=bilal, message_id=say(room, bilal).message_id, text=text)


def test_the_muted_take_back_and_change_nothing_and_the_banned_take_back(room: ChatRoom, bilal: CustomUser) -> None:
    one, two = say(room, bilal).message_id, say(room, bilal).message_id
    soon = timezone.now() + timedelta(hours=1)
    Membership.objects.filter(user=bilal).update(muted_until=soon)
    with pytest.raises(ApiError, match="muted"):
        edit_message(editor=bilal, message_id=one, text="hm")
    delete_own_message(user=bilal, message_id=one)
    Membership.objects.filter(user=bilal).update(banned_until=soon)
    with pytest.raises(ApiError, match="banned"):
        edit_message(editor=bilal, message_id=two, text="hm")
    delete_own_message(user=bilal, message_id=two)
    assert standing(room) == {}


def test_a_refused_change_takes_no_number(room: ChatRoom, bilal: CustomUser) -> None:
    message = whole().get(pk=say(room, bilal).message_id)
    delete_own_message(user=bilal, message_id=message.pk)
    assert not take_down_message(message=message)  # read before it was deleted
    room.refresh_from_db()
    assert room.last_seq == 2


def test_readers_who_were_told_of_everything_still_are_after_an_edit(room: ChatRoom, bilal: CustomUser) -> None:
    message_id = say(room, bilal).message_id
    edit_message(editor=bilal, message_id=message_id, text="not told of the first yet")
    room.refresh_from_db()
    assert (room.told_seq, room.last_seq) == (0, 2)
    ChatRoom.objects.update(told_seq=2)
    edit_message(editor=bilal, message_id=message_id, text="told")
    room.refresh_from_db()
    assert (room.told_seq, room.last_seq) == (3, 3)


def test_a_deleted_messages_file_goes_after_the_commit(
    room: ChatRoom, bilal: CustomUser, django_capture_on_commit_callbacks: Any
) -> None:
    upload = judged_upload(SimpleUploadedFile("notes.txt", b"Pythagoras"), families=(DOCUMENT,))
    posted = say_in_community(sender=bilal, community_id=room.community_id or 0, message="", attachment=upload)
    file = Attachment.objects.get().file
    assert file.storage.exists(str(file.name))
    with django_capture_on_commit_callbacks(execute=True):
        delete_own_message(user=bilal, message_id=posted.message_id)
    assert not file.storage.exists(str(file.name))
    assert not Attachment.objects.exists()


def test_an_answer_stays_when_what_it_answers_is_deleted(room: ChatRoom, asha: CustomUser, bilal: CustomUser) -> None:
    question = say(room, bilal, "why?").message_id
    say(room, asha, "because", reply_to_id=question)
    delete_own_message(user=bilal, message_id=question)
    [answer, stub] = changes_since(room_id=room.pk, after_seq=0).messages
    assert getattr(answer, "reply_to_id", None) == question
    assert (stub.message_id, stub.seq) == (question, 3)


def test_syncing_from_anywhere_in_pages_ends_with_what_stands(room: ChatRoom, bilal: CustomUser) -> None:
    ids = [say(room, bilal, str(number), client_id=uuid4()).message_id for number in range(12)]
    behind = Phone(room)
    behind.sync(most=5, pages=1)
    edit_message(editor=bilal, message_id=ids[1], text="edited")
    delete_own_message(user=bilal, message_id=ids[2])
    say(room, bilal, "new")
    behind.sync(most=2)
    assert behind.texts == standing(room)
    assert behind.seq == 15
