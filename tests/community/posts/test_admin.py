"""Staff look at posts in the admin; nobody writes for others there."""

import pytest
from django.test import Client

from accounts.models import CustomUser
from community.models import CommunityGroup, Post
from community.posts.services import set_status, take_down
from tests.community.posts.conftest import wrote

pytestmark = pytest.mark.django_db
LIST = "/admin/community/post/"


@pytest.fixture
def office(admin: CustomUser) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def post(asha: CustomUser, community: CommunityGroup) -> Post:
    return wrote(asha, community, "Look *here*", title="Announcement")


def test_posts_are_found_by_words_author_status_and_community(
    office: Client, post: Post, asha: CustomUser, community: CommunityGroup
) -> None:
    waiting = set_status(post=wrote(asha, community, title="Waiting"), status=Post.Status.PENDING)
    removed = take_down(post=wrote(asha, community, title="Removed"))
    for query, found in {
        "": {post, waiting, removed},
        "?q=announce": {post},
        "?q=asha@demo": {post, waiting, removed},
        "?status__exact=pending": {waiting},
        f"?community__id__exact={community.pk}": {post, waiting, removed},
        "?deleted_at__isempty=0": {removed},
    }.items():
        assert set(office.get(f"{LIST}{query}").context["cl"].queryset) == found, query


def test_a_post_is_shown_and_nobody_writes_for_its_author(office: Client, post: Post) -> None:
    page = office.get(f"{LIST}{post.pk}/change/")
    assert "Look *here*" in page.content.decode()
    office.post(f"{LIST}{post.pk}/change/", {"title": "Mine", "content": "Mine now", "status": "rejected"})
    assert office.post(f"{LIST}{post.pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.get(f"{LIST}add/").status_code == 403
    post.refresh_from_db()
    assert (post.title, post.content, post.status) == ("Announcement", "Look *here*", "published")
