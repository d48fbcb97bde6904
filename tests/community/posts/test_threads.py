"""Replies to any depth; what is removed takes with it what answers it; counts follow."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup, Post, PostView
from community.posts.services import (
    ChangedMeanwhile,
    NotADiscussion,
    NotTheAuthor,
    forget_views,
    give_back,
    locked_post,
    remove_own_post,
    set_pinned,
    set_status,
    take_down,
)
from e_learning.core.api.errors import NotThere
from tests.community.posts.conftest import POSTS, address, listed, wrote
from tests.factories.communities import make_community
from tests.factories.courses import make_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("membership")]


@pytest.fixture
def thread(asha: CustomUser, bilal: CustomUser, community: CommunityGroup) -> list[Post]:
    """A discussion, its reply, and the reply to that, five deep."""
    posts = [wrote(asha, community)]
    for author in (bilal, asha, bilal, asha):
        posts.append(wrote(author, community, parent=posts[-1]))
    return posts


def counts(community: CommunityGroup, *posts: Post) -> list[int]:
    community.refresh_from_db()
    for post in posts:
        post.refresh_from_db()
    return [community.post_count, *(post.reply_count for post in posts)]


def test_replies_are_listed_oldest_first_under_what_they_answer(
    bilals: APIClient, bilal: CustomUser, community: CommunityGroup, thread: list[Post]
) -> None:
    second = wrote(bilal, community, parent=thread[0])
    assert listed(bilals, f"?parent={thread[0].pk}") == [thread[1].pk, second.pk]
    assert listed(bilals, f"?parent={thread[1].pk}") == [thread[2].pk]
    assert listed(bilals, f"?parent={thread[4].pk}") == []
    assert listed(bilals) == [thread[0].pk]
    assert counts(community, *thread) == [1, 2, 1, 1, 1, 0]


@pytest.mark.parametrize("removed", [0, 1, 3])
def test_below_what_was_removed_nothing_is_there(bilals: APIClient, thread: list[Post], removed: int) -> None:
    take_down(post=locked_post(thread[removed].pk))
    reached = {post.pk: bilals.get(address(post)).status_code for post in thread}
    assert list(reached.values()) == [200] * removed + [404] * (len(thread) - removed)
    for post in thread[removed:]:
        reply = {"community_id": post.community_id, "parent_post_id": post.pk, "content": "Hello?"}
        assert bilals.post(POSTS, reply).status_code == 404
        assert bilals.get(f"{POSTS}?parent={post.pk}").status_code == 404
        assert bilals.post(address(post, "react/"), {"reaction_type": "like"}).status_code == 404
        assert bilals.patch(address(post), {"content": "x"}).status_code == 404
    give_back(post=locked_post(thread[removed].pk))
    assert {bilals.get(address(post)).status_code for post in thread} == {200}


def test_below_what_is_no_longer_published_nothing_is_there(bilals: APIClient, thread: list[Post]) -> None:
    set_status(post=thread[1], status=Post.Status.REJECTED)
    assert [bilals.get(address(post)).status_code for post in thread] == [200, 200, 404, 404, 404]  # Bilal's own


def test_counts_follow_whatever_happens_in_whatever_order(community: CommunityGroup, thread: list[Post]) -> None:
    begin, reply, *_ = thread
    assert counts(community, begin) == [1, 1]
    for _twice in range(2):
        take_down(post=locked_post(reply.pk))
        assert counts(community, begin) == [1, 0]
    set_status(post=locked_post(reply.pk), status=Post.Status.REJECTED)
    give_back(post=locked_post(reply.pk))
    assert counts(community, begin) == [1, 0]
    for _twice in range(2):
        set_status(post=locked_post(reply.pk), status=Post.Status.PUBLISHED)
        assert counts(community, begin) == [1, 1]
    take_down(post=locked_post(begin.pk))
    take_down(post=locked_post(reply.pk))
    assert counts(community, begin) == [0, 0]
    give_back(post=locked_post(begin.pk))
    for _twice in range(2):
        give_back(post=locked_post(reply.pk))
    assert counts(community, begin, reply) == [1, 1, 1]


def test_who_saw_an_older_state_moves_nothing(community: CommunityGroup, thread: list[Post]) -> None:
    stale = Post.objects.get(pk=thread[0].pk)
    take_down(post=locked_post(stale.pk))
    with pytest.raises(ChangedMeanwhile):
        set_status(post=stale, status=Post.Status.REJECTED)
    assert counts(community) == [0]


def test_a_reply_belongs_to_the_community_of_what_it_answers(
    bilals: APIClient, ashas: APIClient, asha: CustomUser, thread: list[Post]
) -> None:
    other = make_community(make_course(asha, title="Other"))
    reply = {"community_id": other.pk, "parent_post_id": thread[0].pk, "content": "Here?"}
    assert ashas.post(POSTS, reply).status_code == 404
    assert ashas.get(f"{POSTS}?parent={thread[0].pk}&community={other.pk}").status_code == 404
    assert listed(bilals, f"?parent={thread[0].pk}&community={thread[0].community_id}") == [thread[1].pk]


def test_an_author_takes_back_own_posts_only(bilal: CustomUser, community: CommunityGroup, thread: list[Post]) -> None:
    with pytest.raises(NotTheAuthor):
        remove_own_post(author=bilal, post_id=thread[0].pk)
    assert remove_own_post(author=bilal, post_id=thread[1].pk).deleted_at
    with pytest.raises(NotThere):
        remove_own_post(author=bilal, post_id=thread[1].pk)
    assert counts(community, thread[0]) == [1, 0]


def test_discussions_are_pinned_and_replies_are_not(thread: list[Post]) -> None:
    assert set_pinned(post=thread[0], is_pinned=True).is_pinned
    assert not set_pinned(post=thread[0], is_pinned=False).is_pinned
    with pytest.raises(NotADiscussion):
        set_pinned(post=thread[1], is_pinned=True)


def test_the_post_of_an_erased_author_stays_without_a_name(
    bilals: APIClient, asha: CustomUser, thread: list[Post]
) -> None:
    Post.objects.filter(author=asha).update(author=None)
    assert bilals.get(address(thread[0])).json()["author"] is None
    assert listed(bilals) == [thread[0].pk]


def test_who_opens_it_is_counted_once_a_day(
    bilals: APIClient, ashas: APIClient, asha: CustomUser, thread: list[Post]
) -> None:
    seen = [client.get(address(thread[0])).json()["view_count"] for client in (bilals, bilals, ashas, bilals)]
    assert seen == [1, 1, 2, 2]
    PostView.objects.update(day=timezone.now().date() - timedelta(days=1))
    assert bilals.get(address(thread[0])).json()["view_count"] == 3
    PostView.objects.filter(user=asha).update(day=timezone.now().date() - timedelta(days=2))
    forget_views()
    assert PostView.objects.filter(post=thread[0]).count() == 2  # yesterday's and today's
