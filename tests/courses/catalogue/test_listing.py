"""The public list of courses and the tree of categories."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework import serializers

from courses.catalogue.serializers import (
    AuthoredCourseSerializer,
    CourseListSerializer,
    CourseSummarySerializer,
    authored_course,
    course_summary,
)
from courses.models import Category, Course
from tests.factories.catalogue import findable_course
from tests.factories.courses import enroll, make_course

LIST = "/api/courses/courses/"
CONTRACT_ROW = (
    "id title summary price currency thumbnail category level language subject grade rating rating_count "
    "enrolled_count duration content_count is_trending is_premium instructor"
).split()


def titles(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["results"]]


def fields_of(serializer: type[serializers.BaseSerializer[Any]]) -> set[str]:
    return set(serializer().fields)  # type: ignore[attr-defined]  # every serializer here has fields


def test_a_row_has_exactly_the_contracts_fields(asha, anonymous):
    category = Category.objects.create(name="Languages", slug="languages")
    make_course(asha, title="Spoken English", price_paise=49_900, category=category, rating="4.25", contents=2)
    [row] = anonymous.get(LIST).json()["results"]
    assert list(row) == CONTRACT_ROW
    assert (row["price"], row["currency"], row["is_premium"]) == ("499.00", "INR", True)
    assert row["category"] == {"id": category.pk, "name": "Languages", "slug": "languages"}
    assert row["instructor"] == {"id": asha.pk, "username": "asha", "full_name": "Asha", "profile_image": None}
    assert (row["thumbnail"], row["rating"], row["content_count"]) == (None, 4.25, 2)


def test_the_schema_names_what_is_sent(asha, anonymous):
    course = make_course(asha)
    assert fields_of(CourseSummarySerializer) == set(course_summary(course)) == set(CONTRACT_ROW)
    assert fields_of(AuthoredCourseSerializer) == set(authored_course(course))
    assert fields_of(CourseListSerializer) == set(anonymous.get(LIST).json())


def test_the_list_is_public_and_its_pages_fit_together(asha, anonymous):
    for number in range(3):
        make_course(asha, title=f"Course {number}")
    first = anonymous.get(LIST, {"page_size": 2}).json()
    assert (first["count"], len(first["results"]), first["previous"]) == (3, 2, None)
    second = anonymous.get(first["next"]).json()
    assert (len(second["results"]), second["next"]) == (1, None)
    assert anonymous.get(LIST, {"page": 3, "page_size": 2}).status_code == 404


def test_a_draft_is_listed_for_its_owner_and_admins_only(asha, bilal, chitra, admin, client_for, anonymous):
    course = make_course(asha, title="Draft", published=False, subject="secret", level="advanced")
    archived = make_course(asha, title="Archived", archived_at=timezone.now(), is_published=False, grade="9")
    for course_kept in (course, archived):
        enroll(bilal, course_kept)  # what a learner keeps is not in the catalogue all the same
    for client in (anonymous, client_for(chitra), client_for(bilal)):
        body = client.get(LIST).json()
        assert (body["count"], body["results"]) == (0, [])
        assert not any(body["filters"].values())
    for client in (client_for(asha), client_for(admin)):
        body = client.get(LIST).json()
        assert {row["title"] for row in body["results"]} == {"Draft", "Archived"}
        assert [entry["value"] for entry in body["filters"]["subject"]] == ["secret"]


@pytest.fixture
def shelf(asha):
    languages = Category.objects.create(name="Languages", slug="languages")
    signs = Category.objects.create(name="Signs", slug="signs", parent=languages)
    now = timezone.now()
    make_course(
        asha, title="Alphabet", category=signs, language="hi", subject="signs", grade="1", enrolled_count=5,
        published_at=now - timedelta(days=2), rating="3.00", is_trending=True, contents=0,
    )  # fmt: skip
    make_course(
        asha, title="speaking", category=languages, level="advanced", price_paise=49_900, subject="english",
        enrolled_count=9, published_at=now - timedelta(days=3), rating="5.00", contents=0,
    )  # fmt: skip
    make_course(
        asha, title="Numbers", price_paise=9_900, subject="signs", enrolled_count=1,
        published_at=now - timedelta(days=1), rating="4.00", contents=0,
    )  # fmt: skip
    return {"languages": languages, "signs": signs}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Numbers", "Alphabet", "speaking"]),
        ({"ordering": "recent"}, ["Numbers", "Alphabet", "speaking"]),
        ({"ordering": "-recent"}, ["speaking", "Alphabet", "Numbers"]),
        ({"ordering": "popularity"}, ["speaking", "Alphabet", "Numbers"]),
        ({"ordering": "rating"}, ["speaking", "Numbers", "Alphabet"]),
        ({"ordering": "title"}, ["Alphabet", "Numbers", "speaking"]),
        ({"ordering": "-title"}, ["speaking", "Numbers", "Alphabet"]),
        ({"ordering": "price"}, ["Alphabet", "Numbers", "speaking"]),
        ({"ordering": "-price"}, ["speaking", "Numbers", "Alphabet"]),
        ({"level": "advanced"}, ["speaking"]),
        ({"language": "hi"}, ["Alphabet"]),
        ({"subject": "signs"}, ["Numbers", "Alphabet"]),
        ({"grade": "1"}, ["Alphabet"]),
        ({"is_free": "true"}, ["Alphabet"]),
        ({"is_free": "false"}, ["Numbers", "speaking"]),
        ({"min_rating": "4"}, ["Numbers", "speaking"]),
        ({"is_trending": "true"}, ["Alphabet"]),
        ({"category": "languages"}, ["Alphabet", "speaking"]),
        ({"category": "signs"}, ["Alphabet"]),
        ({"category": "nothing"}, []),
        ({"category": "99999999999999999999"}, []),
        ({"subject": "signs", "is_free": "false"}, ["Numbers"]),
        ({"level": "", "is_free": "", "search": "", "ordering": ""}, ["Numbers", "Alphabet", "speaking"]),
    ],
)  # fmt: skip
def test_filters_narrow_and_orderings_order(shelf, anonymous, query, expected):
    assert titles(anonymous.get(LIST, query)) == expected


def test_a_category_is_also_asked_for_by_its_id(shelf, anonymous):
    assert titles(anonymous.get(LIST, {"category": shelf["signs"].pk})) == ["Alphabet"]


@pytest.mark.parametrize(
    "query",
    [
        {"level": "expert"},
        {"ordering": "id"},
        {"ordering": "--title"},
        {"min_rating": "6"},
        {"min_rating": "nan"},
        {"is_free": "perhaps"},
        {"page": "x"},
        {"search": "a\0b"},
        {"subject": "a\0b"},
        {"category": "x" * 101},
    ],
)
def test_a_query_that_makes_no_sense_is_a_400(anonymous, db, query):
    assert anonymous.get(LIST, query).status_code == 400


def test_filters_count_what_was_found(shelf, anonymous):
    filters = anonymous.get(LIST).json()["filters"]
    assert filters == {
        "category": [
            {"value": shelf["languages"].pk, "label": "Languages", "count": 1},
            {"value": shelf["signs"].pk, "label": "Signs", "count": 1},
        ],
        "level": [
            {"value": "beginner", "label": "beginner", "count": 2},
            {"value": "advanced", "label": "advanced", "count": 1},
        ],
        "language": [
            {"value": "en", "label": "English", "count": 2},
            {"value": "hi", "label": "Hindi", "count": 1},
        ],
        "subject": [
            {"value": "signs", "label": "signs", "count": 2},
            {"value": "english", "label": "english", "count": 1},
        ],
        "grade": [{"value": "1", "label": "1", "count": 1}],
    }
    narrowed = anonymous.get(LIST, {"subject": "signs", "is_free": "false"}).json()["filters"]
    assert [entry["count"] for entry in narrowed["subject"]] == [1]
    assert narrowed["grade"] == narrowed["category"] == []


def test_filters_count_under_a_search(asha, anonymous):
    findable_course(asha, "Alphabet in Signs", subject="signs")
    findable_course(asha, "Spoken English", subject="english")
    body = anonymous.get(LIST, {"search": "aplhabet"}).json()
    assert body["count"] == 1
    assert [entry["value"] for entry in body["filters"]["subject"]] == ["signs"]
    assert anonymous.get(LIST, {"search": "aplhabet", "subject": "english"}).json()["results"] == []


def test_an_ordering_asked_for_beats_relevance(asha, anonymous):
    findable_course(asha, "History", enrolled_count=1)
    findable_course(asha, "Cooking", description="Its history", enrolled_count=7)
    assert titles(anonymous.get(LIST, {"search": "history"})) == ["History", "Cooking"]
    assert titles(anonymous.get(LIST, {"search": "history", "ordering": "popularity"})) == ["Cooking", "History"]


@pytest.mark.parametrize("query", [{}, {"search": "corse"}, {"category": "languages", "ordering": "title"}])
@pytest.mark.parametrize("courses", [1, 3])
def test_the_list_costs_the_same_for_one_course_and_for_three(
    asha, chitra, anonymous, client_for, django_assert_max_num_queries, query, courses
):
    category = Category.objects.create(name="Languages", slug="languages")
    for number in range(courses):
        findable_course(asha, f"Course {number}", category=category)
    signed_in = client_for(chitra)
    statements = 3 if "search" in query else 2
    with django_assert_max_num_queries(statements):
        assert len(titles(anonymous.get(LIST, query))) == courses
    with django_assert_max_num_queries(statements + 1):
        assert len(titles(signed_in.get(LIST, query))) == courses


def test_an_unchanged_list_is_a_304_until_a_course_changes(asha, anonymous):
    course = make_course(asha)
    first = anonymous.get(LIST)
    again = anonymous.get(LIST, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    Course.objects.filter(pk=course.pk).update(title="Another")
    assert anonymous.get(LIST, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_categories_are_a_public_tree_in_one_statement(anonymous, db, django_assert_num_queries):
    languages = Category.objects.create(name="Languages", slug="languages", order=2)
    Category.objects.create(name="Signs", slug="signs", parent=languages)
    Category.objects.create(name="Maths", slug="maths", order=1)
    with django_assert_num_queries(1):
        response = anonymous.get("/api/courses/categories/")
    assert [(node["slug"], [child["slug"] for child in node["children"]]) for node in response.json()] == [
        ("maths", []),
        ("languages", ["signs"]),
    ]
    again = anonymous.get("/api/courses/categories/", HTTP_IF_NONE_MATCH=response["ETag"])
    assert again.status_code == 304


def test_a_ring_of_categories_hangs_nothing_up(asha, anonymous):
    first = Category.objects.create(name="First", slug="first")
    second = Category.objects.create(name="Second", slug="second", parent=first)
    Category.objects.filter(pk=first.pk).update(parent=second)
    make_course(asha, title="Within", category=second)
    assert anonymous.get("/api/courses/categories/").json() == []
    assert titles(anonymous.get(LIST, {"category": "first"})) == ["Within"]
