"""Members complain of what others wrote; nobody but moderators learns of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.chat.services import Draft, Posted, delete_own_message, edit_message, open_room_with, post_messages
from community.models import CommunityGroup, Flag, Membership, Message, Post
from tests.community.moderation.conftest import Says, Writes, code_of
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db
RUDE = {"reason": "Rude."}


def flag(client: APIClient, thing: Post | Message, **body: Any) -> Any:
    kind = "posts" if isinstance(thing, Post) else "messages"
    return client.post(f"/api/community/{kind}/{thing.pk}/flag/", body or RUDE, format="json")


@pytest.fixture(params=["post", "message"])
def ashas_words(request: Any, writes: Writes, says: Says, asha: CustomUser) -> Post | Message:
    return writes("published", author=asha) if request.param == "post" else says(sender=asha)


@pytest.fixture(params=["post", "message"])
def bilals_words(request: Any, writes: Writes, says: Says) -> Post | Message:
    return writes("published") if request.param == "post" else says()


def test_a_complaint_again_is_the_same_complaint(bilals: APIClient, ashas_words: Post | Message) -> None:
    first, again = flag(bilals, ashas_words), flag(bilals, ashas_words, reason="Very rude.")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["reason"] == "Rude."


def test_own_words_are_not_complained_of(bilals: APIClient, bilals_words: Post | Message) -> None:
    assert code_of(flag(bilals, bilals_words)) == (409, "own_words")


def test_a_muted_member_may_complain(bilals: APIClient, bilal: CustomUser, ashas_words: Post | Message) -> None:
    Membership.objects.filter(user=bilal).update(muted_until=timezone.now() + timedelta(days=1))
    assert flag(bilals, ashas_words).status_code == 201


def test_a_stranger_cannot_complain(chitras: APIClient, ashas_words: Post | Message) -> None:
    refused = (403, "membership_required") if isinstance(ashas_words, Post) else (404, "not_found")
    assert code_of(flag(chitras, ashas_words)) == refused
    CommunityGroup.objects.update(visibility="private")
    assert code_of(flag(chitras, ashas_words)) == (404, "not_found")
    assert not Flag.objects.exists()


@pytest.mark.parametrize("body", [{"reason": ""}, {"reason": " "}, {"reason": None}, {"why": "Rude."}])
def test_a_complaint_says_why(bilals: APIClient, ashas_words: Post | Message, body: dict[str, Any]) -> None:
    assert flag(bilals, ashas_words, **body).status_code == 400


def test_a_post_that_waits_is_not_there_for_others(bilals: APIClient, writes: Writes, moderator: CustomUser) -> None:
    assert code_of(flag(bilals, writes("pending", author=moderator))) == (404, "not_found")


def test_what_its_sender_deleted_is_not_there(bilals: APIClient, says: Says, asha: CustomUser) -> None:
    message = says(sender=asha)
    delete_own_message(user=asha, message_id=message.pk)
    assert code_of(flag(bilals, message)) == (404, "not_found")


def test_what_stood_there_is_kept(bilals: APIClient, says: Says, asha: CustomUser) -> None:
    message = says("A" * 1000, sender=asha)
    flag(bilals, message)
    edit_message(editor=asha, message_id=message.pk, text="Nothing happened.")
    assert Flag.objects.get().excerpt == "A" * 500


def test_what_was_said_between_two_is_for_admins(
    bilals: APIClient, bilal: CustomUser, asha: CustomUser, moderator: CustomUser, client_for: ClientFor
) -> None:
    room = open_room_with(user=asha, other_id=bilal.pk)
    [posted] = post_messages([Draft(room_id=room.pk, sender_id=asha.pk, text="Psst")])
    assert isinstance(posted, Posted)
    message = Message.objects.get(pk=posted.message_id)
    assert code_of(flag(client_for(moderator), message)) == (404, "not_found")
    assert flag(bilals, message).status_code == 201
    assert Flag.objects.get().community is None


def test_a_flag_is_about_one_thing(writes: Writes, says: Says, bilal: CustomUser, community: CommunityGroup) -> None:
    for about in ({}, {"post": writes(), "message": says()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Flag.objects.create(community=community, reporter=bilal, reason="Rude.", **about)
