"""Statements a request: the same for one post as for three, and few."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.events import PostPublished
from community.models import Block, CommunityGroup, Post
from community.posts.services import react
from e_learning.core import events
from tests.community.posts.conftest import POSTS, address, wrote

# So that BEGIN and COMMIT count too.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("membership")]


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers are told by a worker, which has statements of its own."""
    monkeypatch.setitem(events._listeners, PostPublished, [])


def cost(call: Any, *arguments: Any, **options: Any) -> int:
    with CaptureQueriesContext(connection) as statements:
        response = call(*arguments, **options)
    assert response.status_code < 300, response.content
    return len(statements)


def busy_post(asha: CustomUser, bilal: CustomUser, community: CommunityGroup, parent: Post | None = None) -> Post:
    post = wrote(asha, community, parent=parent)
    react(user=asha, post_id=post.pk, reaction_type="like")
    react(user=bilal, post_id=post.pk, reaction_type="love")
    return post


def test_lists_take_as_many_statements_for_one_as_for_three(
    bilals: APIClient, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, community: CommunityGroup
) -> None:
    Block.objects.create(blocker=bilal, blocked=chitra)
    begin = busy_post(asha, bilal, community)
    queries = ["", f"?community={community.pk}", f"?parent={begin.pk}", "?ordering=popular", "?status=pending"]
    taken = []
    for _round in range(3):
        busy_post(asha, bilal, community)
        busy_post(asha, bilal, community, parent=begin)
        taken.append([cost(bilals.get, f"{POSTS}{query}") for query in queries])
    # Of each: the session's, whose list it is where a community or a post is named, the page, the reactions.
    assert taken == [[3, 4, 5, 3, 2]] * 3


def test_what_one_post_takes(
    bilals: APIClient, asha: CustomUser, bilal: CustomUser, community: CommunityGroup, on_postgresql: bool
) -> None:
    post = busy_post(asha, bilal, community)
    own = wrote(bilal, community)
    body = {"community_id": community.pk, "title": "Title", "content": "@asha"}
    taken = {
        "read": cost(bilals.get, address(post)),
        "read again": cost(bilals.get, address(post)),
        "begin": cost(bilals.post, POSTS, body),
        "reply": cost(bilals.post, POSTS, body | {"parent_post_id": post.pk}),
        "react": cost(bilals.post, address(post, "react/"), {"reaction_type": "like"}),
        "take back": cost(bilals.post, address(post, "react/"), {"reaction_type": "like"}),
        "change": cost(bilals.patch, address(own), {"content": "New"}),
    }
    if on_postgresql:
        assert taken == {
            "read": 8, "read again": 4, "begin": 7, "reply": 8, "react": 8, "take back": 7, "change": 10,
        }  # fmt: skip
    else:
        assert max(taken.values()) <= 10
