"""The back office: people see the communities that they moderate, and nothing is counted or thrown out by hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import CustomUser
from community.models import CommunityGroup, Membership
from tests.community.groups.test_looking_after import picture
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db
GROUPS = "/admin/community/communitygroup/"
MEMBERS = "/admin/community/membership/"


def staff(user: CustomUser, group: str) -> Client:
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get(name=group))
    return signed_in(user)


def signed_in(user: CustomUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def others(db: None) -> CommunityGroup:
    colleague = person("chitra", role="instructor")
    return make_community(make_course(colleague, contents=0, title="Numbers in Signs"))


def form(**changed: Any) -> dict[str, Any]:
    return {"title": "Alphabet in Signs", "description": "", "visibility": "public", **changed}


def test_an_instructor_looks_after_own_communities_only(
    asha: CustomUser, community: CommunityGroup, others: CommunityGroup
) -> None:
    office = staff(asha, "instructor")
    shown = office.get(GROUPS).content.decode()
    assert "Alphabet in Signs" in shown
    assert "Numbers in Signs" not in shown
    assert office.get(f"{GROUPS}{others.pk}/change/").status_code == 302
    assert office.get(MEMBERS, {"q": "asha"}).status_code == 200
    answer = office.post(f"{GROUPS}{community.pk}/change/", form(visibility="instructor_moderated"))
    assert answer.status_code == 302
    community.refresh_from_db()
    assert community.visibility == "instructor_moderated"


def test_a_moderator_sees_the_communities_that_they_moderate(
    bilal: CustomUser, community: CommunityGroup, others: CommunityGroup
) -> None:
    join(bilal, community, role="moderator")
    join(bilal, others)
    office = staff(bilal, "moderator")
    shown = office.get(GROUPS).content.decode() + office.get(MEMBERS).content.decode()
    assert "Alphabet in Signs" in shown
    assert "Numbers in Signs" not in shown
    assert office.post(f"{GROUPS}{community.pk}/change/", form()).status_code == 403
    CommunityGroup.objects.update(visibility="private")  # for instructors alone, here too
    assert "Alphabet in Signs" not in office.get(GROUPS).content.decode()


def test_counts_that_moved_while_the_page_was_open_stay(
    admin: CustomUser, bilal: CustomUser, community: CommunityGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    from community.groups.admin import CommunityGroupAdmin

    save = CommunityGroupAdmin.save_model

    def somebody_joins_first(self: Any, *arguments: Any) -> None:
        join(bilal, community)
        save(self, *arguments)

    monkeypatch.setattr(CommunityGroupAdmin, "save_model", somebody_joins_first)
    answer = signed_in(admin).post(f"{GROUPS}{community.pk}/change/", form(title="Signs", member_count=99))
    assert answer.status_code == 302
    community.refresh_from_db()
    assert (community.title, community.member_count) == ("Signs", 2)


def test_a_banner_is_put_up_and_taken_down(admin: CustomUser, community: CommunityGroup) -> None:
    office = signed_in(admin)
    office.post(f"{GROUPS}{community.pk}/change/", form(banner_image=picture()))
    community.refresh_from_db()
    assert str(community.banner_image).startswith("banners/")
    office.post(f"{GROUPS}{community.pk}/change/", form(**{"banner_image-clear": "on"}))
    community.refresh_from_db()
    assert not community.banner_image


def test_nobody_makes_or_deletes_communities_or_members_by_hand(admin: CustomUser, community: CommunityGroup) -> None:
    office = signed_in(admin)
    member = Membership.objects.get()
    for page, row in ((GROUPS, community), (MEMBERS, member)):
        assert office.get(f"{page}add/").status_code == 403
        assert office.get(f"{page}{row.pk}/delete/").status_code == 403
    office.post(f"{MEMBERS}{member.pk}/change/", {"role": "member"})
    member.refresh_from_db()
    assert member.role == "instructor"


def test_the_list_says_how_many_are_silenced(admin: CustomUser, bilal: CustomUser, community: CommunityGroup) -> None:
    now = timezone.now()
    join(bilal, community, muted_until=now + timedelta(days=1))
    join(person("free"), community, muted_until=now)
    listed = signed_in(admin).get(GROUPS)
    assert [row.silenced for row in listed.context["cl"].result_list] == [1]


def test_an_admin_deletes_a_course_that_nobody_enrolled_in_from_its_page(
    admin: CustomUser, community: CommunityGroup
) -> None:
    answer = signed_in(admin).post(f"/admin/courses/course/{community.course_id}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert not CommunityGroup.objects.exists()
