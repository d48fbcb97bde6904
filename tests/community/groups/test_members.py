"""Who is in sees who else is; what moderators know of a member is theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup
from courses.models import Enrollment
from tests.community.groups.test_opening import GROUPS, code_of
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def listed(client: APIClient, community: CommunityGroup, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{GROUPS}{community.pk}/members/", query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["user"]["username"] for row in rows]


def test_members_see_each_other_by_name(bilals: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community)
    rows = listed(bilals, community)
    assert [(row["user"]["full_name"], row["role"]) for row in rows] == [("Asha", "instructor"), ("Bilal", "member")]
    assert set(rows[0]["user"]) == {"id", "username", "full_name", "profile_image", "role"}


def test_a_name_and_a_role_narrow_the_list(bilals: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community)
    assert names(listed(bilals, community, search="ILA")) == ["bilal"]
    assert names(listed(bilals, community, role="instructor")) == ["asha"]
    assert names(listed(bilals, community, search="asha", role="member")) == []
    assert names(listed(bilals, community, search="%")) == []
    for wrong in ({"role": "king"}, {"search": "x" * 101}, {"page": "x"}):
        assert bilals.get(f"{GROUPS}{community.pk}/members/", wrong).status_code == 400


def test_who_left_sleeps_or_closed_the_account_is_not_listed(
    ashas: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    now = timezone.now()
    join(bilal, community, left_at=now)
    join(person("sleeper"), community)
    join(person("closed", is_active=False), community, asleep_since=now)
    CommunityGroup.objects.update(member_count=2)
    Enrollment.objects.filter(user__username="sleeper").update(is_active=False)
    assert names(listed(ashas, community)) == ["asha"]


def test_sanctions_are_for_moderators_and_whom_they_concern(
    ashas: APIClient, bilals: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    until = timezone.now() + DAY
    join(bilal, community, muted_until=until)
    join(person("muted"), community, muted_until=until)
    join(person("banned"), community, banned_until=until)
    seen = {row["user"]["username"]: row for row in listed(ashas, community)}
    assert [name for name, row in seen.items() if row["muted_until"] or row["banned_until"]] == [
        "banned",
        "bilal",
        "muted",
    ]
    seen = {row["user"]["username"]: row for row in listed(bilals, community)}
    assert list(seen) == ["asha", "bilal", "muted"]
    assert [name for name, row in seen.items() if row["muted_until"]] == ["bilal"]


def test_how_somebody_wishes_to_be_notified_is_their_own_affair(
    ashas: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    chosen = [(row["email_notifications"], row["push_notifications"]) for row in listed(ashas, community)]
    assert chosen == [(True, True), (None, None)]


def test_strangers_see_no_member(
    chitras: APIClient, bilals: APIClient, bilal: CustomUser, asha: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community, banned_until=timezone.now() + DAY)
    hidden = make_community(make_course(asha, contents=0, published=False))
    refused = {
        "membership_required": chitras.get(f"{GROUPS}{community.pk}/members/"),
        "banned": bilals.get(f"{GROUPS}{community.pk}/members/"),
        "not_found": chitras.get(f"{GROUPS}{hidden.pk}/members/"),
    }
    assert {code: code_of(answer) for code, answer in refused.items()} == {code: code for code in refused}
