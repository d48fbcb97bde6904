"""Every decision can be taken back, once, unless what it changed was changed since."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup, Flag, Membership, Message, ModerationAction, Notification, Post
from community.moderation.services import (
    approve_post,
    ban_member,
    change_role,
    dismiss_post_flags,
    flag_post,
    mute_member,
    pin_post,
    reject_post,
    remove_message,
    remove_post,
    restore_message,
    restore_post,
    undo_action,
)
from community.posts.services import update_post
from tests.community.moderation.conftest import Says, Writes, code_of
from tests.conftest import ClientFor

pytestmark = pytest.mark.django_db


def undo(client: APIClient, action: ModerationAction, **body: Any) -> Any:
    address = f"/api/community/groups/{action.community_id}/moderation/actions/{action.pk}/undo/"
    return client.post(address, body, format="json")


def latest() -> ModerationAction:
    action = ModerationAction.objects.order_by("-pk").first()
    assert action is not None
    return action


Decide = Callable[[], Any]


@pytest.fixture
def decisions(
    writes: Writes, says: Says, bilal: CustomUser, asha: CustomUser, admin: CustomUser, community: CommunityGroup
) -> dict[str, Decide]:
    """One of each verb, about Bilal's things, by Asha."""
    later = timezone.now() + timedelta(days=1)
    member: Any = {"moderator": asha, "community_id": community.pk, "user_id": bilal.pk, "reason": "Shouting."}

    def dismiss() -> None:
        post = writes("published")
        flag_post(reporter=admin, post_id=post.pk, reason="Rude.")
        dismiss_post_flags(moderator=asha, post_id=post.pk)

    def give_back_post() -> None:
        post = writes("published")
        remove_post(moderator=asha, post_id=post.pk)
        restore_post(moderator=asha, post_id=post.pk)

    def give_back_message() -> None:
        message = says()
        remove_message(moderator=asha, message_id=message.pk)
        restore_message(moderator=asha, message_id=message.pk)

    def let_go() -> None:
        post = writes("published")
        pin_post(moderator=asha, post_id=post.pk, is_pinned=True)
        pin_post(moderator=asha, post_id=post.pk, is_pinned=False)

    def lift(service: Any) -> None:
        service(until=later, **member)
        service(until=None, **member)

    return {
        "approve": lambda: approve_post(moderator=asha, post_id=writes().pk),
        "reject": lambda: reject_post(moderator=asha, post_id=writes().pk, reason="No."),
        "remove a post": lambda: remove_post(moderator=asha, post_id=writes("published").pk),
        "remove a message": lambda: remove_message(moderator=asha, message_id=says().pk),
        "restore a post": give_back_post,
        "restore a message": give_back_message,
        "dismiss": dismiss,
        "pin": lambda: pin_post(moderator=asha, post_id=writes("published").pk, is_pinned=True),
        "unpin": let_go,
        "mute": lambda: mute_member(until=later, **member),
        "unmute": lambda: lift(mute_member),
        "ban": lambda: ban_member(until=later, **member),
        "unban": lambda: lift(ban_member),
        "role": lambda: change_role(role="moderator", **member),
    }


def everything() -> list[Any]:
    """Return the state of all that decisions change; of what is removed only whether it is."""
    posts = [(post.status, post.is_pinned, post.deleted_at is None) for post in Post.objects.order_by("id")]
    messages = [(message.text, message.deleted_at is None) for message in Message.objects.order_by("id")]
    members = Membership.objects.order_by("id").values_list("role", "muted_until", "banned_until")
    return [*posts, *messages, *members, *Flag.objects.order_by("id").values_list("state")]


VERBS = [
    "approve",
    "reject",
    "remove a post",
    "remove a message",
    "restore a post",
    "restore a message",
    "dismiss",
    "pin",
    "unpin",
    "mute",
    "unmute",
    "ban",
    "unban",
    "role",
]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_undone_once(
    decisions: dict[str, Decide], client_for: ClientFor, asha: CustomUser, bilal: CustomUser, verb: str
) -> None:
    decisions[verb]()
    action, done, ashas = latest(), everything(), client_for(asha)
    answer = undo(ashas, action, reason="A mistake.")
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert (shown["verb"], shown["undoes_id"], shown["reason"]) == ("undo", action.pk, "A mistake.")
    action.refresh_from_db()
    assert action.undone_by_id == shown["id"]
    assert everything() != done
    assert code_of(undo(ashas, action)) == (409, "undone_already")
    assert code_of(undo(ashas, latest())) == (409, "not_undoable")
    assert ModerationAction.objects.filter(verb="undo").count() == 1
    told = Notification.objects.filter(user=bilal, notification_type="moderator_action").latest("id")
    assert told.message == "A mistake."


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_post_waits_again(decisions: dict[str, Decide], asha: CustomUser, verb: str) -> None:
    decisions[verb]()
    undo_action(moderator=asha, action_id=latest().pk)
    assert Post.objects.get().status == "pending"


def test_of_two_mutes_the_later_is_undone_first(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup, client_for: ClientFor
) -> None:
    times = [timezone.now() + timedelta(days=day) for day in (1, 2)]
    for until in times:
        mute_member(moderator=asha, community_id=community.pk, user_id=bilal.pk, until=until, reason="Shouting.")
    first, second = ModerationAction.objects.order_by("id")
    ashas, membership = client_for(asha), Membership.objects.get(user=bilal)
    assert code_of(undo(ashas, first)) == (409, "changed_since")
    assert undo(ashas, second).status_code == 201
    membership.refresh_from_db()
    assert membership.muted_until == times[0]
    assert undo(ashas, first).status_code == 201
    membership.refresh_from_db()
    assert membership.muted_until is None


def test_what_was_changed_since_stays_as_it_is(
    asha: CustomUser, bilal: CustomUser, writes: Writes, client_for: ClientFor
) -> None:
    post, ashas = writes(), client_for(asha)
    approve_post(moderator=asha, post_id=post.pk)
    action = latest()
    update_post(editor=bilal, post_id=post.pk, values={"content": "Who plays well?"})
    assert code_of(undo(ashas, action)) == (409, "changed_since")  # it waits again as it is
    approve_post(moderator=asha, post_id=post.pk)
    remove_post(moderator=asha, post_id=post.pk)
    assert code_of(undo(ashas, action)) == (409, "changed_since")
    assert ModerationAction.objects.filter(verb="undo").count() == 0


def test_a_second_removal_is_not_undone_with_the_first(asha: CustomUser, says: Says, client_for: ClientFor) -> None:
    message = says()
    first = remove_message(moderator=asha, message_id=message.pk)
    restore_message(moderator=asha, message_id=message.pk)
    remove_message(moderator=asha, message_id=message.pk)
    assert code_of(undo(client_for(asha), first)) == (409, "changed_since")


def test_complaints_are_open_again(asha: CustomUser, admin: CustomUser, writes: Writes, moderator: CustomUser) -> None:
    post = writes("published")
    for reporter in (admin, moderator):
        flag_post(reporter=reporter, post_id=post.pk, reason="Rude.")
    action = dismiss_post_flags(moderator=asha, post_id=post.pk)
    flag_post(reporter=admin, post_id=post.pk, reason="Still rude.")
    undo_action(moderator=asha, action_id=action.pk)
    assert sorted(Flag.objects.filter(state="open").values_list("reporter__username", "reason")) == [
        ("admin", "Still rude."),
        ("moderator", "Rude."),
    ]


# --- who may ------------------------------------------------------------------------------------


def test_members_undo_nothing_and_strangers_learn_nothing(
    decisions: dict[str, Decide], bilals: APIClient, chitras: APIClient
) -> None:
    for decide in (decisions["pin"], decisions["mute"]):
        decide()
        assert code_of(undo(bilals, latest())) == (403, "moderators_only")
        assert code_of(undo(chitras, latest())) == (403, "membership_required")
    CommunityGroup.objects.update(visibility="private")
    assert code_of(undo(chitras, latest())) == (404, "not_found")


def test_nobody_frees_themselves(
    asha: CustomUser, moderator: CustomUser, moderators: APIClient, community: CommunityGroup, writes: Writes
) -> None:
    removed = remove_post(moderator=asha, post_id=writes("published", author=moderator).pk)
    assert code_of(undo(moderators, removed)) == (403, "own_words")
    later = timezone.now() + timedelta(days=1)
    mute_member(moderator=asha, community_id=community.pk, user_id=moderator.pk, until=later, reason="Shouting.")
    assert code_of(undo(moderators, latest())) == (403, "rank")


def test_a_role_is_taken_back_by_who_could_give_it(
    asha: CustomUser, bilal: CustomUser, moderators: APIClient, community: CommunityGroup
) -> None:
    change_role(moderator=asha, community_id=community.pk, user_id=bilal.pk, role="moderator", reason="Kind.")
    assert code_of(undo(moderators, latest())) == (403, "rank")


def test_an_action_is_found_in_its_own_community_only(
    decisions: dict[str, Decide], client_for: ClientFor, admin: CustomUser
) -> None:
    decisions["pin"]()
    action = latest()
    address = f"/api/community/groups/{2**62}/moderation/actions/{action.pk}/undo/"
    assert code_of(client_for(admin).post(address)) == (404, "not_found")
