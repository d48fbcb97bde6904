"""The library: contents by grade, subject and topic, in what the caller may see, locks and all."""

from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, migrations
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.catalogue.services import create_content, refresh_course, update_content, update_course
from courses.models import Content, Course, Enrollment, Progress
from e_learning.core.api.paths import WordsConverter, in_path
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_content, make_course

pytestmark = pytest.mark.django_db
LIBRARY = "/api/courses/library/"


def shelf(*parts: str) -> str:
    return LIBRARY + "".join(f"{in_path(part)}/" for part in parts)


def course_on_shelf(asha: CustomUser, **fields: Any) -> Course:
    """Asha's course for grade 5, Signs: three contents that follow it, the first about letters."""
    course = make_course(asha, **({"grade": "5", "subject": "Signs"} | fields))
    Content.objects.filter(pk=contents_of(course)[0].pk).update(topic="Letters")
    refresh_course(course.pk)
    return course


def titles(client: APIClient, *parts: str) -> list[str]:
    answer = client.get(shelf(*parts))
    assert answer.status_code == 200
    return [row["title"] for row in answer.json()["results"]]


# --- shelves ------------------------------------------------------------------------------------


def test_a_content_without_a_grade_or_subject_stands_where_its_course_does(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course, client = course_on_shelf(asha), client_for(bilal)
    second = contents_of(course)[1]
    update_content(editor=asha, content_id=second.pk, values={"grade": "6", "subject": "Grammar"})
    assert titles(client, "5", "Signs") == ["Lesson 1", "Lesson 3"]
    assert titles(client, "5", "Signs", "Letters") == ["Lesson 1"]
    assert titles(client, "6", "Grammar") == ["Lesson 2"]
    assert titles(client, "6", "Signs") == []
    update_content(editor=asha, content_id=second.pk, values={"grade": ""})
    assert titles(client, "5", "Grammar") == ["Lesson 2"]


def test_contents_follow_their_course_to_another_shelf(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course, client = course_on_shelf(asha), client_for(bilal)
    update_content(editor=asha, content_id=contents_of(course)[1].pk, values={"grade": "9"})
    update_course(editor=asha, course_id=course.pk, values={"grade": "7"})
    assert titles(client, "5", "Signs") == []
    assert titles(client, "7", "Signs") == ["Lesson 1", "Lesson 3"]
    assert titles(client, "9", "Signs") == ["Lesson 2"]
    module = course.modules.get()
    create_content(editor=asha, module_id=module.pk, values={"title": "New", "content_type": "text"})
    assert titles(client, "7", "Signs") == ["Lesson 1", "Lesson 3", "New"]
    update_course(editor=asha, course_id=course.pk, values={"subject": ""})
    assert titles(client, "7", "Signs") == []


def test_a_course_saved_in_the_office_moves_its_contents(
    asha: CustomUser, admin: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course = course_on_shelf(asha)
    office = Client()
    office.force_login(admin)
    form = {
        "instructor": asha.pk, "title": course.title, "price_paise": 0, "level": course.level, "grade": "8",
        "language": course.language, "subject": "Signs", "learning_objectives": "[]", "is_published": "on",
    }  # fmt: skip
    assert office.post(f"/admin/courses/course/{course.pk}/change/", form).status_code == 302
    assert len(titles(client_for(bilal), "8", "Signs")) == 3


def test_contents_from_before_the_library_are_put_on_their_shelves(asha: CustomUser) -> None:
    course = make_course(asha, grade="5", subject="Signs")
    own = make_content(course.modules.get(), title="Own", grade="6", subject="Grammar")
    folder = Path(import_module("courses.migrations").__path__[0])
    modules = [import_module(f"courses.migrations.{path.stem}") for path in sorted(folder.glob("0*.py"))]
    [statement] = [
        str(operation.sql)
        for module in modules
        for operation in module.Migration.operations
        if isinstance(operation, migrations.RunSQL) and "shelf_grade" in str(operation.sql)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement)
    shelves = dict(Content.objects.values_list("title", "shelf_grade"))
    assert shelves == {"Lesson 1": "5", "Lesson 2": "5", "Lesson 3": "5", "Own": "6"}
    assert Content.objects.get(pk=own.pk).shelf_subject == "Grammar"


@pytest.mark.parametrize(
    "words", ["Science", "विज्ञान", "Social Science", "Maths/Physics", "a~1b/~0c~", "100%", "a?b#c&d=e", "+", "'\"", "."]
)
def test_any_words_can_stand_in_a_path(words: str, asha: CustomUser, bilal: CustomUser, client_for: ClientFor) -> None:
    course = make_course(asha, contents=1, grade="कक्षा 5"[:20], subject=words)
    Content.objects.update(topic=words)
    refresh_course(course.pk)
    client = client_for(bilal)
    [grade] = client.get(LIBRARY).json()["grades"]
    [subject] = grade["subjects"]
    assert (grade["grade"], subject["subject"], subject["topics"][0]["topic"]) == ("कक्षा 5", words, words)
    for path in (subject["path"], subject["topics"][0]["path"]):
        assert client.get(path).json()["count"] == 1
    assert WordsConverter().to_python(WordsConverter().to_url(words)) == words


@pytest.mark.parametrize("path", ["5/%00/", "%00/Signs/", "5/Signs/%00/", "5/" + "x" * 300 + "/", "5//", "5/"])
def test_what_can_be_no_shelf_is_not_there(path: str, bilal: CustomUser, client_for: ClientFor) -> None:
    answer = client_for(bilal).get(LIBRARY + path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "client_error"


@pytest.mark.parametrize("word", ["nothing", "\x01", "\ud7ff", quote("%ff"), "x" * 200, "' OR 1=1 --"])
def test_a_shelf_that_holds_nothing_is_empty(word: str, bilal: CustomUser, client_for: ClientFor) -> None:
    assert titles(client_for(bilal), word, word, word) == []


# --- who sees what ------------------------------------------------------------------------------


def test_a_row_tells_what_is_locked_and_holds_no_body(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    course = course_on_shelf(asha)
    first = contents_of(course)[0]
    Content.objects.filter(pk=first.pk).update(is_preview=True)
    answer = client_for(chitra).get(shelf("5", "Signs"))
    assert b"Secret" not in answer.content
    rows = answer.json()["results"]
    assert rows[0] == {
        "id": first.pk, "title": "Lesson 1", "content_type": "text", "duration": None, "is_preview": True,
        "is_locked": False, "is_completed": False, "grade": "5", "subject": "Signs", "topic": "Letters",
        "module_id": first.module_id, "course_id": course.pk, "course_title": "Alphabet in Signs",
    }  # fmt: skip
    assert [row["is_locked"] for row in rows] == [False, True, True]


def locks(client: APIClient) -> list[bool]:
    return [row["is_locked"] for row in client.get(shelf("5", "Signs")).json()["results"]]


def test_what_is_locked_here_is_what_does_not_open(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser, client_for: ClientFor
) -> None:
    course = course_on_shelf(asha)
    content = contents_of(course)[0]
    enrollment = enroll(bilal, course)
    Progress.objects.create(
        enrollment=enrollment, content=content, position_at=timezone.now(), updated_at=timezone.now(), is_completed=True
    )
    for user, is_locked in ((asha, False), (admin, False), (bilal, False), (chitra, True)):
        client = client_for(user)
        assert locks(client) == [is_locked] * 3
        assert (client.get(f"/api/courses/contents/{content.pk}/").status_code == 200) is not is_locked
    rows = client_for(bilal).get(shelf("5", "Signs")).json()["results"]
    assert [row["is_completed"] for row in rows] == [True, False, False]
    Enrollment.objects.update(expiry_date=timezone.now())
    assert locks(client_for(bilal)) == [True] * 3


def test_drafts_are_their_owners_and_archived_courses_their_learners(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    course = course_on_shelf(asha)
    enroll(bilal, course)
    Course.objects.update(is_published=False, archived_at=timezone.now())
    assert titles(client_for(chitra), "5", "Signs") == []
    assert client_for(chitra).get(LIBRARY).json() == {"grades": []}
    assert len(titles(client_for(bilal), "5", "Signs")) == len(titles(client_for(asha), "5", "Signs")) == 3
    for address in (LIBRARY, shelf("5", "Signs"), shelf("5", "Signs", "Letters")):
        assert anonymous.get(address).status_code == 401


def test_the_library_counts_what_there_is(asha: CustomUser, bilal: CustomUser, client_for: ClientFor) -> None:
    course_on_shelf(asha)
    course_on_shelf(asha, grade="6", contents=1)
    make_course(asha, subject="Signs")  # without a grade: on no shelf
    body = client_for(bilal).get(LIBRARY).json()
    assert body["grades"][0] == {
        "grade": "5",
        "count": 3,
        "subjects": [
            {
                "subject": "Signs",
                "count": 3,
                "path": "/api/courses/library/5/Signs/",
                "topics": [{"topic": "Letters", "count": 1, "path": "/api/courses/library/5/Signs/Letters/"}],
            }
        ],
    }
    assert [(grade["grade"], grade["count"]) for grade in body["grades"]] == [("5", 3), ("6", 1)]


def test_a_shelf_comes_in_pages(asha: CustomUser, bilal: CustomUser, client_for: ClientFor) -> None:
    course_on_shelf(asha)
    client = client_for(bilal)
    first = client.get(shelf("5", "Signs"), {"page_size": 2}).json()
    assert (first["count"], [row["title"] for row in first["results"]]) == (3, ["Lesson 1", "Lesson 2"])
    assert [row["title"] for row in client.get(first["next"]).json()["results"]] == ["Lesson 3"]


@pytest.mark.parametrize("number", [1, 3])
def test_the_library_costs_the_same_for_one_and_for_three(
    number: int, asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    for _course in range(number):
        enroll(bilal, course_on_shelf(asha, contents=1))
    client = client_for(bilal)
    for address, statements in ((LIBRARY, 2), (shelf("5", "Signs"), 3), (shelf("5", "Signs", "Letters"), 3)):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        assert len(seen) == statements
