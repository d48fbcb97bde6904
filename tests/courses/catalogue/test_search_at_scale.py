"""The plans of searches over many courses and contents on PostgreSQL."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.utils import timezone

from courses.catalogue.listing import CourseQuery, courses_asked_for
from courses.catalogue.search import asking
from courses.models import Content, ContentDocument, Course, Module, SearchDocument, SearchTerm
from courses.search_page import SearchQuery, search_page
from tests.factories.catalogue import findable_course
from tests.factories.courses import enroll
from tests.factories.people import person

MANY = 5_000
FILLER = "filler words of a text " * 40


@pytest.fixture
def crowd(asha):
    """Many courses of made-up words, and one that is looked for."""
    if connection.vendor != "postgresql":
        pytest.skip("plans are PostgreSQL's")
    courses = Course.objects.bulk_create(
        Course(instructor=asha, title=f"Course {number}", is_published=True) for number in range(MANY)
    )
    words = [f"{'abcdefghij'[number % 10]}{number * 7919 % 99_991:05d}x" for number in range(MANY)]
    SearchDocument.objects.bulk_create(
        SearchDocument(course=course, title=word, body="filler words of a text")
        for course, word in zip(courses, words, strict=True)
    )
    SearchTerm.objects.bulk_create((SearchTerm(term=word) for word in words), ignore_conflicts=True)
    wanted = findable_course(asha, "Spoken English", contents=1)
    modules = Module.objects.bulk_create(Module(course=course, title="All") for course in courses)
    contents = Content.objects.bulk_create(
        Content(module=module, title="A lesson", content_type="text", text_html=f"<p>Of {word}</p>")
        for module, word in zip(modules, words, strict=True)
    )
    ContentDocument.objects.bulk_create(
        ContentDocument(
            content=content,
            course_id=content.module.course_id,
            title="a lesson",
            body=word,
            written_from=timezone.now(),
        )
        for content, word in zip(contents, words, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE courses_course, courses_module, courses_content")
        cursor.execute("ANALYZE courses_searchdocument, courses_contentdocument, courses_searchterm")
    return wanted


def plan_of(statement: str, values: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_no_table_is_read_whole_for_a_misspelt_search(crowd):
    courses = courses_asked_for(AnonymousUser(), CourseQuery(search="spokn englsh"))
    assert list(courses) == [crowd]
    lookup = plan_of(asking._LOOK_UP_POSTGRESQL, [["spokn", "englsh"]])
    assert "Seq Scan" not in lookup
    page = plan_of(*courses.all()[:20].query.sql_with_params())
    assert "Seq Scan on courses_searchdocument" not in page
    assert "Seq Scan on courses_course" not in page


def test_no_plan_of_a_search_over_everything_reads_what_is_searched_whole(crowd, bilal, admin):
    teacher = person("teacher", role="instructor")
    Course.objects.filter(pk__in=list(Course.objects.values_list("pk", flat=True)[:5])).update(instructor=teacher)
    enroll(bilal, crowd)
    plans: list[str] = []

    def explain(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        if not statement.startswith("EXPLAIN"):
            plans.append(plan_of(statement, values))
        return execute(statement, values, many, context)

    questions = {
        "spokn englsh": True,
        "lessno": True,
        "les": True,
        "spo": True,
        "lesson filler": True,
        "zzzzzzzz": False,
    }
    for caller in (AnonymousUser(), bilal, teacher, admin):
        for typed, is_found in questions.items():
            plans.clear()
            with connection.execute_wrapper(explain):
                found = search_page(user=caller, query=SearchQuery(typed=typed), at=timezone.now())
            assert bool(found["courses"] or found["contents"]) == is_found, (caller, typed)
            for table in ("searchdocument", "contentdocument", "searchterm", "content", "module"):
                assert not [plan for plan in plans if f"Seq Scan on courses_{table}" in plan], (caller, typed, table)
