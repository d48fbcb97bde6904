"""Courses kept to be found again."""

import pytest
from django.utils import timezone

from courses.models import Bookmark, Course
from tests.factories.courses import make_course

KEPT = "/api/courses/bookmarks/"


def address(course: Course) -> str:
    return f"/api/courses/courses/{course.pk}/bookmark/"


def test_a_course_is_kept_once_and_let_go(asha, bilal, client_for):
    course, client = make_course(asha), client_for(bilal)
    first = client.post(address(course))
    assert (first.status_code, first.json()["course_id"]) == (201, course.pk)
    again = client.post(address(course))
    assert (again.status_code, again.json()) == (200, first.json())
    assert [row["id"] for row in client.get(KEPT).json()["results"]] == [course.pk]
    assert client.delete(address(course)).status_code == 204
    assert client.delete(address(course)).status_code == 204
    assert client.get(KEPT).json()["results"] == []


def test_the_latest_bookmark_comes_first_whoever_else_keeps_the_course(asha, bilal, chitra, client_for):
    courses = [make_course(asha, title=f"Course {number}", contents=0) for number in range(3)]
    for course in courses:
        client_for(bilal).post(address(course))
    for course in reversed(courses):
        client_for(chitra).post(address(course))
    shown = [row["title"] for row in client_for(bilal).get(KEPT).json()["results"]]
    assert shown == ["Course 2", "Course 1", "Course 0"]


def test_a_stranger_has_no_bookmarks_of_others_and_keeps_no_drafts(asha, bilal, chitra, client_for):
    course, draft = make_course(asha), make_course(asha, published=False)
    client_for(bilal).post(address(course))
    stranger = client_for(chitra)
    assert stranger.get(KEPT).json()["results"] == []
    assert stranger.delete(address(course)).status_code == 204
    assert Bookmark.objects.filter(user=bilal).exists()
    assert stranger.post(address(draft)).status_code == 404
    assert stranger.delete(address(draft)).status_code == 404
    assert not Bookmark.objects.filter(user=chitra).exists()


def test_a_course_taken_back_disappears_from_the_list_and_can_be_let_go(asha, bilal, client_for):
    course, client = make_course(asha), client_for(bilal)
    client.post(address(course))
    Course.objects.filter(pk=course.pk).update(is_published=False, archived_at=timezone.now())
    assert client.get(KEPT).json()["count"] == 0
    assert client.delete(address(course)).status_code == 204


def test_bookmarks_need_a_token(asha, anonymous):
    course = make_course(asha)
    assert anonymous.get(KEPT).status_code == 401
    assert anonymous.post(address(course)).status_code == 401
    assert anonymous.delete(address(course)).status_code == 401


@pytest.mark.parametrize("number", [1, 3])
def test_the_bookmarks_cost_the_same_for_one_and_for_three(
    asha, bilal, client_for, number, django_assert_max_num_queries
):
    for _course in range(number):
        Bookmark.objects.create(user=bilal, course=make_course(asha, contents=0))
    client = client_for(bilal)
    with django_assert_max_num_queries(3):
        assert len(client.get(KEPT).json()["results"]) == number
