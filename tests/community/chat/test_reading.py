"""Read receipts: marks only move on."""

import json

import pytest

from accounts.models import CustomUser
from community.chat.models import ChatRoom, ReadMark
from community.chat.services import mark_read
from e_learning.core.api.errors import ApiError
from tests.community.chat.conftest import Heard
from tests.community.chat.saying import say


def test_a_mark_moves_on_and_never_back(room: ChatRoom, asha: CustomUser, bilal: CustomUser, heard: Heard) -> None:
    first, second = say(room, asha).message_id, say(room, asha).message_id
    [push] = heard(lambda: mark_read(user=bilal, message_id=second))
    assert json.loads(push.text) == {
        "type": "read_receipt",
        "message_id": second,
        "user_id": bilal.pk,
        "read_count": 1,
    }
    assert heard(lambda: mark_read(user=bilal, message_id=first)) == []
    assert heard(lambda: mark_read(user=bilal, message_id=second)) == []
    assert ReadMark.objects.get().message_id == second


def test_the_sender_is_not_counted_and_who_read_further_is(
    room: ChatRoom, asha: CustomUser, bilal: CustomUser, admin: CustomUser
) -> None:
    first, second = say(room, asha).message_id, say(room, bilal).message_id
    assert mark_read(user=asha, message_id=first).read_count == 0
    assert mark_read(user=bilal, message_id=second).read_count == 0
    assert mark_read(user=admin, message_id=first).read_count == 2  # Bilal has read further


def test_strangers_mark_nothing(room: ChatRoom, asha: CustomUser, chitra: CustomUser) -> None:
    message_id = say(room, asha).message_id
    for number in (message_id, message_id + 1, 10**30):
        with pytest.raises(ApiError, match="not_found"):
            mark_read(user=chitra, message_id=number)
    assert not ReadMark.objects.exists()
