"""The page of a course: what each reader sees of it, and how fresh and cheap it is."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser, Session
from courses.models import Bookmark, Course
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course

pytestmark = pytest.mark.django_db


def url(course: Course) -> str:
    return f"/api/courses/courses/{course.pk}/"


@pytest.fixture
def course(asha: CustomUser) -> Course:
    course = make_course(asha, description="About signs", learning_objectives=["Spell"], price_paise=49900)
    make_content(course.modules.get(), title="A taste", is_preview=True, order=9)
    return course


def locks(body: dict[str, Any]) -> list[bool]:
    return [content["is_locked"] for module in body["modules"] for content in module["contents"]]


def test_anyone_reads_the_page_and_no_content_is_in_it(course: Course, anonymous: APIClient) -> None:
    answer = anonymous.get(url(course))
    body = answer.json()
    assert answer.status_code == 200
    assert body["my"] is None
    assert body["price"] == "499.00"
    assert body["learning_objectives"] == ["Spell"]
    assert [module["title"] for module in body["modules"]] == ["First steps"]
    assert set(body["modules"][0]["contents"][0]) == {
        "id", "title", "section", "content_type", "duration", "is_preview", "is_locked", "is_completed", "order",
    }  # fmt: skip
    assert locks(body) == [True, True, True, False]
    assert b"Secret" not in answer.content


def test_a_stranger_sees_locks_and_a_my_of_nothing(course: Course, chitra: CustomUser, client_for: ClientFor) -> None:
    body = client_for(chitra).get(url(course)).json()
    assert locks(body) == [True, True, True, False]
    assert body["my"] == {
        "is_enrolled": False,
        "progress_percent": 0.0,
        "is_bookmarked": False,
        "next_content_id": None,
    }


def test_a_learner_sees_everything_open_and_what_comes_next(
    course: Course, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    enroll(bilal, course)
    Bookmark.objects.create(user=bilal, course=course)
    client, contents = client_for(bilal), contents_of(course)
    client.post(
        "/api/courses/progress/update/",
        {"content_id": contents[0].pk, "last_position": 0, "time_spent": 1, "is_completed": True},
    )
    body = client.get(url(course)).json()
    assert locks(body) == [False] * 4
    assert [c["is_completed"] for c in body["modules"][0]["contents"]] == [True, False, False, False]
    assert body["my"] == {
        "is_enrolled": True,
        "progress_percent": 25.0,
        "is_bookmarked": True,
        "next_content_id": contents[1].pk,
    }
    others = client_for(chitra).get(url(course)).json()
    assert not any(c["is_completed"] for c in others["modules"][0]["contents"])


def test_owner_and_admin_see_everything_open(
    course: Course, asha: CustomUser, admin: CustomUser, client_for: ClientFor
) -> None:
    assert locks(client_for(asha).get(url(course)).json()) == [False] * 4
    assert locks(client_for(admin).get(url(course)).json()) == [False] * 4


def test_a_draft_is_seen_by_owner_and_admin_only(
    asha: CustomUser,
    admin: CustomUser,
    bilal: CustomUser,
    chitra: CustomUser,
    client_for: ClientFor,
    anonymous: APIClient,
) -> None:
    draft = make_course(asha, published=False)
    assert client_for(asha).get(url(draft)).status_code == 200
    assert client_for(admin).get(url(draft)).status_code == 200
    assert client_for(chitra).get(url(draft)).status_code == 404
    assert anonymous.get(url(draft)).status_code == 404
    assert anonymous.get("/api/courses/courses/987654/").status_code == 404
    assert anonymous.get("/api/courses/courses/99999999999999999999/").status_code == 404
    enroll(bilal, draft)  # taken back to draft after he enrolled: it stays his
    assert client_for(bilal).get(url(draft)).status_code == 200


def test_the_owners_write_is_seen_at_once(
    course: Course, asha: CustomUser, anonymous: APIClient, client_for: ClientFor
) -> None:
    before = anonymous.get(url(course))
    assert client_for(asha).patch(url(course), {"title": "A new name"}).status_code == 200
    after = anonymous.get(url(course))
    assert after.json()["title"] == "A new name"
    assert before.headers["ETag"] != after.headers["ETag"]


def test_a_write_of_another_process_is_seen_at_once(course: Course, anonymous: APIClient) -> None:
    anonymous.get(url(course))
    # What another process leaves is rows and a higher version; nothing reaches this process's memory.
    Course.objects.filter(pk=course.pk).update(title="From elsewhere", version=course.version + 1)
    assert anonymous.get(url(course)).json()["title"] == "From elsewhere"


def test_the_etag_saves_the_body(
    course: Course, anonymous: APIClient, chitra: CustomUser, client_for: ClientFor
) -> None:
    for client in (anonymous, client_for(chitra)):
        etag = client.get(url(course)).headers["ETag"]
        again = client.get(url(course), headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")


def test_a_bad_or_ended_token_is_401_on_the_public_page_too(
    course: Course, bilal: CustomUser, client_for: ClientFor
) -> None:
    client = client_for(bilal)
    Session.objects.update(ended_at=timezone.now())
    assert client.get(url(course)).status_code == 401
    assert APIClient(headers={"Authorization": "Bearer x.y.z"}).get(url(course)).status_code == 401


@pytest.mark.parametrize("contents", [1, 3])
def test_statements_of_the_page(
    contents: int,
    asha: CustomUser,
    bilal: CustomUser,
    client_for: ClientFor,
    anonymous: APIClient,
    django_assert_num_queries: Any,
) -> None:
    course = make_course(asha, contents=contents)
    client = client_for(bilal)
    with django_assert_num_queries(5):
        anonymous.get(url(course))
    with django_assert_num_queries(1):
        anonymous.get(url(course))
    with django_assert_num_queries(1):
        client.get(url(course))


def test_the_memory_for_pages_is_bounded(
    asha: CustomUser, anonymous: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from courses.learning import course_page

    monkeypatch.setattr(course_page, "_MOST_KEPT", 2)
    course_page._kept.clear()
    for turn in range(4):
        anonymous.get(url(make_course(asha, title=f"Course {turn}")))
    assert len(course_page._kept) == 2
