"""Lists: of whose communities, in which order, and their pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import Block, CommunityGroup, Membership, Post
from community.posts.services import set_pinned, set_status, take_down
from tests.community.posts.conftest import POSTS, address, listed, wrote
from tests.conftest import ClientFor
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("membership")]
START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def seven(asha: CustomUser, community: CommunityGroup) -> list[int]:
    """Seven discussions, the oldest first, of which three share a time and the second and fourth are pinned."""
    posts = [wrote(asha, community, title=str(number)) for number in range(7)]
    for post, minute in zip(posts, (0, 1, 2, 2, 2, 3, 4), strict=True):
        at = START + timedelta(minutes=minute)
        Post.objects.filter(pk=post.pk).update(created_at=at, active_at=at)
    for pinned in (1, 3):
        set_pinned(post=posts[pinned], is_pinned=True)
    return [post.pk for post in posts]


def pages_down(client: APIClient, query: str) -> list[list[int]]:
    pages, address = [], f"{POSTS}{query}"
    while address:
        body = client.get(address).json()
        pages.append([row["id"] for row in body["results"]])
        address = body["next"]
    return pages


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("ordering", "order"),
    [
        ("", (3, 1, 6, 5, 4, 2, 0)),
        ("recent", (3, 1, 6, 5, 4, 2, 0)),
        ("oldest", (0, 1, 2, 3, 4, 5, 6)),
        ("active", (2, 6, 5, 4, 3, 1, 0)),
        ("popular", (2, 5, 6, 4, 3, 1, 0)),
    ],
)
def test_pages_hold_every_post_once_in_the_order_asked_for(
    bilals: APIClient,
    bilal: CustomUser,
    community: CommunityGroup,
    seven: list[int],
    size: int,
    ordering: str,
    order: Any,
) -> None:
    for answered in (2, 5, 2):
        wrote(bilal, community, parent=Post.objects.get(pk=seven[answered]))
    if ordering == "active":
        Post.objects.filter(pk=seven[5]).update(active_at=START + timedelta(minutes=3))
    pages = pages_down(bilals, f"?page_size={size}&ordering={ordering}")
    assert [seven.index(post) for page in pages for post in page] == list(order)
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)


@pytest.mark.parametrize("ordering", ["recent", "oldest", "popular"])
def test_the_way_back_shows_the_same_pages(bilals: APIClient, seven: list[int], ordering: str) -> None:
    down, body = [], bilals.get(f"{POSTS}?page_size=3&ordering={ordering}").json()
    while body["next"]:
        down.append(body["results"])
        body = bilals.get(body["next"]).json()
    up: list[Any] = []
    while body["previous"]:
        body = bilals.get(body["previous"]).json()
        up.insert(0, body["results"])
    assert up == down


def test_what_is_pinned_or_written_while_the_list_is_read_shows_nothing_twice(
    bilals: APIClient, asha: CustomUser, community: CommunityGroup, seven: list[int]
) -> None:
    first = bilals.get(f"{POSTS}?page_size=3").json()
    set_pinned(post=Post.objects.get(pk=seven[0]), is_pinned=True)
    wrote(asha, community)
    second = bilals.get(first["next"]).json()
    assert [seven.index(row["id"]) for row in second["results"]] == [5, 4, 2]
    assert second["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        "?cursor=x", "?cursor=%FF", "?ordering=best", "?status=removed", "?parent=x", "?parent=0", "?community=-1",
        f"?parent={2**63}", "?page_size=x", "?page_size=0",
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_is_400(bilals: APIClient, query: str) -> None:
    assert bilals.get(f"{POSTS}{query}").status_code == 400


def test_a_cursor_of_another_order_is_400_or_another_page_and_never_a_fault(
    bilals: APIClient, seven: list[int]
) -> None:
    for mine in ("recent", "active", "popular", "oldest"):
        cursor = bilals.get(f"{POSTS}?page_size=2&ordering={mine}").json()["next"].split("cursor=")[1].split("&")[0]
        for other in ("recent", "active", "popular", "oldest"):
            assert bilals.get(f"{POSTS}?ordering={other}&cursor={cursor}").status_code in {200, 400}


# --- whose --------------------------------------------------------------------------------------


def test_without_a_community_the_list_is_of_all_that_the_caller_is_in(
    bilals: APIClient,
    ashas: APIClient,
    chitras: APIClient,
    asha: CustomUser,
    bilal: CustomUser,
    community: CommunityGroup,
) -> None:
    second = make_community(make_course(asha, title="Second"))
    third = make_community(make_course(asha, title="Third"))
    posts = [wrote(asha, one).pk for one in (community, second, third)]
    join(bilal, second)
    assert listed(bilals) == [posts[1], posts[0]]
    assert listed(ashas) == posts[::-1]
    assert listed(chitras) == []
    CommunityGroup.objects.filter(pk=second.pk).update(visibility="private")
    assert listed(bilals) == [posts[0]]
    assert listed(ashas) == posts[::-1]


def test_an_admin_reads_every_community_by_its_name_and_own_ones_in_the_list(
    admin: CustomUser, asha: CustomUser, community: CommunityGroup, client_for: ClientFor
) -> None:
    post, waiting = wrote(asha, community), wrote(asha, community)
    set_status(post=waiting, status=Post.Status.PENDING)
    admins = client_for(admin)
    assert listed(admins) == []
    assert listed(admins, f"?community={community.pk}") == [post.pk]
    assert listed(admins, f"?community={community.pk}&status=pending") == [waiting.pk]
    Membership.objects.create(community=community, user=admin)
    CommunityGroup.objects.update(member_count=3)
    assert listed(admins, "?status=pending") == []  # whose enrolment does not open it is not in it


def test_posts_in_other_states_are_for_authors_and_moderators(
    bilals: APIClient,
    ashas: APIClient,
    bilal: CustomUser,
    chitra: CustomUser,
    community: CommunityGroup,
    client_for: ClientFor,
) -> None:
    join(chitra, community)
    begin = wrote(bilal, community)
    rejected = set_status(post=wrote(bilal, community), status=Post.Status.REJECTED)
    reply = set_status(post=wrote(bilal, community, parent=begin), status=Post.Status.REJECTED)
    removed = set_status(post=wrote(bilal, community), status=Post.Status.REJECTED)
    take_down(post=removed)
    chitras = client_for(chitra)
    for query in ("?status=rejected", f"?status=rejected&community={community.pk}"):
        assert listed(bilals, query) == [reply.pk, rejected.pk]
        assert listed(ashas, query) == [reply.pk, rejected.pk]
        assert listed(chitras, query) == []
    under = f"?status=rejected&parent={begin.pk}"
    assert [listed(client, under) for client in (bilals, ashas, chitras)] == [[reply.pk], [reply.pk], []]
    assert {listed(client)[0] for client in (bilals, ashas, chitras)} == {begin.pk}


def test_a_moderator_moderates_own_communities_only(
    asha: CustomUser, bilal: CustomUser, membership: Membership, community: CommunityGroup, bilals: APIClient
) -> None:
    membership.role = "moderator"
    membership.save(update_fields=["role"])
    other = make_community(make_course(asha, title="Other"))
    join(bilal, other)
    here, there = (set_status(post=wrote(asha, one), status=Post.Status.PENDING) for one in (community, other))
    assert listed(bilals, "?status=pending") == [here.pk]
    assert [bilals.get(address(post)).status_code for post in (here, there)] == [200, 404]


def test_the_words_of_the_blocked_are_left_out_for_the_blocker_alone(
    bilals: APIClient,
    ashas: APIClient,
    asha: CustomUser,
    bilal: CustomUser,
    chitra: CustomUser,
    community: CommunityGroup,
) -> None:
    join(chitra, community)
    begin = wrote(asha, community)
    replies = [wrote(author, community, parent=begin).pk for author in (chitra, asha)]
    theirs = wrote(chitra, community).pk
    Post.objects.filter(pk=begin.pk).update(author=None)  # who was erased is not taken for blocked
    Block.objects.create(blocker=bilal, blocked=chitra)
    assert listed(bilals) == [begin.pk]
    assert listed(bilals, f"?parent={begin.pk}") == replies[1:]
    assert listed(ashas) == [theirs, begin.pk]
