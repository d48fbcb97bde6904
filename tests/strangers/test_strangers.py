"""Chitra, a signed-in stranger, against every endpoint there is; and nobody at all against the same.

The tables are held against the schema: an endpoint that is added without saying what a stranger gets
fails the first test.
"""

import pytest
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course
from tests.conftest import ClientFor
from tests.strangers.school import OPERATIONS, school
from tests.strangers.tables import LISTS_OF_OWN, OPEN, OWN, OWNERS_LISTS, PUBLIC, REFUSED

pytestmark = pytest.mark.django_db


def test_every_endpoint_says_what_a_stranger_gets() -> None:
    assert set(OPERATIONS) == PUBLIC | OWN | OPEN | OWNERS_LISTS | set(REFUSED)


@pytest.mark.parametrize("operation", sorted(REFUSED))
@pytest.mark.parametrize("published", [True, False], ids=["published", "draft"])
def test_a_stranger_is_refused(
    operation: str, published: bool, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    there = school(asha, bilal, published=published)
    before = Course.objects.values_list("version", "title").get()
    answer = there.call(client_for(chitra), operation)
    assert answer.status_code == REFUSED[operation][0 if published else 1], answer.content
    assert answer.json()["type"] == "client_error"
    assert b"Why?" not in answer.content
    assert b"Secret" not in answer.content
    assert Course.objects.values_list("version", "title").get() == before


@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - PUBLIC))
def test_without_a_token_it_is_401(operation: str, asha: CustomUser, bilal: CustomUser, anonymous: APIClient) -> None:
    answer = school(asha, bilal, published=True).call(anonymous, operation)
    assert answer.status_code == 401, answer.content
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("operation", sorted(LISTS_OF_OWN | OWNERS_LISTS))
def test_lists_hold_nothing_of_others(
    operation: str, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    assert school(asha, bilal, published=True).call(client_for(chitra), operation).json()["results"] == []


def test_a_stranger_joins_and_keeps_no_draft(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    there, client = school(asha, bilal, published=False), client_for(chitra)
    for operation in ("courses_enroll", "bookmarks_create", "courses_retrieve", "coupons_validate", "community_group"):
        assert there.call(client, operation).status_code == 404
    assert client.get("/api/courses/courses/").json()["results"] == []


def test_a_student_writes_no_course(chitra: CustomUser, client_for: ClientFor) -> None:
    assert client_for(chitra).post("/api/courses/courses/", {"title": "Mine"}).status_code == 403


def test_of_a_person_a_stranger_sees_five_fields(asha: CustomUser, chitra: CustomUser, client_for: ClientFor) -> None:
    body = client_for(chitra).get(f"/api/accounts/users/{asha.pk}/").json()
    assert set(body) == {"id", "username", "full_name", "profile_image", "role"}
