"""Making, changing, moving, ordering and removing modules and contents."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.catalogue.services import delete_content, on_content_removal
from courses.models import Content, Course, Enrollment, Module, Progress, Quiz
from tests.factories.courses import contents_of, enroll, make_content, make_course
from tests.factories.people import person

MODULES, CONTENTS = "/api/courses/modules/", "/api/courses/contents/"


def at(base: str, row: Any) -> str:
    return f"{base}{row.pk}/"


def module_of(course: Course) -> Module:
    return Module.objects.filter(course=course).first()  # type: ignore[return-value]  # every course here has one


def standing(course: Course) -> tuple[int, int]:
    course.refresh_from_db()
    return course.content_count, course.duration


def snapshot() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Course, Module, Content)]


def test_a_module_is_added_last_changed_and_removed(asha, client_for, anonymous):
    course, client = make_course(asha), client_for(asha)
    response = client.post(MODULES, {"course_id": course.pk, "title": "Later", "description": "More"})
    assert response.status_code == 201, response.content
    module = response.json()
    assert module == {"id": module["id"], "course_id": course.pk, "title": "Later", "description": "More", "order": 2}
    address = f"{MODULES}{module['id']}/"
    assert client.get(address).json() == module
    assert client.patch(address, {"title": "Last", "order": 7}).json()["title"] == "Last"
    page = anonymous.get(f"/api/courses/courses/{course.pk}/").json()
    assert [shown["title"] for shown in page["modules"]] == ["First steps", "Last"]
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert len(anonymous.get(f"/api/courses/courses/{course.pk}/").json()["modules"]) == 1


def test_a_content_is_added_with_its_text_rendered_and_cleaned(asha, client_for):
    course, client = make_course(asha, contents=1), client_for(asha)
    body = {
        "module_id": module_of(course).pk,
        "title": "B",
        "section": "Letters",
        "content_type": "text",
        "text_content": "**B** <script>alert(1)</script>",
        "subject": "signs",
        "topic": "letters",
        "grade": "1",
        "is_preview": True,
    }
    response = client.post(CONTENTS, body)
    assert response.status_code == 201, response.content
    shown = response.json()
    assert {name: shown[name] for name in body} == body
    assert shown["text_html"] == "<p><strong>B</strong> </p>\n"
    assert (shown["course_id"], shown["order"], shown["version"]) == (course.pk, 2, 1)
    assert (shown["document"], shown["video_file"]) == (None, None)
    assert standing(course) == (2, 0)


def test_counts_and_version_follow_every_write(asha, client_for):
    course, client = make_course(asha, contents=0), client_for(asha)
    module = module_of(course)
    video = {"module_id": module.pk, "title": "V", "content_type": "video", "video_duration": 90}
    first = client.post(CONTENTS, video | {"video_url": "https://youtu.be/dQw4w9WgXcQ"}).json()
    client.post(CONTENTS, video | {"video_duration": None})
    client.post(CONTENTS, video | {"video_duration": 30})
    assert standing(course) == (3, 120)
    version = course.version
    changed = client.patch(f"{CONTENTS}{first['id']}/", {"video_duration": 60}).json()
    assert changed["version"] == first["version"] + 1
    assert standing(course) == (3, 90)
    assert course.version > version
    client.delete(f"{CONTENTS}{first['id']}/")
    assert standing(course) == (2, 30)
    client.delete(at(MODULES, module))
    assert standing(course) == (0, 0)


def test_a_change_of_text_is_rendered_anew_and_read_at_once(asha, client_for):
    course, client = make_course(asha), client_for(asha)
    content = contents_of(course)[0]
    first = client.get(at(CONTENTS, content)).json()
    client.patch(at(CONTENTS, content), {"text_content": "# New"})
    second = client.get(at(CONTENTS, content)).json()
    assert second["text_html"] == "<h1>New</h1>\n"
    assert second["version"] == first["version"] + 1
    client.patch(at(CONTENTS, content), {"title": "Only the title"})
    assert client.get(at(CONTENTS, content)).json()["text_html"] == "<h1>New</h1>\n"


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"title": ""}, "title"),
        ({"content_type": "film"}, "content_type"),
        ({"text_content": "x" * 100_001}, "text_content"),
        ({"video_url": "javascript:alert(1)"}, "video_url"),
        ({"video_url": "ftp://example.com/a.mp4"}, "video_url"),
        ({"video_url": "//example.com/a.mp4"}, "video_url"),
        ({"video_url": "https://example.com/" + "x" * 500}, "video_url"),
        ({"video_duration": -1}, "video_duration"),
        ({"video_duration": 2**40}, "video_duration"),
        ({"order": -1}, "order"),
        ({"order": 2**31}, "order"),
        ({"module_id": 10**30}, "module_id"),
        ({"module_id": "x"}, "module_id"),
        ({"module_id": None}, "module_id"),
    ],
)
def test_a_wrong_value_is_named_and_changes_nothing(asha, client_for, body, attr):
    course = make_course(asha)
    before = snapshot()
    response = client_for(asha).patch(at(CONTENTS, contents_of(course)[0]), body)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    new = {"module_id": module_of(course).pk, "title": "N", "content_type": "text"} | body
    assert client_for(asha).post(CONTENTS, new).status_code == 400
    assert snapshot() == before


def test_a_content_moves_within_its_course_only(asha, client_for):
    course, other = make_course(asha), make_course(asha, title="Other")
    foreign = make_course(person("teacher", role="instructor"), title="Foreign")
    later = Module.objects.create(course=course, title="Later", order=2)
    content, client = contents_of(course)[0], client_for(asha)
    moved = client.patch(at(CONTENTS, content), {"module_id": later.pk})
    assert (moved.status_code, moved.json()["module_id"]) == (200, later.pk)
    response = client.patch(at(CONTENTS, content), {"module_id": module_of(other).pk})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "other_course")
    assert client.patch(at(CONTENTS, content), {"module_id": module_of(foreign).pk}).status_code == 404
    content.refresh_from_db()
    assert content.module_id == later.pk


def test_a_content_that_holds_a_quiz_stays_a_quiz(asha, client_for):
    course = make_course(asha, contents=0)
    content = make_content(module_of(course), content_type="quiz")
    client = client_for(asha)
    assert client.patch(at(CONTENTS, content), {"content_type": "text"}).status_code == 200
    client.patch(at(CONTENTS, content), {"content_type": "quiz"})
    Quiz.objects.create(content=content, title="Quiz")
    response = client.patch(at(CONTENTS, content), {"content_type": "text"})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (409, "content_holds_quiz")
    assert client.patch(at(CONTENTS, content), {"title": "Still a quiz"}).status_code == 200


def test_siblings_are_put_in_order(asha, client_for, anonymous):
    course, client = make_course(asha), client_for(asha)
    ids = [content.pk for content in contents_of(course)]
    wanted = [ids[2], ids[0], ids[1]]
    assert client.post(f"{CONTENTS}reorder/", {"ids": wanted}).json() == {"ids": wanted}
    second = Module.objects.create(course=course, title="Second", order=2)
    modules = [second.pk, module_of(course).pk]
    assert client.post(f"{MODULES}reorder/", {"ids": modules}).status_code == 200
    page = anonymous.get(f"/api/courses/courses/{course.pk}/").json()
    assert [shown["id"] for shown in page["modules"]] == modules
    assert [shown["id"] for shown in page["modules"][1]["contents"]] == wanted


def test_an_order_names_all_siblings_once_and_nobody_elses(asha, client_for):
    course, other = make_course(asha), make_course(asha, title="Other")
    foreign = make_course(person("teacher", role="instructor"), title="Foreign")
    ids = [content.pk for content in contents_of(course)]
    before, client = snapshot(), client_for(asha)
    for wrong, status in (
        (ids[:2], 400),
        ([*ids, ids[0]], 400),
        ([ids[0], ids[0], ids[1]], 400),
        ([*ids, contents_of(other)[0].pk], 400),
        ([*ids, contents_of(foreign)[0].pk], 404),
        ([*ids, 2**60], 404),
        ([], 400),
        (["x"], 400),
        ([10**30], 400),
    ):
        assert client.post(f"{CONTENTS}reorder/", {"ids": wrong}).status_code == status, wrong
    mixed = [module_of(course).pk, module_of(other).pk]
    assert client.post(f"{MODULES}reorder/", {"ids": mixed}).status_code == 400
    assert client.post(f"{MODULES}reorder/", {"ids": [module_of(foreign).pk]}).status_code == 404
    assert snapshot() == before


@pytest.mark.parametrize("published", [True, False])
def test_a_stranger_sees_and_changes_no_module_and_no_content(asha, bilal, chitra, client_for, anonymous, published):
    course = make_course(asha, published=published)
    enroll(bilal, course)
    module, content = module_of(course), contents_of(course)[0]
    ids = {"ids": [row.pk for row in contents_of(course)]}
    new_content = {"module_id": module.pk, "title": "Mine", "content_type": "text"}
    before = snapshot()

    def answers(client: Any) -> set[int]:
        return {
            client.get(at(MODULES, module)).status_code,
            client.patch(at(MODULES, module), {"title": "Mine"}).status_code,
            client.delete(at(MODULES, module)).status_code,
            client.patch(at(CONTENTS, content), {"title": "Mine"}).status_code,
            client.delete(at(CONTENTS, content)).status_code,
            client.post(CONTENTS, new_content).status_code,
            client.post(f"{CONTENTS}reorder/", ids).status_code,
            client.post(f"{MODULES}reorder/", {"ids": [module.pk]}).status_code,
        }

    for user in (bilal, chitra, person("teacher", role="instructor")):
        client = client_for(user)
        assert answers(client) == {404}
        assert client.get(MODULES, {"course_id": course.pk}).json()["count"] == 0
        assert client.get(CONTENTS, {"module_id": module.pk}).json()["count"] == 0
    posted = client_for(chitra).post(MODULES, {"course_id": course.pk, "title": "Mine"})
    assert posted.status_code == (403 if published else 404)
    assert answers(anonymous) == {401}
    assert {anonymous.get(MODULES).status_code, anonymous.get(CONTENTS).status_code} == {401}
    assert snapshot() == before


def test_owners_list_their_rows_by_course_and_module(asha, admin, client_for):
    course, other = make_course(asha), make_course(asha, title="Other", contents=1)
    make_course(person("teacher", role="instructor"), title="Foreign")
    client = client_for(asha)
    assert client.get(MODULES).json()["count"] == 2
    assert [row["course_id"] for row in client.get(MODULES, {"course_id": other.pk}).json()["results"]] == [other.pk]
    assert client.get(CONTENTS).json()["count"] == 4
    assert client.get(CONTENTS, {"course_id": course.pk}).json()["count"] == 3
    assert client.get(CONTENTS, {"module_id": module_of(other).pk}).json()["count"] == 1
    assert client_for(admin).get(CONTENTS).json()["count"] == 7
    for wrong in ("x", "0", "-1", "99999999999999999999"):
        assert client.get(CONTENTS, {"module_id": wrong}).status_code == 400
        assert client.get(MODULES, {"course_id": wrong}).status_code == 400


@pytest.mark.parametrize("number", [1, 3])
def test_the_lists_cost_the_same_for_one_and_for_three(asha, client_for, number, django_assert_max_num_queries):
    course = make_course(asha, contents=number)
    for place in range(number - 1):
        Module.objects.create(course=course, title=str(place))
    client = client_for(asha)
    for base in (MODULES, CONTENTS):
        with django_assert_max_num_queries(3):
            assert client.get(base).json()["count"] == number


def completed(user: CustomUser, course: Course, contents: list[Content]) -> Enrollment:
    enrollment = enroll(user, course, completed_count=len(contents))
    now = timezone.now()
    for content in contents:
        Progress.objects.create(
            enrollment=enrollment, content=content, is_completed=True, position_at=now, updated_at=now
        )
    return enrollment


def test_a_removed_content_no_longer_counts_as_completed(asha, bilal, chitra, client_for):
    course = make_course(asha)
    first, second, third = contents_of(course)
    bilals = completed(bilal, course, [first, second])
    chitras = completed(chitra, course, [second])
    assert client_for(asha).delete(at(CONTENTS, first)).status_code == 204
    assert [Enrollment.objects.get(pk=row.pk).completed_count for row in (bilals, chitras)] == [1, 1]
    client_for(asha).delete(at(MODULES, module_of(course)))
    assert [Enrollment.objects.get(pk=row.pk).completed_count for row in (bilals, chitras)] == [0, 0]
    assert third.pk not in Content.objects.values_list("pk", flat=True)


def test_rooms_above_are_told_before_a_content_goes(asha, monkeypatch):
    course = make_course(asha)
    content = contents_of(course)[0]
    still_there = []
    hook = lambda going: still_there.append(Content.objects.filter(pk__in=[c.pk for c in going]).exists())  # noqa: E731 - one line
    monkeypatch.setattr("courses.catalogue.services.removal.on_content_removal", [*on_content_removal, hook])
    delete_content(editor=asha, content_id=content.pk)
    assert still_there == [True]
    assert not Content.objects.filter(pk=content.pk).exists()


def test_creating_posts_are_safe_to_send_again(asha, client_for):
    course, client = make_course(asha, contents=0), client_for(asha)
    module = {"course_id": course.pk, "title": "Once"}
    content = {"module_id": module_of(course).pk, "title": "Once", "content_type": "text"}
    for base, body, model in ((MODULES, module, Module), (CONTENTS, content, Content)):
        answers = [client.post(base, body, HTTP_IDEMPOTENCY_KEY=base).json() for _again in range(2)]
        assert answers[0] == answers[1]
        assert model.objects.filter(title="Once").count() == 1
