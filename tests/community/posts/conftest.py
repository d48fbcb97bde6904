"""Asha's community, with Bilal in it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup, Membership, Post
from community.posts.services import create_post
from tests.conftest import ClientFor
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course

POSTS = "/api/community/posts/"


def wrote(author: CustomUser, community: CommunityGroup, content: str = "Words", **values: Any) -> Post:
    """Return a new post of ``author``, by the service; a reply with ``parent``."""
    parent = values.pop("parent", None)
    values = {"title": "" if parent else "Title", "parent_id": parent and parent.pk} | values
    return create_post(author=author, community_id=community.pk, content=content, **values)


def address(post: Post, face: str = "") -> str:
    return f"{POSTS}{post.pk}/{face}"


def listed(client: APIClient, query: str = "") -> list[int]:
    response = client.get(f"{POSTS}{query}")
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


@pytest.fixture
def community(asha: CustomUser) -> CommunityGroup:
    return make_community(make_course(asha))


@pytest.fixture
def membership(community: CommunityGroup, bilal: CustomUser) -> Membership:
    return join(bilal, community)


@pytest.fixture
def bilals(client_for: ClientFor, bilal: CustomUser, membership: Membership) -> APIClient:
    return client_for(bilal)
