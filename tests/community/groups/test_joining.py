"""Who is enrolled may join, and come and go; a ban and a mute outlive it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.groups.access import Muted, standing_in
from community.groups.services import set_own_preferences
from community.models import CommunityGroup, Membership
from courses.models import Course, Enrollment
from e_learning.core.api.errors import ApiError
from tests.community.groups.test_opening import GROUPS, code_of
from tests.factories.communities import join, make_community
from tests.factories.courses import enroll, make_course

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def to_join(client: APIClient, community: CommunityGroup) -> Any:
    return client.post(f"{GROUPS}{community.pk}/join/")


def to_leave(client: APIClient, community: CommunityGroup) -> Any:
    return client.post(f"{GROUPS}{community.pk}/leave/")


def member_count(community: CommunityGroup) -> int:
    return CommunityGroup.objects.get(pk=community.pk).member_count


def test_an_enrolled_learner_joins_and_twice_is_the_same(
    bilals: APIClient, bilal: CustomUser, community: CommunityGroup, enrollment: Enrollment
) -> None:
    first, second = to_join(bilals, community), to_join(bilals, community)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert first.json() | {"joined_at": ""} == {
        "user": {"id": bilal.pk, "username": "bilal", "full_name": "Bilal", "profile_image": None, "role": "student"},
        "role": "member",
        "joined_at": "",
        "muted_until": None,
        "banned_until": None,
        "email_notifications": True,
        "push_notifications": True,
    }
    assert member_count(community) == 2


def test_who_is_not_enrolled_may_know_of_it_and_not_join(chitras: APIClient, community: CommunityGroup) -> None:
    answer = to_join(chitras, community)
    assert (answer.status_code, code_of(answer)) == (403, "enrollment_required")
    assert not Membership.objects.filter(user__username="chitra").exists()


@pytest.mark.parametrize("ended", [{"is_active": False}, {"expiry_date": timezone.now() - DAY}])
def test_an_enrolment_that_ended_opens_nothing(
    bilals: APIClient, bilal: CustomUser, community: CommunityGroup, ended: dict[str, Any]
) -> None:
    enroll(bilal, community.course, **ended)
    assert code_of(to_join(bilals, community)) == "enrollment_required"


def test_a_community_of_instructors_is_not_there_for_a_learner(
    bilals: APIClient, community: CommunityGroup, enrollment: Enrollment
) -> None:
    CommunityGroup.objects.update(visibility="private")
    assert to_join(bilals, community).status_code == 404
    assert to_leave(bilals, community).status_code == 404


def test_the_community_of_a_draft_is_not_there(chitras: APIClient, asha: CustomUser) -> None:
    hidden = make_community(make_course(asha, contents=0, published=False))
    assert [to(chitras, hidden).status_code for to in (to_join, to_leave)] == [404, 404]


# --- leaving, and coming back -------------------------------------------------------------------


def test_a_member_leaves_and_twice_is_the_same(bilals: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community)
    assert [to_leave(bilals, community).status_code for _time in range(2)] == [204, 204]
    assert member_count(community) == 1
    with pytest.raises(ApiError, match="membership_required"):
        standing_in(user=bilal, community_id=community.pk)


def test_who_comes_back_is_a_plain_member_and_still_muted(
    bilals: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community, role="moderator", muted_until=timezone.now() + DAY)
    to_leave(bilals, community)
    answer = to_join(bilals, community).json()
    assert answer["role"] == "member"
    assert answer["muted_until"] is not None
    with pytest.raises(Muted):
        standing_in(user=bilal, community_id=community.pk).require_voice()
    assert member_count(community) == 2


def test_leaving_does_not_shake_off_a_ban(bilals: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community, banned_until=timezone.now() + DAY)
    assert to_leave(bilals, community).status_code == 204
    answer = to_join(bilals, community)
    assert (answer.status_code, code_of(answer)) == (403, "banned")
    assert member_count(community) == 1
    Membership.objects.filter(user=bilal).update(banned_until=timezone.now())
    assert to_join(bilals, community).status_code == 200


def test_who_sleeps_may_leave_and_is_not_counted_twice(
    bilals: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    membership = join(bilal, community, asleep_since=timezone.now())
    CommunityGroup.objects.update(member_count=1)
    assert to_leave(bilals, community).status_code == 204
    membership.refresh_from_db()
    assert membership.left_at is not None
    assert member_count(community) == 1


def test_joining_wakes_who_was_not_woken_yet(bilals: APIClient, bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community, role="moderator", asleep_since=timezone.now())
    CommunityGroup.objects.update(member_count=1)
    assert to_join(bilals, community).json()["role"] == "moderator"  # they never left
    assert member_count(community) == 2


def test_an_instructor_needs_no_enrolment_until_they_leave(
    chitras: APIClient, chitra: CustomUser, community: CommunityGroup
) -> None:
    Membership.objects.create(community=community, user=chitra, role="instructor")
    CommunityGroup.objects.update(member_count=2)
    assert to_join(chitras, community).json()["role"] == "instructor"
    assert to_leave(chitras, community).status_code == 204
    assert code_of(to_join(chitras, community)) == "enrollment_required"


def test_the_owner_stays(ashas: APIClient, community: CommunityGroup) -> None:
    answer = to_leave(ashas, community)
    assert (answer.status_code, code_of(answer)) == (409, "owner_stays")


def test_who_was_never_in_has_nothing_to_leave(
    chitras: APIClient, admins: APIClient, community: CommunityGroup
) -> None:
    for client in (chitras, admins):
        assert code_of(to_leave(client, community)) == "membership_required"
    assert chitras.post(f"{GROUPS}{community.pk + 1}/leave/").status_code == 404


# --- how to hear of it --------------------------------------------------------------------------


def test_a_member_says_how_to_hear_of_it(
    bilal: CustomUser, chitra: CustomUser, admin: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    set_own_preferences(user=bilal, community_id=community.pk, email_notifications=False)
    set_own_preferences(user=bilal, community_id=community.pk)
    kept = Membership.objects.get(user=bilal)
    assert (kept.email_notifications, kept.push_notifications) == (False, True)
    for stranger in (chitra, admin):
        with pytest.raises(ApiError, match="membership_required"):
            set_own_preferences(user=stranger, community_id=community.pk, push_notifications=False)


def test_the_course_of_another_opens_nothing_here(
    bilals: APIClient, bilal: CustomUser, asha: CustomUser, community: CommunityGroup
) -> None:
    other: Course = make_course(asha, contents=0)
    enroll(bilal, other)
    assert code_of(to_join(bilals, community)) == "enrollment_required"
