"""Messages in the back office: to look at, and private ones only once somebody complained."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CustomUser
from community.chat.models import ChatRoom, Message
from community.chat.services import say_to
from community.moderation.models import Flag
from tests.community.chat.saying import say

LIST = reverse("admin:community_message_changelist")


@pytest.fixture
def office(client: Client, admin: CustomUser) -> Client:
    client.force_login(admin)
    return client


def test_messages_are_found_and_not_changed(office: Client, room: ChatRoom, bilal: CustomUser) -> None:
    message_id = say(room, bilal, "Where is the homework?").message_id
    assert b"Where is the homework?" in office.get(LIST, {"q": "homework"}).content
    assert b"Where is the homework?" not in office.get(LIST, {"q": "elephants"}).content
    page = reverse("admin:community_message_change", args=[message_id])
    assert office.get(page).status_code == 200
    office.post(page, {"text": "changed"})
    assert Message.objects.get().text == "Where is the homework?"


def test_what_two_say_to_each_other_is_seen_once_one_complains(
    office: Client, room: ChatRoom, asha: CustomUser, bilal: CustomUser
) -> None:
    message_id = say_to(sender=bilal, user_id=asha.pk, message="between us").message_id
    page = reverse("admin:community_message_change", args=[message_id])
    assert b"between us" not in office.get(LIST).content
    assert office.get(page).status_code == 302  # there is none such
    Flag.objects.create(message_id=message_id, reporter=asha, reason="rude", community=room.community)
    assert b"between us" in office.get(LIST).content
    assert office.get(page).status_code == 200
