"""Moderators remove messages and give them back; the chat's numbers go on."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.chat.frames import DeletedMessage
from community.chat.selectors import message_shown
from community.chat.services import Draft, Posted, changes_since, delete_own_message, open_room_with, post_messages
from community.models import Flag, Message, ModerationAction, Notification
from community.moderation.services import (
    NotRemoved,
    delete_message,
    flag_message,
    remove_message,
    restore_message,
    undo_action,
)
from e_learning.core.api.errors import ApiError, NotThere
from tests.community.moderation.conftest import Says, code_of
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
MESSAGES = "/api/community/messages/"


def post(client: APIClient, message: Message, verb: str, **body: Any) -> Any:
    return client.post(f"{MESSAGES}{message.pk}/{verb}/", body, format="json")


def test_a_removed_message_is_a_stub_until_it_is_given_back(
    moderators: APIClient, moderator: CustomUser, says: Says, bilal: CustomUser
) -> None:
    message = says("Buy cheap tablas")
    remove_message(moderator=moderator, message_id=message.pk, reason="An advertisement.")
    message.refresh_from_db()
    assert (message.text, message.seq) == ("Buy cheap tablas", 2)
    assert changes_since(room_id=message.room_id, after_seq=1).messages == [DeletedMessage(message.pk, 2)]
    answer = post(moderators, message, "restore")
    assert (answer.status_code, answer.json()["message"]) == (200, "Buy cheap tablas")
    message.refresh_from_db()
    assert changes_since(room_id=message.room_id, after_seq=2).messages == [message_shown(message)]
    assert message.seq == 3
    rows = Notification.objects.filter(user=bilal, notification_type="moderator_action").order_by("id")
    assert [row.message for row in rows] == ["An advertisement.", "It may stand here after all."]


def test_what_its_sender_deleted_is_gone(moderators: APIClient, says: Says, bilal: CustomUser) -> None:
    message = says()
    delete_own_message(user=bilal, message_id=message.pk)
    assert code_of(post(moderators, message, "restore")) == (409, "not_removed")


def test_ones_own_is_deleted_and_anothers_removed(moderator: CustomUser, bilal: CustomUser, says: Says) -> None:
    own, others = says(sender=moderator), says()
    for message in (own, others):
        delete_message(user=moderator, message_id=message.pk)
        message.refresh_from_db()
        assert message.deleted_at
    assert (own.text, others.text) == ("", "Hello")
    assert ModerationAction.objects.get().message == others


def test_twice_is_refused(moderator: CustomUser, says: Says) -> None:
    message = says()
    remove_message(moderator=moderator, message_id=message.pk)
    with pytest.raises(ApiError) as refusal:
        remove_message(moderator=moderator, message_id=message.pk)
    assert refusal.value.code == "removed"
    restore_message(moderator=moderator, message_id=message.pk)
    with pytest.raises(NotRemoved):
        restore_message(moderator=moderator, message_id=message.pk)


@pytest.mark.parametrize("verb", ["restore", "dismiss-flags"])
def test_members_decide_nothing_and_strangers_learn_nothing(
    bilals: APIClient, chitras: APIClient, says: Says, asha: CustomUser, verb: str
) -> None:
    message = says(sender=asha)
    assert code_of(post(bilals, message, verb)) == (403, "moderators_only")
    assert code_of(post(chitras, message, verb)) == (404, "not_found")
    assert code_of(post(chitras, Message(pk=2**62), verb)) == (404, "not_found")


def test_complaints_are_upheld_or_dismissed(
    moderators: APIClient, moderator: CustomUser, bilal: CustomUser, asha: CustomUser, says: Says
) -> None:
    kept, gone = says(sender=asha), says(sender=asha)
    for message in (kept, gone):
        flag_message(reporter=bilal, message_id=message.pk, reason="Rude.")
    assert post(moderators, kept, "dismiss-flags").status_code == 200
    assert code_of(post(moderators, kept, "dismiss-flags")) == (409, "no_flags")
    remove_message(moderator=moderator, message_id=gone.pk)
    assert list(Flag.objects.order_by("id").values_list("state", flat=True)) == ["dismissed", "upheld"]


def test_between_two_people_admins_decide(
    asha: CustomUser, bilal: CustomUser, moderator: CustomUser, admin: CustomUser, client_for: ClientFor
) -> None:
    room = open_room_with(user=asha, other_id=bilal.pk)
    [posted] = post_messages([Draft(room_id=room.pk, sender_id=asha.pk, text="Psst")])
    assert isinstance(posted, Posted)
    for nobody in (moderator, bilal, asha):
        with pytest.raises(NotThere):
            remove_message(moderator=nobody, message_id=posted.message_id)
    action = remove_message(moderator=admin, message_id=posted.message_id)
    assert action.community is None
    undo_action(moderator=admin, action_id=action.pk)
    assert Message.objects.get(pk=posted.message_id).deleted_at is None
