"""Moderators decide about posts: who may, what becomes of the post, who is told, what is written down."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import Block, CommunityGroup, Flag, Membership, ModerationAction, Notification, Post
from community.moderation.services import flag_post, remove_post
from community.posts.services import remove_own_post
from tests.community.moderation.conftest import Writes, code_of
from tests.conftest import ClientFor
from tests.factories.communities import join
from tests.factories.people import person

pytestmark = pytest.mark.django_db
POSTS = "/api/community/posts/"
VERBS = [
    ("approve", {}),
    ("reject", {"reason": "Not about music."}),
    ("pin", {}),
    ("restore", {}),
    ("dismiss-flags", {}),
]


def decide(client: APIClient, post: Post, verb: str, **body: Any) -> Any:
    return client.post(f"{POSTS}{post.pk}/{verb}/", body, format="json")


def last_action() -> ModerationAction:
    action = ModerationAction.objects.first()
    assert action is not None
    return action


def rewritten(client: APIClient, post: Post, content: str) -> str:
    """Change the post, and return the version that its author got."""
    answer = client.patch(f"{POSTS}{post.pk}/", {"content": content})
    return str(answer.json()["updated_at"])


def told(user: CustomUser) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(user=user, key__startswith="moderation").order_by("id")
    return [(row.notification_type, row.message) for row in rows]


def test_an_approved_post_stands_before_its_readers(
    moderators: APIClient, moderator: CustomUser, writes: Writes, bilal: CustomUser, community: CommunityGroup
) -> None:
    post = writes()
    assert post.status == "pending"
    answer = decide(moderators, post, "approve")
    assert (answer.status_code, answer.json()["status"]) == (200, "published")
    community.refresh_from_db()
    assert community.post_count == 1
    action = last_action()
    assert (action.verb, action.actor, action.post, action.community) == ("approve", moderator, post, community)
    assert (action.before["status"], action.after["status"]) == ("pending", "published")
    assert told(bilal) == [("post_approved", action.reason)]
    assert action.reason


@pytest.mark.parametrize(("verb", "status"), [("approve", "published"), ("reject", "rejected")])
def test_what_was_read_is_decided_about_and_nothing_later(
    moderators: APIClient, bilals: APIClient, writes: Writes, verb: str, status: str
) -> None:
    post = writes()
    read = moderators.get(f"{POSTS}{post.pk}/").json()["updated_at"]
    newer = rewritten(bilals, post, "Something rude.")
    assert code_of(decide(moderators, post, verb, reason="So.", updated_at=read)) == (409, "changed_meanwhile")
    post.refresh_from_db()
    assert post.status == "pending"
    assert not ModerationAction.objects.exists()
    answer = decide(moderators, post, verb, reason="So.", updated_at=newer)
    assert (answer.status_code, answer.json()["status"]) == (200, status)


@pytest.mark.parametrize("version", ["yesterday", "", None, 5, [], "0001-01-01T00:00:00+14:00"])
def test_a_version_that_is_none_is_refused(moderators: APIClient, writes: Writes, version: Any) -> None:
    answer = decide(moderators, writes(), "approve", updated_at=version)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "updated_at")


def test_whoever_is_rejected_reads_why(moderators: APIClient, writes: Writes, bilal: CustomUser) -> None:
    post = writes()
    answer = decide(moderators, post, "reject", reason="Not about music.")
    assert (answer.status_code, answer.json()["status"]) == (200, "rejected")
    assert told(bilal) == [("post_rejected", "Not about music.")]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}])
def test_a_rejection_has_a_reason(moderators: APIClient, writes: Writes, body: dict[str, str]) -> None:
    answer = decide(moderators, writes(), "reject", **body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "reason")
    assert not ModerationAction.objects.exists()


@pytest.mark.parametrize("first", ["approve", "reject"])
@pytest.mark.parametrize("second", ["approve", "reject"])
def test_what_is_decided_is_not_decided_again(moderators: APIClient, writes: Writes, first: str, second: str) -> None:
    post = writes()
    decide(moderators, post, first, reason="One.")
    assert code_of(decide(moderators, post, second, reason="Two.")) == (409, "decided_already")
    assert ModerationAction.objects.count() == 1


def test_a_pinned_post_comes_first_until_it_is_let_go(moderators: APIClient, writes: Writes) -> None:
    post = writes("published")
    assert decide(moderators, post, "pin").json()["is_pinned"] is True
    assert decide(moderators, post, "pin").json()["is_pinned"] is True
    assert decide(moderators, post, "pin", is_pinned=False).json()["is_pinned"] is False
    assert list(ModerationAction.objects.order_by("id").values_list("verb", flat=True)) == ["pin", "unpin"]


def test_a_reply_is_not_pinned(moderators: APIClient, writes: Writes) -> None:
    reply = writes("published", title="", parent_id=writes("published").pk)
    assert code_of(decide(moderators, reply, "pin")) == (409, "not_a_discussion")


def test_a_moderator_removes_and_gives_back(
    moderators: APIClient, bilals: APIClient, writes: Writes, bilal: CustomUser, community: CommunityGroup
) -> None:
    post = writes("published")
    address = f"{POSTS}{post.pk}/"
    assert moderators.delete(address, {"reason": "Off topic."}, format="json").status_code == 204
    assert bilals.get(address).status_code == 404
    community.refresh_from_db()
    assert community.post_count == 0
    assert decide(moderators, post, "restore").status_code == 200
    assert bilals.get(address).json()["content"] == "Who plays?"
    community.refresh_from_db()
    assert community.post_count == 1
    assert [kind for kind, _why in told(bilal)] == ["moderator_action", "moderator_action"]
    assert told(bilal)[0][1] == "Off topic."


def test_what_is_removed_is_not_decided(moderators: APIClient, writes: Writes, moderator: CustomUser) -> None:
    post = writes()
    remove_post(moderator=moderator, post_id=post.pk)
    for verb, body in VERBS:
        if verb != "restore":
            assert code_of(decide(moderators, post, verb, **body)) == (409, "removed"), verb
    assert code_of(moderators.delete(f"{POSTS}{post.pk}/")) == (409, "removed")


def test_an_author_takes_an_own_post_back_without_an_action(
    bilals: APIClient, moderators: APIClient, writes: Writes
) -> None:
    post = writes("published")
    assert bilals.delete(f"{POSTS}{post.pk}/").status_code == 204
    assert not ModerationAction.objects.exists()
    assert code_of(decide(moderators, post, "restore")) == (409, "not_removed")


def test_what_stands_is_not_given_back(moderators: APIClient, writes: Writes) -> None:
    assert code_of(decide(moderators, writes("published"), "restore")) == (409, "not_removed")


def test_what_its_author_took_back_after_it_was_restored_is_theirs(
    moderators: APIClient, moderator: CustomUser, writes: Writes, bilal: CustomUser
) -> None:
    post = writes("published")
    remove_post(moderator=moderator, post_id=post.pk)
    decide(moderators, post, "restore")
    remove_own_post(author=bilal, post_id=post.pk)
    assert code_of(decide(moderators, post, "restore")) == (409, "not_removed")


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verb", "body"), VERBS)
def test_members_decide_nothing(bilals: APIClient, asha: CustomUser, writes: Writes, verb: str, body: Any) -> None:
    post = writes("published", author=asha)
    assert code_of(decide(bilals, post, verb, **body)) == (403, "moderators_only")
    assert code_of(bilals.delete(f"{POSTS}{post.pk}/")) == (403, "moderators_only")


@pytest.mark.parametrize(("verb", "body"), VERBS)
def test_what_a_member_cannot_read_is_not_there(
    community: CommunityGroup, writes: Writes, client_for: ClientFor, verb: str, body: Any
) -> None:
    member = person("member")
    join(member, community)
    waits = writes()
    assert code_of(decide(client_for(member), waits, verb, **body)) == (404, "not_found")


@pytest.mark.parametrize(("verb", "body"), [*VERBS, ("flag", {"reason": "Rude."})])
def test_strangers_learn_nothing(chitras: APIClient, writes: Writes, verb: str, body: Any) -> None:
    post = writes("published")
    assert code_of(decide(chitras, post, verb, **body)) == (403, "membership_required")
    CommunityGroup.objects.update(visibility="private")
    assert code_of(decide(chitras, post, verb, **body)) == (404, "not_found")
    assert code_of(decide(chitras, Post(pk=2**62), verb, **body)) == (404, "not_found")


def test_a_banned_moderator_decides_nothing(moderators: APIClient, moderator: CustomUser, writes: Writes) -> None:
    Membership.objects.filter(user=moderator).update(banned_until=timezone.now() + timedelta(days=1))
    assert code_of(decide(moderators, writes(), "approve")) == (403, "banned")


@pytest.mark.parametrize("role", ["instructor", "admin"])
def test_instructors_and_admins_decide_too(
    role: str, asha: CustomUser, admin: CustomUser, client_for: ClientFor, writes: Writes
) -> None:
    client = client_for(asha if role == "instructor" else admin)
    assert decide(client, writes(), "approve").status_code == 200


def test_nobody_is_the_judge_of_their_own_words(
    moderators: APIClient, moderator: CustomUser, bilal: CustomUser, asha: CustomUser, writes: Writes
) -> None:
    post = writes("pending", author=moderator)
    assert code_of(decide(moderators, post, "approve")) == (403, "own_words")
    assert code_of(decide(moderators, post, "reject", reason="Hm.")) == (403, "own_words")
    published = writes("published", author=moderator)
    flag_post(reporter=bilal, post_id=published.pk, reason="Rude.")
    assert code_of(decide(moderators, published, "dismiss-flags")) == (403, "own_words")
    remove_post(moderator=asha, post_id=published.pk)
    assert code_of(decide(moderators, published, "restore")) == (403, "own_words")


def test_who_blocked_the_moderator_is_told_all_the_same(
    moderators: APIClient, moderator: CustomUser, bilal: CustomUser, writes: Writes
) -> None:
    Block.objects.create(blocker=bilal, blocked=moderator)
    decide(moderators, writes(), "reject", reason="Not about music.")
    assert told(bilal) == [("post_rejected", "Not about music.")]


def test_the_same_request_again_is_the_same_answer(moderators: APIClient, writes: Writes) -> None:
    post = writes()
    address, headers = f"{POSTS}{post.pk}/approve/", {"Idempotency-Key": "once"}
    answers = [moderators.post(address, {}, format="json", headers=headers) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert ModerationAction.objects.count() == 1


# --- complaints that are settled ----------------------------------------------------------------


def flagged(post: Post, reporter: CustomUser) -> Flag:
    return flag_post(reporter=reporter, post_id=post.pk, reason="Rude.")[0]


@pytest.mark.parametrize(("verb", "state"), [("dismiss-flags", "dismissed"), ("delete", "upheld")])
def test_a_decision_settles_complaints(
    moderators: APIClient, writes: Writes, bilal: CustomUser, asha: CustomUser, verb: str, state: str
) -> None:
    post = writes("published", author=asha)
    flag = flagged(post, bilal)
    if verb == "delete":
        moderators.delete(f"{POSTS}{post.pk}/")
    else:
        assert decide(moderators, post, verb).json()["verb"] == "dismiss"
    flag.refresh_from_db()
    assert (flag.state, flag.closed_by) == (state, last_action())


def test_there_is_nothing_to_dismiss_twice(
    moderators: APIClient, writes: Writes, bilal: CustomUser, asha: CustomUser
) -> None:
    post = writes("published", author=asha)
    flagged(post, bilal)
    decide(moderators, post, "dismiss-flags")
    assert code_of(decide(moderators, post, "dismiss-flags")) == (409, "no_flags")
    assert ModerationAction.objects.count() == 1
