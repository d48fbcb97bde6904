"""A course has one community, from the day it is published; whoever owns the course teaches there."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.groups.services import open_group, seat_changed_owners
from community.groups.tasks import sweep_groups
from community.models import CommunityGroup, Membership
from courses.catalogue.services import update_course
from courses.models import Course
from e_learning.core.api.errors import NotThere
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db
GROUPS = "/api/community/groups/"


def seats(community: CommunityGroup) -> list[tuple[str, str]]:
    rows = Membership.objects.counted().filter(community=community).order_by("user__username")
    return list(rows.values_list("user__username", "role"))


def code_of(answer: Any) -> str:
    return str(answer.json()["errors"][0]["code"])


@pytest.mark.django_db(transaction=True)
def test_publishing_a_course_opens_its_community_with_its_teacher_in_it(asha: CustomUser) -> None:
    draft = make_course(asha, contents=0, published=False)
    assert not CommunityGroup.objects.exists()
    for _time in range(2):
        update_course(editor=asha, course_id=draft.pk, values={"is_published": True})
    community = CommunityGroup.objects.get(course=draft)
    assert (community.title, community.visibility, community.member_count) == ("Alphabet in Signs", "public", 1)
    assert seats(community) == [("asha", "instructor")]


def test_what_was_not_heard_is_opened_by_the_sweep(asha: CustomUser, course: Course) -> None:
    make_course(asha, contents=0, published=False)
    assert sweep_groups() == 1
    assert CommunityGroup.objects.get().course == course
    assert sweep_groups() == 0


def test_of_many_courses_every_missed_one_is_opened(asha: CustomUser, monkeypatch: pytest.MonkeyPatch) -> None:
    from community.groups.services import opening

    pages = opening.public_courses
    monkeypatch.setattr(opening, "public_courses", lambda after_id: pages(after_id=after_id, most=2))
    courses = [make_course(asha, contents=0) for _number in range(5)]
    make_community(courses[0])
    assert opening.open_missed_groups() == 4
    assert CommunityGroup.objects.count() == 5


def test_opening_again_gives_the_same(course: Course) -> None:
    assert open_group(course_id=course.pk) == open_group(course_id=course.pk)
    with pytest.raises(NotThere):
        open_group(course_id=course.pk + 1)


# --- courses change hands -----------------------------------------------------------------------


def test_a_new_owner_becomes_an_instructor_whatever_they_were(
    community: CommunityGroup, bilal: CustomUser, chitra: CustomUser
) -> None:
    for owner in (bilal, chitra):  # one was a member, the other never there
        if owner == bilal:
            join(bilal, community)
        Course.objects.filter(pk=community.course_id).update(instructor=owner)
        assert seat_changed_owners() == 1
        assert (owner.username, "instructor") in seats(community)
    assert seat_changed_owners() == 0


def test_an_owner_who_left_as_a_learner_is_back(community: CommunityGroup, bilal: CustomUser) -> None:
    membership = join(bilal, community)
    CommunityGroup.objects.update(member_count=1)
    Membership.objects.filter(pk=membership.pk).update(left_at=membership.joined_at, banned_until="2999-01-01T00:00Z")
    Course.objects.filter(pk=community.course_id).update(instructor=bilal)
    assert sweep_groups() == 1
    assert Membership.objects.awake().filter(user=bilal, role="instructor").exists()


def test_the_seat_of_an_owner_whose_account_is_closed_stays_empty(community: CommunityGroup, asha: CustomUser) -> None:
    CustomUser.objects.filter(pk=asha.pk).update(is_active=False)
    assert [sweep_groups() for _time in range(2)] == [1, 0]  # the first lets the membership sleep
    community.refresh_from_db()
    assert community.member_count == 0


# --- by hand ------------------------------------------------------------------------------------


def test_an_admin_opens_the_community_of_a_draft(admins: APIClient, asha: CustomUser) -> None:
    draft = make_course(asha, contents=0, published=False)
    body = {"course_id": draft.pk, "title": "Signs", "description": "Talk", "visibility": "private"}
    answer = admins.post(GROUPS, body | {"require_post_approval": True}, format="json")
    assert answer.status_code == 201
    assert answer.json() | {"id": 0, "created_at": ""} == {
        "id": 0,
        "course_id": draft.pk,
        "title": "Signs",
        "description": "Talk",
        "visibility": "private",
        "require_post_approval": True,
        "member_count": 1,
        "post_count": 0,
        "banner_image": None,
        "my_role": None,
        "created_at": "",
    }


def test_a_course_has_one_community(admins: APIClient, community: CommunityGroup) -> None:
    answer = admins.post(GROUPS, {"course_id": community.course_id}, format="json")
    assert (answer.status_code, code_of(answer)) == (409, "group_exists")


def test_a_lost_answer_is_given_again(admins: APIClient, course: Course) -> None:
    key = {"Idempotency-Key": "open-1"}
    answers = [admins.post(GROUPS, {"course_id": course.pk}, format="json", headers=key) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_only_admins_open_communities_by_hand(ashas: APIClient, bilals: APIClient, course: Course) -> None:
    for client in (ashas, bilals):
        assert client.post(GROUPS, {"course_id": course.pk}, format="json").status_code == 403
    assert not CommunityGroup.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"course_id": 2**63}, 400),
        ({"course_id": "x"}, 400),
        ({"course_id": 999_999}, 404),
        ({"course_id": 1, "visibility": "secret"}, 400),
        ({"course_id": 1, "title": ""}, 400),
        ({"course_id": 1, "title": "x" * 201}, 400),
        ([], 400),
    ],
)
def test_what_can_not_be_is_refused(admins: APIClient, body: Any, status: int) -> None:
    assert admins.post(GROUPS, body, format="json").status_code == status
