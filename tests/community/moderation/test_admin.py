"""Moderation through the forms of the back office: the queue, the log, members, posts and messages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.chat.services import Draft, Posted, open_room_with, post_messages
from community.models import CommunityGroup, Flag, Membership, Message, ModerationAction, Post
from community.moderation.services import approve_post, ban_member, flag_message, flag_post, mute_member, remove_post
from tests.community.moderation.conftest import Says, Writes
from tests.factories.communities import make_community
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db
QUEUE = "/admin/community/waiting/"
ACTIONS = "/admin/community/moderationaction/"
MEMBERS = "/admin/community/membership/"
POSTS = "/admin/community/post/"
MESSAGES = "/admin/community/message/"


def in_the_office(user: CustomUser, group: str = "") -> Client:
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    if group:
        user.groups.set([Group.objects.get(name=group)])
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(moderator: CustomUser) -> Client:
    return in_the_office(moderator, "moderator")


@pytest.fixture
def elsewhere(db: None) -> CommunityGroup:
    """A community of somebody else's course."""
    return make_community(make_course(person("other", role="instructor"), is_published=True))


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def decide(office: Client, decision: str, *chosen: str, reason: str = "") -> list[str]:
    return said(office.post(QUEUE, {"decision": decision, "reason": reason, "chosen": chosen}))


# --- the queue ----------------------------------------------------------------------------------


def test_the_queue_shows_what_waits_and_why(office: Client, writes: Writes, says: Says, asha: CustomUser) -> None:
    post, message = writes(content="<script>alert(1)</script>"), says("Shut up")
    flag_message(reporter=asha, message_id=message.pk, reason="Rude & loud.")
    page = office.get(QUEUE).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "Rude &amp; loud." in page
    assert f"pending_post:{post.pk}" in page
    assert f"flagged_message:{message.pk}" in page


def test_one_is_decided_with_a_reason(office: Client, writes: Writes, moderator: CustomUser) -> None:
    post = writes()
    assert decide(office, "take_down", f"pending_post:{post.pk}", reason="Not about music.") == ["1 decision."]
    action = ModerationAction.objects.get()
    assert (action.verb, action.actor, action.reason) == ("reject", moderator, "Not about music.")


def test_what_is_taken_down_needs_a_reason(office: Client, writes: Writes) -> None:
    post = writes()
    assert decide(office, "take_down", f"pending_post:{post.pk}") == ["Say why: the person concerned reads it."]
    assert not ModerationAction.objects.exists()


def test_several_are_decided_at_once(
    office: Client, writes: Writes, says: Says, asha: CustomUser, bilal: CustomUser
) -> None:
    decided, waits, rude, message = writes(), writes(), writes("published"), says()
    flag_post(reporter=asha, post_id=rude.pk, reason="Rude.")
    flag_message(reporter=asha, message_id=message.pk, reason="Rude.")
    approve_post(moderator=asha, post_id=decided.pk)
    chosen = [f"pending_post:{decided.pk}", f"pending_post:{waits.pk}", f"flagged_post:{rude.pk}"]
    told = decide(office, "let_stand", *chosen, f"flagged_message:{message.pk}", "nonsense", "pending_post:x")
    assert told == [f"{decided.pk}: This post does not wait for approval.", "3 decisions."]
    assert set(Post.objects.values_list("status", flat=True)) == {"published"}
    assert set(Flag.objects.values_list("state", flat=True)) == {"dismissed"}
    assert "Nothing waits" in office.get(QUEUE).content.decode()


def test_the_page_decides_about_the_words_that_it_showed(office: Client, writes: Writes, bilals: APIClient) -> None:
    post = writes()
    [chosen] = set(re.findall(r'value="(pending_post:[^"]+)"', office.get(QUEUE).content.decode()))
    bilals.patch(f"/api/community/posts/{post.pk}/", {"content": "Something rude."})
    assert decide(office, "let_stand", chosen) == [f"{post.pk}: Somebody else has changed this meanwhile."]
    [chosen] = set(re.findall(r'value="(pending_post:[^"]+)"', office.get(QUEUE).content.decode()))
    assert decide(office, "let_stand", chosen)[-1] == "1 decision."


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"decision": "let_stand"}, "Nothing was chosen."),
        ({"decision": "let_stand", "chosen": ["nonsense", "pending_post:1@noon", "pending_post:1\0"]}, "Nothing was"),
        ({"decision": "burn", "chosen": "pending_post:1"}, "Select a valid choice."),
        ({"decision": "take_down", "chosen": "pending_post:1", "reason": "x" * 501}, "Ensure this value has at most"),
    ],
)
def test_what_decides_nothing_says_why(office: Client, sent: dict[str, Any], told: str) -> None:
    [message] = said(office.post(QUEUE, sent))
    assert message.startswith(told)
    assert "the person concerned" not in message


def test_each_sees_the_communities_that_they_moderate(
    office: Client, elsewhere: CommunityGroup, writes: Writes, admin: CustomUser
) -> None:
    author = elsewhere.course.instructor
    there = Post.objects.create(community=elsewhere, author=author, title="There", content="There", status="pending")
    here = writes(title="Here")
    seen = {
        user: in_the_office(user, group).get(QUEUE).content.decode()
        for user, group in [(author, "instructor"), (admin, "")]
    }
    assert (f"pending_post:{there.pk}" in seen[author], f"pending_post:{here.pk}" in seen[author]) == (True, False)
    assert f"pending_post:{there.pk}" in seen[admin]
    assert f"pending_post:{there.pk}" not in office.get(QUEUE).content.decode()
    assert decide(office, "let_stand", f"pending_post:{there.pk}") == [f"{there.pk}: Join this community first."]
    there.refresh_from_db()
    assert there.status == "pending"


def test_what_was_said_between_two_is_decided_by_admins(
    office: Client, asha: CustomUser, bilal: CustomUser, admin: CustomUser
) -> None:
    room = open_room_with(user=asha, other_id=bilal.pk)
    [posted] = post_messages([Draft(room_id=room.pk, sender_id=asha.pk, text="Psst")])
    assert isinstance(posted, Posted)
    flag_message(reporter=bilal, message_id=posted.message_id, reason="Creepy.")
    assert "Psst" not in office.get(QUEUE).content.decode()
    assert "Psst" not in office.get(MESSAGES).content.decode()
    admins = in_the_office(admin)
    assert "Psst" in admins.get(QUEUE).content.decode()
    assert decide(admins, "take_down", f"flagged_message:{posted.message_id}", reason="Creepy.") == ["1 decision."]


@pytest.mark.parametrize("group", ["", "support", "finance"])
def test_others_of_the_staff_have_no_queue(chitra: CustomUser, group: str, writes: Writes) -> None:
    client = in_the_office(chitra, group)
    for address in (QUEUE, ACTIONS, MEMBERS, POSTS, MESSAGES, "/admin/community/flag/"):
        assert client.get(address).status_code == 403, address
    post = writes()
    assert client.post(QUEUE, {"decision": "let_stand", "chosen": f"pending_post:{post.pk}"}).status_code == 403
    assert not ModerationAction.objects.exists()


def test_the_queue_costs_the_same_however_much_waits(
    office: Client, writes: Writes, says: Says, asha: CustomUser
) -> None:
    taken = []
    for _round in range(3):
        flag_message(reporter=asha, message_id=says().pk, reason="Rude.")
        writes()
        with CaptureQueriesContext(connection) as statements:
            office.get(QUEUE)
        taken.append(len(statements))
    assert len(set(taken)) == 1, taken


# --- the log ------------------------------------------------------------------------------------


def test_a_decision_is_taken_back_on_its_page(office: Client, writes: Writes, asha: CustomUser) -> None:
    action = remove_post(moderator=asha, post_id=writes("published").pk)
    address = f"{ACTIONS}{action.pk}/change/"
    page = office.get(address).content.decode()
    assert 'name="why"' in page
    assert 'name="_save"' not in page
    response = office.post(address, {"why": "A mistake.", "community_moderationaction_undo": "1"})
    assert response.status_code == 302
    undoing = ModerationAction.objects.get(verb="undo")
    assert (undoing.reason, undoing.undoes) == ("A mistake.", action)
    assert 'name="why"' not in office.get(address).content.decode()
    stale = office.post(address, {"why": "", "community_moderationaction_undo": "1"})
    assert said(stale)[-1] == "This decision was taken back already."
    assert office.get(ACTIONS).status_code == 200


def test_several_are_taken_back_latest_first(
    office: Client, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    for days in (1, 2):
        until = timezone.now() + timedelta(days=days)
        mute_member(moderator=asha, community_id=community.pk, user_id=bilal.pk, until=until, reason="Shouting.")
    chosen = list(ModerationAction.objects.values_list("pk", flat=True))
    assert said(office.post(ACTIONS, {"action": "undo_chosen", "_selected_action": chosen})) == ["2 decisions."]
    assert Membership.objects.get(user=bilal).muted_until is None


def test_what_was_changed_since_says_so(
    office: Client, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    until = timezone.now() + timedelta(days=1)
    mute_member(moderator=asha, community_id=community.pk, user_id=bilal.pk, until=until, reason="Shouting.")
    Membership.objects.filter(user=bilal).update(muted_until=None)
    address = f"{ACTIONS}{ModerationAction.objects.get().pk}/change/"
    assert said(office.post(address, {"why": "", "community_moderationaction_undo": "1"})) == [
        "This was changed since."
    ]


# --- members ------------------------------------------------------------------------------------


def member_form(membership: Membership, **fields: Any) -> dict[str, Any]:
    empty = {f"{name}_{part}": "" for name in ("muted_until", "banned_until") for part in (0, 1)}
    return {"role": membership.role, "reason": "Shouting.", **empty, **fields}


def test_a_member_is_muted_with_a_reason(office: Client, bilal: CustomUser) -> None:
    membership = Membership.objects.get(user=bilal)
    address = f"{MEMBERS}{membership.pk}/change/"
    assert 'name="reason"' in office.get(address).content.decode()
    until = {"muted_until_0": "2999-01-01", "muted_until_1": "00:00:00"}
    assert office.post(address, member_form(membership, **until, reason="")).status_code == 200
    assert not ModerationAction.objects.exists()
    assert office.post(address, member_form(membership, **until)).status_code == 302
    membership.refresh_from_db()
    assert membership.muted_until
    assert ModerationAction.objects.get().reason == "Shouting."


def test_what_another_moderator_decided_meanwhile_stays(
    office: Client, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    membership = Membership.objects.get(user=bilal)
    address = f"{MEMBERS}{membership.pk}/change/"
    [read] = re.findall(r'name="as_read" value="([^"]+)"', office.get(address).content.decode())
    until = timezone.now() + timedelta(days=1)
    ban_member(moderator=asha, community_id=community.pk, user_id=bilal.pk, until=until, reason="Shouting.")
    muted = member_form(membership, muted_until_0="2999-01-01", muted_until_1="00:00:00", as_read=read)
    page = office.post(address, muted)
    assert "Somebody else has changed this meanwhile." in page.content.decode()
    membership.refresh_from_db()
    assert (membership.banned_until, membership.muted_until) == (until, None)


def test_rank_holds_here_too(office: Client, asha: CustomUser, bilal: CustomUser) -> None:
    for user in (asha, bilal):
        membership = Membership.objects.get(user=user)
        role = "member" if user == asha else "moderator"
        response = office.post(f"{MEMBERS}{membership.pk}/change/", member_form(membership, role=role))
        assert said(response)[-1] == "You may not decide this about them."
    assert sorted(Membership.objects.values_list("role", flat=True)) == ["instructor", "member", "moderator"]


def test_members_elsewhere_are_not_there(office: Client, elsewhere: CommunityGroup) -> None:
    membership = Membership.objects.get(community=elsewhere)
    assert office.get(f"{MEMBERS}{membership.pk}/change/").status_code == 302  # to the index: there is none
    response = office.post(f"{MEMBERS}{membership.pk}/change/", member_form(membership, role="member"))
    assert response.status_code == 302
    membership.refresh_from_db()
    assert membership.role == "instructor"


# --- posts and messages -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["post", "message"])
def test_words_are_removed_and_given_back(office: Client, writes: Writes, says: Says, kind: str) -> None:
    thing: Any = writes("published") if kind == "post" else says()
    address = f"/admin/community/{kind}/{thing.pk}/change/"
    assert f"community_{kind}_restore" not in office.get(address).content.decode()
    office.post(address, {"why": "Off topic.", f"community_{kind}_remove": "1"})
    thing.refresh_from_db()
    assert thing.deleted_at
    assert ModerationAction.objects.get().reason == "Off topic."
    office.post(address, {"why": "", f"community_{kind}_restore": "1"})
    thing.refresh_from_db()
    assert thing.deleted_at is None


def test_several_messages_are_removed_at_once(office: Client, says: Says, elsewhere: CommunityGroup) -> None:
    chosen = [says().pk for _one in range(2)]
    assert said(office.post(MESSAGES, {"action": "remove_chosen", "_selected_action": chosen})) == ["2 decisions."]
    assert not Message.objects.filter(deleted_at=None).exists()


def test_a_discussion_is_pinned(office: Client, writes: Writes) -> None:
    post = writes("published")
    address = f"{POSTS}{post.pk}/change/"
    for button, is_pinned in (("pin", True), ("unpin", False)):
        assert f"community_post_{button}" in office.get(address).content.decode()
        office.post(address, {"why": "", f"community_post_{button}": "1"})
        post.refresh_from_db()
        assert post.is_pinned is is_pinned


def test_a_button_of_a_page_read_before_is_refused_aloud(office: Client, writes: Writes, asha: CustomUser) -> None:
    post = writes("published")
    remove_post(moderator=asha, post_id=post.pk)
    address = f"{POSTS}{post.pk}/change/"
    assert said(office.post(address, {"why": "Rude.", "community_post_remove": "1"})) == ["This was removed."]
    assert said(office.post(address, {"why": "Rude."}))[-1] == "Say what is to be changed."
    assert ModerationAction.objects.count() == 1


@pytest.mark.parametrize("address", [ACTIONS, POSTS, MESSAGES, MEMBERS])
@pytest.mark.parametrize("name", ["abc", "0", "9" * 30, "9" * 5000, "\u0664"])
def test_an_address_that_names_no_row_leads_to_the_index(office: Client, address: str, name: str) -> None:
    for response in (office.get(f"{address}{name}/change/"), office.post(f"{address}{name}/change/", {"why": ""})):
        assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


def test_complaints_are_only_read(office: Client, writes: Writes, asha: CustomUser) -> None:
    flag, _is_new = flag_post(reporter=asha, post_id=writes("published").pk, reason="Rude.")
    address = f"/admin/community/flag/{flag.pk}/"
    assert "Rude." in office.get(f"{address}change/").content.decode()
    assert office.post(f"{address}change/", {"reason": "Nice."}).status_code == 403
    assert office.post(f"{address}delete/", {"post": "yes"}).status_code == 403
