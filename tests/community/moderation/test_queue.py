"""What waits for moderators stands in one queue, oldest first, and what they did in one log; at a constant cost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup, Flag
from community.moderation.services import approve_post, flag_message, flag_post, mute_member, remove_post
from community.posts.services import remove_own_post
from tests.community.moderation.conftest import Says, Writes, code_of
from tests.factories.communities import make_community
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


def queue(client: APIClient, community: CommunityGroup, query: str = "") -> Any:
    return client.get(f"/api/community/groups/{community.pk}/moderation/{query}")


def actions(client: APIClient, community: CommunityGroup) -> Any:
    return client.get(f"/api/community/groups/{community.pk}/moderation/actions/")


def complain(thing: Any, *reporters: CustomUser) -> None:
    for reporter in reporters:
        if hasattr(thing, "title"):
            flag_post(reporter=reporter, post_id=thing.pk, reason="Rude.")
        else:
            flag_message(reporter=reporter, message_id=thing.pk, reason="Rude.")


def test_all_that_waits_is_in_one_queue_oldest_first(
    moderators: APIClient, community: CommunityGroup, writes: Writes, says: Says, asha: CustomUser, admin: CustomUser
) -> None:
    waits, rude, said = writes(), writes("published"), says("Shut up")
    complain(said, asha, admin)
    complain(rude, asha)
    page = queue(moderators, community).json()
    assert page["count"] == 3
    cases = page["results"]
    assert [case["kind"] for case in cases] == ["pending_post", "flagged_message", "flagged_post"]
    assert [case["post"] and case["post"]["id"] for case in cases] == [waits.pk, None, rude.pk]
    assert [case["message"] and case["message"]["message_id"] for case in cases] == [None, said.pk, None]
    flags = page["results"][1]["flags"]
    assert [(flag["reason"], flag["reporter"]["username"], flag["excerpt"]) for flag in flags] == [
        ("Rude.", "asha", "Shut up"),
        ("Rude.", "admin", "Shut up"),
    ]
    assert page["results"][1]["message"]["message"] == "Shut up"
    assert page["results"][0]["post"]["content"] == "Who plays?"


def test_a_post_that_waits_and_is_complained_of_stands_there_once(
    moderators: APIClient, community: CommunityGroup, writes: Writes, admin: CustomUser
) -> None:
    complain(writes(), admin)
    [case] = queue(moderators, community).json()["results"]
    assert (case["kind"], len(case["flags"])) == ("pending_post", 1)


def test_what_is_settled_or_gone_waits_no_more(
    moderators: APIClient,
    community: CommunityGroup,
    writes: Writes,
    says: Says,
    asha: CustomUser,
    bilal: CustomUser,
) -> None:
    approved, removed, taken_back = writes(), writes("published"), writes("published")
    for post in (removed, taken_back):
        complain(post, asha)
    approve_post(moderator=asha, post_id=approved.pk)
    remove_post(moderator=asha, post_id=removed.pk)
    remove_own_post(author=bilal, post_id=taken_back.pk)
    assert queue(moderators, community).json()["results"] == []
    assert Flag.objects.filter(state="open").count() == 1


def test_what_waits_elsewhere_is_not_shown(
    moderators: APIClient, community: CommunityGroup, asha: CustomUser, writes: Writes
) -> None:
    writes()
    other = make_community(make_course(asha, is_published=True))
    assert code_of(queue(moderators, other)) == (403, "membership_required")
    assert code_of(actions(moderators, other)) == (403, "membership_required")


def test_pages(moderators: APIClient, community: CommunityGroup, writes: Writes) -> None:
    posts = [writes().pk for _one in range(3)]
    first = queue(moderators, community, "?page_size=2").json()
    assert ([case["post"]["id"] for case in first["results"]], first["count"]) == (posts[:2], 3)
    second = moderators.get(first["next"]).json()
    assert [case["post"]["id"] for case in second["results"]] == posts[2:]
    assert queue(moderators, community, "?page=9").status_code == 404
    assert queue(moderators, community, "?page=x").status_code == 400


@pytest.mark.parametrize("read", [queue, actions])
def test_members_see_none_of_it(
    bilals: APIClient, chitras: APIClient, anonymous: APIClient, community: CommunityGroup, read: Any
) -> None:
    assert code_of(read(bilals, community)) == (403, "moderators_only")
    assert code_of(read(chitras, community)) == (403, "membership_required")
    assert read(anonymous, community).status_code == 401
    CommunityGroup.objects.update(visibility="private")
    assert code_of(read(chitras, community)) == (404, "not_found")


def test_the_log_says_who_did_what_to_whom_and_why(
    moderators: APIClient, community: CommunityGroup, writes: Writes, asha: CustomUser, bilal: CustomUser
) -> None:
    post = writes("published")
    remove_post(moderator=asha, post_id=post.pk, reason="Off topic.")
    mute_member(moderator=asha, community_id=community.pk, user_id=bilal.pk, until=None, reason="Nothing to lift.")
    change = moderators.patch(
        f"/api/community/groups/{community.pk}/members/{bilal.pk}/",
        {"muted_until": "2999-01-01T00:00:00Z", "reason": "Shouting."},
        format="json",
    )
    assert change.status_code == 200
    page = actions(moderators, community).json()
    assert [(row["verb"], row["actor"]["username"], row["reason"]) for row in page["results"]] == [
        ("mute", "moderator", "Shouting."),
        ("remove", "asha", "Off topic."),
    ]
    mute, removal = page["results"]
    assert (mute["member"]["username"], mute["until"], mute["post_id"]) == ("bilal", "2999-01-01T00:00:00Z", None)
    assert (removal["post_id"], removal["member"], removal["undone_by_id"], removal["undoes_id"]) == (
        post.pk,
        None,
        None,
        None,
    )


# --- costs --------------------------------------------------------------------------------------


def cost(read: Any, client: APIClient, community: CommunityGroup) -> tuple[int, int]:
    """Return the rows of the page and the statements it took."""
    with CaptureQueriesContext(connection) as statements:
        answer = read(client, community)
    return len(answer.json()["results"]), len(statements)


def test_the_queue_costs_the_same_however_much_waits(
    moderators: APIClient, community: CommunityGroup, writes: Writes, says: Says, asha: CustomUser, admin: CustomUser
) -> None:
    taken = []
    for _round in range(3):
        complain(says(), asha, admin)
        complain(writes("published"), asha, admin)
        writes()
        taken.append(cost(queue, moderators, community))
    assert [rows for rows, _statements in taken] == [3, 6, 9]
    assert {statements for _rows, statements in taken} == {8}


def test_the_log_costs_the_same_however_long_it_is(
    moderators: APIClient, community: CommunityGroup, writes: Writes, asha: CustomUser
) -> None:
    taken = []
    for _round in range(3):
        remove_post(moderator=asha, post_id=writes("published").pk)
        taken.append(cost(actions, moderators, community))
    assert taken == [(1, 3), (2, 3), (3, 3)]
