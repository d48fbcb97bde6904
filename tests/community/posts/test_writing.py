"""Writing: who may, what it needs, and what waits for a moderator."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.events import PostPublished
from community.models import CommunityGroup, Membership, Post
from community.posts.services import remove_own_post, set_status
from e_learning.core import events
from tests.community.posts.conftest import POSTS, address, wrote
from tests.factories.communities import join

pytestmark = pytest.mark.django_db


def begin(client: APIClient, community: CommunityGroup, **body: Any) -> Any:
    return client.post(POSTS, {"community_id": community.pk, "title": "A question", "content": "*Why?*"} | body)


def code_of(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["errors"][0]
    return response.status_code, error["code"], error["attr"]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The posts that were announced as published."""
    posts: list[int] = []
    monkeypatch.setitem(events._listeners, PostPublished, [lambda event: posts.append(event.post_id)])
    return posts


@pytest.fixture
def moderated(community: CommunityGroup) -> CommunityGroup:
    community.require_post_approval = True
    community.save(update_fields=["require_post_approval"])
    return community


def test_a_member_begins_a_discussion(bilals: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    response = begin(bilals, community)
    assert response.status_code == 201
    body = response.json()
    post = Post.objects.get()
    assert body == {
        "id": post.pk,
        "community_id": community.pk,
        "author": {
            "id": bilal.pk,
            "username": "bilal",
            "full_name": "Bilal",
            "profile_image": None,
            "role": "student",
        },
        "title": "A question",
        "content": "*Why?*",
        "content_html": "<p><em>Why?</em></p>\n",
        "status": "published",
        "parent_post_id": None,
        "is_pinned": False,
        "view_count": 0,
        "reply_count": 0,
        "reactions": {},
        "my_reaction": None,
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    }
    community.refresh_from_db()
    assert community.post_count == 1


def test_the_groups_address_writes_and_lists_the_same(bilals: APIClient, community: CommunityGroup) -> None:
    at = f"/api/community/groups/{community.pk}/posts/"
    made = bilals.post(at, {"title": "Here", "content": "Words"})
    assert made.status_code == 201
    reply = bilals.post(at, {"parent_post_id": made.json()["id"], "content": "Answer"})
    assert reply.json()["parent_post_id"] == made.json()["id"]
    assert [row["id"] for row in bilals.get(at).json()["results"]] == [made.json()["id"]]


def test_sent_again_with_its_key_it_is_one_post(bilals: APIClient, community: CommunityGroup) -> None:
    answers = [
        bilals.post(
            POSTS, {"community_id": community.pk, "title": "Once", "content": "."}, headers={"Idempotency-Key": "k"}
        )
        for _time in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"title": ""}, (400, "required", "title")),
        ({"title": "  "}, (400, "required", "title")),
        ({"title": "x" * 201}, (400, "max_length", "title")),
        ({"content": ""}, (400, "blank", "content")),
        ({"content": " \n\t\u00a0"}, (400, "blank", "content")),
        ({"content": "x" * 20_001}, (400, "max_length", "content")),
        ({"content": "a\0b"}, (400, "parse_error", None)),
        ({"content": None}, (400, "null", "content")),
        ({"content": ["x"]}, (400, "invalid", "content")),
        ({"parent_post_id": "x"}, (400, "invalid", "parent_post_id")),
        ({"parent_post_id": 2**63}, (400, "max_value", "parent_post_id")),
        ({"community_id": 10**9}, (404, "not_found", None)),
        ({"parent_post_id": 10**9}, (404, "not_found", None)),
    ],
)
def test_what_is_refused(bilals: APIClient, community: CommunityGroup, body: dict[str, Any], refusal: Any) -> None:
    assert code_of(begin(bilals, community, **body)) == refusal
    assert not Post.objects.exists()


def test_twenty_thousand_characters_are_a_post(bilals: APIClient, community: CommunityGroup) -> None:
    assert begin(bilals, community, content="न" * 20_000).status_code == 201


def test_a_stranger_is_told_to_join_and_of_a_private_community_nothing(
    chitras: APIClient, chitra: CustomUser, asha: CustomUser, community: CommunityGroup
) -> None:
    post = wrote(asha, community)

    def answers() -> set[tuple[int, str, str | None]]:
        return {
            code_of(begin(chitras, community)),
            code_of(chitras.get(f"/api/community/groups/{community.pk}/posts/")),
            code_of(chitras.get(f"{POSTS}?community={community.pk}")),
            code_of(chitras.get(f"{POSTS}?parent={post.pk}")),
            code_of(chitras.get(address(post))),
            code_of(chitras.patch(address(post), {"content": "Mine"})),
            code_of(chitras.put(address(post), {"title": "Mine", "content": "Mine"})),
            code_of(chitras.post(address(post, "react/"), {"reaction_type": "like"})),
        }

    assert answers() == {(403, "membership_required", None)}
    assert chitras.get(POSTS).json()["results"] == []
    CommunityGroup.objects.update(visibility="private")
    assert answers() == {(404, "not_found", None)}


def test_who_left_or_is_no_longer_enrolled_is_a_stranger(
    bilals: APIClient, bilal: CustomUser, membership: Membership, community: CommunityGroup
) -> None:
    post = wrote(bilal, community)
    bilal.enrollments.update(is_active=False)
    assert bilals.get(address(post)).status_code == 403
    assert bilals.get(POSTS).json()["results"] == []
    bilal.enrollments.update(is_active=True)
    assert bilals.get(address(post)).status_code == 200


def test_a_banned_member_does_not_even_read(
    bilals: APIClient, asha: CustomUser, membership: Membership, community: CommunityGroup
) -> None:
    post = wrote(asha, community)
    membership.banned_until = timezone.now() + timedelta(hours=1)
    membership.save(update_fields=["banned_until"])
    assert code_of(bilals.get(address(post)))[:2] == (403, "banned")


def test_a_muted_member_reads_and_does_not_write(
    bilals: APIClient, bilal: CustomUser, membership: Membership, community: CommunityGroup
) -> None:
    own = wrote(bilal, community)
    membership.muted_until = timezone.now() + timedelta(hours=1)
    membership.save(update_fields=["muted_until"])
    assert bilals.get(address(own)).status_code == 200
    for response in (
        begin(bilals, community),
        begin(bilals, community, parent_post_id=own.pk),
        bilals.patch(address(own), {"content": "New"}),
        bilals.post(address(own, "react/"), {"reaction_type": "like"}),
    ):
        assert code_of(response) == (403, "muted", None)
    assert remove_own_post(author=bilal, post_id=own.pk).deleted_at
    membership.muted_until = timezone.now()
    membership.save(update_fields=["muted_until"])
    assert begin(bilals, community).status_code == 201


# --- changing -----------------------------------------------------------------------------------


def test_an_author_changes_own_words(bilals: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    post = wrote(bilal, community, "Before")
    changed = bilals.patch(address(post), {"content": "**After**"}).json()
    assert (changed["title"], changed["content"]) == ("Title", "**After**")
    assert changed["content_html"] == "<p><strong>After</strong></p>\n"
    assert changed["updated_at"] > changed["created_at"]
    anew = bilals.put(address(post), {"title": "New", "content": "All new"}).json()
    assert (anew["title"], anew["content"], anew["status"]) == ("New", "All new", "published")
    assert code_of(bilals.put(address(post), {"title": "New"})) == (400, "required", "content")
    assert code_of(bilals.patch(address(post), {"title": ""})) == (400, "required", "title")


def test_nobody_else_changes_them(
    ashas: APIClient, bilals: APIClient, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    for client, author in ((ashas, bilal), (bilals, asha)):
        assert code_of(client.patch(address(wrote(author, community)), {"content": "x"}))[:2] == (403, "not_the_author")


def test_what_has_not_changed_is_not_written(bilals: APIClient, bilal: CustomUser, moderated: CommunityGroup) -> None:
    post = wrote(bilal, moderated, "Same")
    set_status(post=post, status=Post.Status.PUBLISHED)
    same = bilals.patch(address(post), {"title": "Title", "content": "Same"}).json()
    assert (same["status"], same["updated_at"]) == ("published", same["created_at"])


# --- waiting for approval -----------------------------------------------------------------------


@pytest.mark.parametrize("held_back_by", [{"require_post_approval": True}, {"visibility": "instructor_moderated"}])
def test_where_posts_wait_a_members_does_and_a_moderators_does_not(
    held_back_by: dict[str, Any], bilals: APIClient, ashas: APIClient, community: CommunityGroup, announced: list[int]
) -> None:
    CommunityGroup.objects.update(**held_back_by)
    assert begin(bilals, community).json()["status"] == "pending"
    community.refresh_from_db()
    assert (community.post_count, announced) == (0, [])
    assert begin(ashas, community).json()["status"] == "published"
    community.refresh_from_db()
    assert community.post_count == 1


def test_what_waits_is_seen_by_its_author_and_moderators_alone(
    bilals: APIClient,
    ashas: APIClient,
    bilal: CustomUser,
    chitra: CustomUser,
    moderated: CommunityGroup,
    client_for: Any,
) -> None:
    post = wrote(bilal, moderated)
    join(chitra, moderated)
    for client, found in ((bilals, 1), (ashas, 1), (client_for(chitra), 0)):
        assert client.get(address(post)).status_code == (200 if found else 404)
        for at in (f"{POSTS}?status=pending", f"{POSTS}?status=pending&community={moderated.pk}"):
            assert len(client.get(at).json()["results"]) == found
        assert client.get(POSTS).json()["results"] == []
    post.refresh_from_db()
    assert post.view_count == 0


def test_published_it_is_counted_and_announced_once(
    bilal: CustomUser, moderated: CommunityGroup, membership: Membership, announced: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        post = set_status(post=wrote(bilal, moderated), status=Post.Status.PUBLISHED)
    assert announced == [post.pk]
    Post.objects.update(told_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        for status in (Post.Status.REJECTED, Post.Status.PUBLISHED, Post.Status.PUBLISHED):
            post = set_status(post=Post.objects.get(), status=status)
    moderated.refresh_from_db()
    assert (moderated.post_count, announced) == (1, [post.pk])


def test_changed_words_wait_again(
    bilals: APIClient, bilal: CustomUser, moderated: CommunityGroup, membership: Membership
) -> None:
    post = set_status(post=wrote(bilal, moderated), status=Post.Status.PUBLISHED)
    assert bilals.patch(address(post), {"title": "Other"}).json()["status"] == "pending"
    moderated.refresh_from_db()
    assert moderated.post_count == 0


def test_a_rejected_post_waits_again_when_its_author_mends_it_wherever_it_is(
    bilals: APIClient, bilal: CustomUser, community: CommunityGroup, membership: Membership
) -> None:
    post = set_status(post=wrote(bilal, community), status=Post.Status.REJECTED)
    assert bilals.patch(address(post), {"content": "Mended"}).json()["status"] == "pending"


def test_what_waits_can_be_neither_answered_nor_reacted_to(
    ashas: APIClient, bilal: CustomUser, moderated: CommunityGroup, membership: Membership
) -> None:
    post = wrote(bilal, moderated)
    for response in (
        begin(ashas, moderated, parent_post_id=post.pk),
        ashas.post(address(post, "react/"), {"reaction_type": "like"}),
    ):
        assert code_of(response) == (409, "not_published", None)


def test_a_published_post_is_announced_after_the_commit(
    bilal: CustomUser, community: CommunityGroup, membership: Membership, announced: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        post = wrote(bilal, community)
        reply = wrote(bilal, community, parent=post)
        assert announced == []
    assert announced == [post.pk, reply.pk]
