"""What a learner touched, the latest first."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.models import Course, Enrollment, Progress
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_course

pytestmark = pytest.mark.django_db
HISTORY = "/api/courses/progress/history/"


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, contents=5)


def touched(enrollment: Enrollment, number: int, **fields: Any) -> None:
    """Bilal's content ``number`` of the course, touched so many minutes ago."""
    at = timezone.now() - timedelta(minutes=number)
    content = contents_of(enrollment.course)[number]
    Progress.objects.create(enrollment=enrollment, content=content, position_at=at, updated_at=at, **fields)


def test_a_row_says_what_was_touched_and_how_far(course: Course, bilal: CustomUser, client_for: ClientFor) -> None:
    at = timezone.now()
    touched(enroll(bilal, course), 0, time_spent=90, last_position=60, is_completed=True, completed_at=at)
    body = client_for(bilal).get(HISTORY).json()
    assert (body["next"], body["previous"]) == (None, None)
    [row] = body["results"]
    content = contents_of(course)[0]
    assert list(row) == [
        "content_id", "title", "content_type", "course_id", "course_title", "is_completed", "completed_at",
        "last_position", "time_spent", "updated_at",
    ]  # fmt: skip
    assert (row["content_id"], row["title"], row["content_type"]) == (content.pk, "Lesson 1", "text")
    assert (row["course_id"], row["course_title"]) == (course.pk, "Alphabet in Signs")
    assert (row["is_completed"], row["time_spent"], row["last_position"]) == (True, 90, 60)
    assert row["completed_at"].endswith("Z")
    assert row["updated_at"].endswith("Z")


def test_pages_go_from_the_latest_down_and_hold_what_was_touched_meanwhile_once(
    course: Course, bilal: CustomUser, client_for: ClientFor
) -> None:
    enrollment, client = enroll(bilal, course), client_for(bilal)
    for number in range(5):
        touched(enrollment, number)
    first = client.get(HISTORY, {"page_size": 2}).json()
    assert [row["title"] for row in first["results"]] == ["Lesson 1", "Lesson 2"]
    body = {"content_id": contents_of(course)[1].pk, "last_position": 1, "time_spent": 1}
    assert client.post("/api/courses/progress/update/", body).status_code == 200
    second = client.get(first["next"]).json()
    assert [row["title"] for row in second["results"]] == ["Lesson 3", "Lesson 4"]
    assert [row["title"] for row in client.get(second["next"]).json()["results"]] == ["Lesson 5"]
    assert client.get(HISTORY).json()["results"][0]["title"] == "Lesson 2"


def test_nobody_sees_what_others_touched(
    course: Course, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    touched(enroll(bilal, course), 0)
    enroll(chitra, course)
    assert client_for(chitra).get(HISTORY).json()["results"] == []
    assert anonymous.get(HISTORY).status_code == 401


@pytest.mark.parametrize("number", [1, 3])
def test_a_page_takes_two_statements(
    number: int, course: Course, bilal: CustomUser, client_for: ClientFor, django_assert_num_queries: Any
) -> None:
    enrollment, client = enroll(bilal, course), client_for(bilal)
    for place in range(number):
        touched(enrollment, place)
    with django_assert_num_queries(2):
        assert len(client.get(HISTORY).json()["results"]) == number


@pytest.mark.parametrize("query", ["cursor=x", "cursor=%00", "page_size=0", "page_size=x"])
def test_a_query_that_cannot_be_is_400(query: str, bilal: CustomUser, client_for: ClientFor) -> None:
    answer = client_for(bilal).get(f"{HISTORY}?{query}")
    assert answer.status_code == 400
    assert answer.json()["type"] == "validation_error"
