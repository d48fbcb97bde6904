"""Which communities somebody sees, and what those who teach in them change."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.models import CommunityGroup
from courses.models import Course
from tests.community.groups.test_opening import GROUPS, code_of
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db


def picture(name: str = "banner.png") -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue())


def titles(client: APIClient, **query: Any) -> list[tuple[str, str | None]]:
    answer = client.get(GROUPS, query)
    assert answer.status_code == 200, answer.content
    return [(row["title"], row["my_role"]) for row in answer.json()["results"]]


@pytest.fixture
def school(asha: CustomUser) -> dict[str, CommunityGroup]:
    """A community of each kind, all of Asha's courses."""
    fields: dict[str, dict[str, Any]] = {"draft": {"published": False}, "open": {}, "private": {}}
    courses = {title: make_course(asha, contents=0, title=title, **said) for title, said in fields.items()}
    school = {title: make_community(course) for title, course in courses.items()}
    CommunityGroup.objects.filter(pk=school["private"].pk).update(visibility="private")
    return school


def test_everybody_sees_what_they_may_know_of(
    school: dict[str, CommunityGroup],
    ashas: APIClient,
    bilals: APIClient,
    chitras: APIClient,
    admins: APIClient,
    bilal: CustomUser,
) -> None:
    for community in school.values():
        join(bilal, community)
    assert titles(chitras) == [("open", None)]
    assert titles(bilals) == [("draft", "member"), ("open", "member")]
    assert titles(ashas) == [("draft", "instructor"), ("open", "instructor"), ("private", "instructor")]
    assert titles(admins) == [("draft", None), ("open", None), ("private", None)]


def test_the_list_is_narrowed_to_a_course_and_to_ones_own(
    school: dict[str, CommunityGroup], chitras: APIClient, bilals: APIClient, bilal: CustomUser
) -> None:
    join(bilal, school["open"])
    assert titles(chitras, mine="true") == []
    assert titles(bilals, mine="true") == [("open", "member")]
    assert titles(chitras, course_id=school["open"].course_id) == [("open", None)]
    assert titles(chitras, course_id=school["draft"].course_id) == []
    for wrong in ({"course_id": "x"}, {"course_id": 0}, {"course_id": 2**63}, {"mine": "perhaps"}):
        assert chitras.get(GROUPS, wrong).status_code == 400


def test_one_community_is_there_for_whom_the_list_shows_it(
    school: dict[str, CommunityGroup], chitras: APIClient, ashas: APIClient
) -> None:
    found = {kind: chitras.get(f"{GROUPS}{community.pk}/").status_code for kind, community in school.items()}
    assert found == {"draft": 404, "open": 200, "private": 404}
    assert ashas.get(f"{GROUPS}{school['private'].pk}/").json()["my_role"] == "instructor"


# --- changing -----------------------------------------------------------------------------------


def test_the_owner_changes_what_is_sent(ashas: APIClient, community: CommunityGroup) -> None:
    body = {"title": "Signs", "description": "", "visibility": "instructor_moderated", "require_post_approval": True}
    answer = ashas.patch(f"{GROUPS}{community.pk}/", body | {"member_count": 99}, format="json")
    assert answer.status_code == 200
    assert answer.json().items() >= (body | {"member_count": 1, "my_role": "instructor"}).items()
    assert ashas.patch(f"{GROUPS}{community.pk}/", {}, format="json").json()["title"] == "Signs"


def test_instructors_and_admins_may_too_and_nobody_else(
    bilals: APIClient,
    chitras: APIClient,
    admins: APIClient,
    bilal: CustomUser,
    community: CommunityGroup,
) -> None:
    membership = join(bilal, community, role="moderator")

    def change(client: APIClient) -> Any:
        return client.patch(f"{GROUPS}{community.pk}/", {"title": "Ours"}, format="json")

    assert [code_of(change(client)) for client in (bilals, chitras)] == ["instructors_only", "membership_required"]
    CommunityGroup.objects.update(visibility="private")
    assert [change(client).status_code for client in (bilals, chitras)] == [404, 404]
    membership.role = "instructor"
    membership.save()
    assert [change(client).status_code for client in (bilals, admins)] == [200, 200]


@pytest.mark.parametrize(
    "body",
    [{"title": ""}, {"title": "x" * 201}, {"title": None}, {"visibility": "secret"}, {"description": "x" * 2001}, []],
)
def test_what_can_not_be_changes_nothing(ashas: APIClient, community: CommunityGroup, body: Any) -> None:
    assert ashas.patch(f"{GROUPS}{community.pk}/", body, format="json").status_code == 400
    community.refresh_from_db()
    assert community.title == "Alphabet in Signs"


@pytest.mark.django_db(transaction=True)
def test_a_banner_is_judged_replaced_and_taken_away_with_its_file(ashas: APIClient, community: CommunityGroup) -> None:
    def send(**form: Any) -> Any:
        return ashas.patch(f"{GROUPS}{community.pk}/", form, format="multipart")

    first = send(banner_image=picture()).json()["banner_image"]
    assert first
    second = send(banner_image=picture(), title="With a picture").json()
    assert second["banner_image"] not in {None, first}
    assert second["title"] == "With a picture"
    wrong = send(banner_image=SimpleUploadedFile("banner.png", b"<svg onload='alert(1)'/>"))
    assert wrong.status_code in {400, 415}
    assert len(stored()) == 1
    assert ashas.patch(f"{GROUPS}{community.pk}/", {"banner_image": None}, format="json").json()["banner_image"] is None
    assert stored() == []


def stored() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_course_that_goes_takes_its_community_along(asha: CustomUser) -> None:
    community = make_community(make_course(asha, contents=0))
    Course.objects.get(pk=community.course_id).delete()
    assert not CommunityGroup.objects.exists()
