"""Mutes, bans and roles: who may decide them about whom, how they end; and one's own preferences."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup, Membership, ModerationAction, Notification
from community.posts.services import create_post
from tests.community.moderation.conftest import code_of
from tests.conftest import ClientFor
from tests.factories.communities import join
from tests.factories.people import person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def tomorrow() -> str:
    return (timezone.now() + DAY).isoformat()


def change(client: APIClient, community: CommunityGroup, user: CustomUser, **body: Any) -> Any:
    address = f"/api/community/groups/{community.pk}/members/{user.pk}/"
    return client.patch(address, {"reason": "Shouting."} | body, format="json")


def of(user: CustomUser) -> Membership:
    return Membership.objects.get(user=user)


def test_a_muted_member_reads_and_does_not_write(
    moderators: APIClient, bilals: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    until = tomorrow()
    answer = change(moderators, community, bilal, muted_until=until)
    assert answer.status_code == 200
    assert answer.json()["muted_until"]
    body = {"title": "Tabla", "content": "Who plays?"}
    address = f"/api/community/groups/{community.pk}/posts/"
    assert bilals.get(address).status_code == 200
    assert code_of(bilals.post(address, body, format="json")) == (403, "muted")
    action = ModerationAction.objects.get()
    assert (action.verb, action.reason, action.membership) == ("mute", "Shouting.", of(bilal))
    assert action.until == of(bilal).muted_until
    assert Notification.objects.get(user=bilal).message == "Shouting."


def test_a_banned_member_does_not_even_read(
    moderators: APIClient, bilals: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    change(moderators, community, bilal, banned_until=tomorrow())
    address = f"/api/community/groups/{community.pk}/posts/"
    assert code_of(bilals.get(address)) == (403, "banned")
    assert change(moderators, community, bilal, banned_until=None).json()["banned_until"] is None
    assert bilals.get(address).status_code == 200
    assert list(ModerationAction.objects.order_by("id").values_list("verb", flat=True)) == ["ban", "unban"]


def test_both_end_by_themselves(bilal: CustomUser, community: CommunityGroup) -> None:
    over = timezone.now() - timedelta(seconds=1)
    Membership.objects.filter(user=bilal).update(muted_until=over, banned_until=over)
    assert create_post(author=bilal, community_id=community.pk, title="Tabla", content="Again").pk


def test_what_is_so_already_is_no_action(moderators: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    until = tomorrow()
    assert [change(moderators, community, bilal, muted_until=until).status_code for _time in range(2)] == [200, 200]
    assert change(moderators, community, bilal, banned_until=None).status_code == 200
    assert ModerationAction.objects.count() == 1


def test_several_things_are_several_actions_or_none(
    client_for: ClientFor, asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    ashas = client_for(asha)
    late = (timezone.now() - DAY).isoformat()
    assert code_of(change(ashas, community, bilal, role="moderator", muted_until=late)) == (400, "past")
    assert of(bilal).role == "member"
    assert change(ashas, community, bilal, role="moderator", muted_until=tomorrow()).status_code == 200
    assert set(ModerationAction.objects.values_list("verb", flat=True)) == {"role", "mute"}


@pytest.mark.parametrize(
    "body",
    [
        {"muted_until": "soon"},
        {"role": "king"},
        {"role": None},
        {"muted_until": "2999-01-01T00:00:00Z", "reason": ""},
        {"muted_until": "2999-01-01T00:00:00Z", "reason": None},
        {"banned_until": "9999-12-31T23:59:59+14:00x"},
        {},
    ],
)
def test_what_cannot_be_is_refused(
    moderators: APIClient, bilal: CustomUser, community: CommunityGroup, body: dict[str, Any]
) -> None:
    assert change(moderators, community, bilal, **body).status_code == 400
    assert not ModerationAction.objects.exists()


def test_a_decision_needs_a_reason(moderators: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    address = f"/api/community/groups/{community.pk}/members/{bilal.pk}/"
    answer = moderators.patch(address, {"muted_until": tomorrow()}, format="json")
    assert answer.status_code == 400
    assert [(error["code"], error["attr"]) for error in answer.json()["errors"]] == [("required", "reason")]


# --- rank ---------------------------------------------------------------------------------------

PEOPLE = ["member", "moderator", "instructor", "owner", "admin"]
#: Who may mute whom; nobody may mute themselves.
MAY_MUTE = {
    ("moderator", "member"),
    ("instructor", "member"),
    ("instructor", "moderator"),
    ("owner", "member"),
    ("owner", "moderator"),
    *(("admin", other) for other in PEOPLE if other != "admin"),
}


@pytest.fixture
def people(
    community: CommunityGroup, asha: CustomUser, bilal: CustomUser, moderator: CustomUser, admin: CustomUser
) -> dict[str, CustomUser]:
    instructor = person("instructor", role="instructor")
    join(instructor, community, role="instructor")
    join(admin, community)
    return {"member": bilal, "moderator": moderator, "instructor": instructor, "owner": asha, "admin": admin}


def test_nobody_sanctions_their_own_rank_or_above(
    people: dict[str, CustomUser], community: CommunityGroup, client_for: ClientFor
) -> None:
    may = set()
    for actor in PEOPLE:
        client = client_for(people[actor])
        for target in PEOPLE:
            answer = change(client, community, people[target], muted_until=tomorrow())
            assert answer.status_code == 200 or code_of(answer) in {(403, "rank"), (403, "moderators_only")}
            if answer.status_code == 200:
                may.add((actor, target))
            Membership.objects.update(muted_until=None)
    assert may == MAY_MUTE


def test_roles_are_given_by_instructors_and_that_of_an_instructor_by_admins(
    people: dict[str, CustomUser], community: CommunityGroup, client_for: ClientFor, bilal: CustomUser
) -> None:
    may = set()
    for actor in PEOPLE:
        client = client_for(people[actor])
        for role in ("moderator", "instructor"):
            if change(client, community, bilal, role=role).status_code == 200:
                may.add((actor, role))
            Membership.objects.filter(user=bilal).update(role="member")
    assert may == {("instructor", "moderator"), ("owner", "moderator"), ("admin", "moderator"), ("admin", "instructor")}


# --- who may at all, and own preferences --------------------------------------------------------


def test_strangers_learn_nothing(chitras: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    for body in ({"muted_until": None}, {"email_notifications": False}):
        assert code_of(change(chitras, community, bilal, **body)) == (403, "membership_required")
    CommunityGroup.objects.update(visibility="private")
    assert code_of(change(chitras, community, bilal, muted_until=None)) == (404, "not_found")


def test_who_never_joined_is_not_there(moderators: APIClient, chitra: CustomUser, community: CommunityGroup) -> None:
    assert code_of(change(moderators, community, chitra, muted_until=tomorrow())) == (404, "not_found")


def test_who_left_is_kept_out(
    moderators: APIClient, bilals: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    bilals.post(f"/api/community/groups/{community.pk}/leave/")
    assert change(moderators, community, bilal, banned_until=tomorrow()).status_code == 200
    assert code_of(bilals.post(f"/api/community/groups/{community.pk}/join/")) == (403, "banned")


def test_preferences_are_ones_own(
    moderators: APIClient, bilals: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    address = f"/api/community/groups/{community.pk}/members/{bilal.pk}/"
    answer = bilals.patch(address, {"email_notifications": False}, format="json")
    assert (answer.status_code, answer.json()["email_notifications"]) == (200, False)
    assert of(bilal).push_notifications is True
    assert code_of(moderators.patch(address, {"email_notifications": True}, format="json")) == (
        403,
        "permission_denied",
    )
    assert code_of(bilals.patch(address, {"muted_until": None, "reason": "Please."}, format="json")) == (
        403,
        "moderators_only",
    )
    assert not ModerationAction.objects.exists()
