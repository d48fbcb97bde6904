"""Making, changing and removing courses."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import CustomUser
from courses.catalogue.services import courses as course_services
from courses.catalogue.services import update_course
from courses.catalogue.services.courses import PrerequisiteLoop
from courses.models import Category, Content, Course
from tests.factories.courses import enroll, make_course
from tests.factories.people import person
from tests.payments.factories import make_order

LIST = "/api/courses/courses/"


def address(course: Course) -> str:
    return f"{LIST}{course.pk}/"


def version_of(course: Course) -> int:
    return Course.objects.values_list("version", flat=True).get(pk=course.pk)


def codes(response: Any) -> list[tuple[str, str | None]]:
    return [(error["code"], error["attr"]) for error in response.json()["errors"]]


def test_an_instructor_makes_a_course_with_every_field(asha, client_for):
    category = Category.objects.create(name="Languages", slug="languages")
    basics = make_course(asha, title="Basics")
    body = {
        "title": "Spoken English",
        "summary": "Talk",
        "description": "Talk with anybody",
        "price": "499.00",
        "category": category.pk,
        "level": "intermediate",
        "language": "en",
        "subject": "english",
        "grade": "6",
        "learning_objectives": ["Greet", "Ask the way"],
        "prerequisites": [basics.pk],
        "access_days": 90,
        "is_published": True,
    }
    response = client_for(asha).post(LIST, body)
    assert response.status_code == 201, response.content
    shown = response.json()
    assert {name: shown[name] for name in body if name != "category"} == {
        name: value for name, value in body.items() if name != "category"
    }
    assert shown["category"]["slug"] == "languages"
    assert shown["instructor"]["id"] == asha.pk
    assert shown["published_at"]
    assert [row["id"] for row in client_for(asha).get(LIST, {"search": "spokn"}).json()["results"]] == [shown["id"]]


def test_a_title_is_enough_and_makes_a_free_draft(asha, client_for):
    shown = client_for(asha).post(LIST, {"title": "Numbers"}).json()
    assert (shown["price"], shown["is_published"], shown["published_at"], shown["level"]) == (
        "0.00",
        False,
        None,
        "beginner",
    )


def test_students_and_strangers_make_no_courses(bilal, chitra, anonymous, client_for):
    assert anonymous.post(LIST, {"title": "Mine"}).status_code == 401
    parent = person("parent", role="parent")
    for user in (bilal, chitra, parent):
        assert client_for(user).post(LIST, {"title": "Mine"}).status_code == 403
    assert not Course.objects.exists()


def test_a_course_sent_twice_under_one_key_is_made_once(asha, client_for):
    client = client_for(asha)
    first = client.post(LIST, {"title": "Once"}, HTTP_IDEMPOTENCY_KEY="k1")
    again = client.post(LIST, {"title": "Once"}, HTTP_IDEMPOTENCY_KEY="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Course.objects.count() == 1
    assert client.post(LIST, {"title": "Other"}, HTTP_IDEMPOTENCY_KEY="k1").status_code == 409


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"summary": "x" * 501}, "summary"),
        ({"description": "x" * 20_001}, "description"),
        ({"price": "-1"}, "price"),
        ({"price": "1.999"}, "price"),
        ({"price": "999999999999"}, "price"),
        ({"price": "free"}, "price"),
        ({"category": 2**62}, "category"),
        ({"category": 10**30}, "category"),
        ({"level": "expert"}, "level"),
        ({"language": "not a code"}, "language"),
        ({"learning_objectives": "x"}, "learning_objectives"),
        ({"learning_objectives": ["x" * 301]}, "learning_objectives.0"),
        ({"prerequisites": [2**62]}, "prerequisites"),
        ({"prerequisites": ["x"]}, "prerequisites.0"),
        ({"access_days": 0}, "access_days"),
        ({"access_days": 2**40}, "access_days"),
        ({"is_published": "maybe"}, "is_published"),
    ],
)
def test_a_wrong_value_is_named_and_changes_nothing(asha, client_for, body, attr):
    course = make_course(asha)
    before = Course.objects.values().get(pk=course.pk)
    response = client_for(asha).patch(address(course), body)
    assert (response.status_code, codes(response)[0][1]) == (400, attr)
    assert Course.objects.values().get(pk=course.pk) == before
    assert client_for(asha).post(LIST, {"title": "New"} | body).status_code == 400


@pytest.mark.parametrize("price", ["0.01", "0.99"])
def test_a_price_that_no_gateway_takes_is_refused(asha, client_for, price):
    course = make_course(asha, price_paise=100)
    for response in (
        client_for(asha).patch(address(course), {"price": price}),
        client_for(asha).post(LIST, {"title": "New", "price": price}),
    ):
        assert (response.status_code, codes(response)) == (400, [("price_too_small", "price")])
    with pytest.raises(IntegrityError), transaction.atomic():
        Course.objects.filter(pk=course.pk).update(price_paise=99)
    for fine in ("0", "1.00"):
        assert client_for(asha).patch(address(course), {"price": fine}).status_code == 200


def test_a_change_is_seen_at_once_and_counted(asha, client_for, anonymous):
    course = make_course(asha)
    before = version_of(course)
    assert anonymous.get(address(course)).json()["title"] == "Alphabet in Signs"
    response = client_for(asha).patch(address(course), {"title": "Letters", "price": "10.50"})
    assert (response.status_code, response.json()["title"], response.json()["price"]) == (200, "Letters", "10.50")
    assert response.json()["version"] == version_of(course) > before
    assert anonymous.get(address(course)).json()["title"] == "Letters"
    assert anonymous.get(LIST, {"search": "letters"}).json()["count"] == 1


def test_publishing_dates_a_course_once(asha, client_for):
    course, client = make_course(asha, published=False), client_for(asha)
    first = client.patch(address(course), {"is_published": True}).json()["published_at"]
    client.patch(address(course), {"is_published": False})
    assert client.patch(address(course), {"is_published": True}).json()["published_at"] == first


def test_only_admins_decide_what_is_trending(asha, admin, client_for):
    course, client = make_course(asha), client_for(asha)
    response = client.patch(address(course), {"is_trending": True, "title": "Hot"})
    assert (response.status_code, codes(response)) == (403, [("admin_only", None)])
    assert client.post(LIST, {"title": "Hot", "is_trending": True}).status_code == 403
    assert not Course.objects.filter(title="Hot").exists()
    assert client_for(admin).patch(address(course), {"is_trending": True}).json()["is_trending"] is True
    # What an app sends back unchanged is no decision.
    assert client.patch(address(course), {"is_trending": True, "summary": "x"}).status_code == 200


@pytest.mark.parametrize("published", [True, False])
def test_a_stranger_changes_nothing_and_learns_of_no_draft(asha, bilal, chitra, client_for, anonymous, published):
    course = make_course(asha, published=published)
    enroll(bilal, make_course(asha, title="Other"))
    other_teacher = person("teacher", role="instructor")
    before = Course.objects.values().get(pk=course.pk)
    for user in (bilal, chitra, other_teacher):
        client = client_for(user)
        assert client.patch(address(course), {"title": "Mine"}).status_code == (403 if published else 404)
        assert client.delete(address(course)).status_code == (403 if published else 404)
    assert anonymous.patch(address(course), {"title": "Mine"}).status_code == 401
    assert anonymous.delete(address(course)).status_code == 401
    assert Course.objects.values().get(pk=course.pk) == before


def test_an_admin_changes_any_course_without_taking_it_over(asha, admin, client_for):
    course = make_course(asha, published=False)
    response = client_for(admin).patch(address(course), {"title": "Better"})
    assert (response.status_code, response.json()["instructor"]["id"]) == (200, asha.pk)


def test_a_course_nobody_took_is_deleted(asha, client_for):
    course = make_course(asha)
    assert client_for(asha).delete(address(course)).status_code == 204
    assert not Course.objects.exists()
    assert not Content.objects.exists()
    assert client_for(asha).delete(address(course)).status_code == 404


def test_a_course_with_enrolments_is_archived_and_stays_its_learners(asha, bilal, chitra, client_for, anonymous):
    course = make_course(asha)
    enroll(bilal, course, is_active=True)
    before = version_of(course)
    assert client_for(asha).delete(address(course)).status_code == 204
    course.refresh_from_db()
    assert course.archived_at is not None
    assert course.version > before
    assert anonymous.get(LIST).json()["count"] == client_for(chitra).get(LIST).json()["count"] == 0
    assert client_for(chitra).get(address(course)).status_code == 404
    assert client_for(bilal).get(address(course)).status_code == 200
    assert client_for(asha).get(LIST).json()["count"] == 1
    assert client_for(asha).patch(address(course), {"is_published": True}).json()["archived_at"] is None
    assert anonymous.get(LIST).json()["count"] == 1


def test_a_course_that_somebody_orders_is_archived(asha, bilal, client_for):
    course = make_course(asha, price_paise=49900)
    make_order(bilal, course)
    assert client_for(asha).delete(address(course)).status_code == 204
    course.refresh_from_db()
    assert course.archived_at is not None


def test_prerequisites_are_courses_that_its_instructor_may_see(asha, admin, client_for):
    course = make_course(asha)
    other = person("teacher", role="instructor")
    foreign = make_course(other, title="Foreign", published=False)
    public = make_course(other, title="Public")
    for user in (asha, admin):
        response = client_for(user).patch(address(course), {"prerequisites": [foreign.pk]})
        assert (response.status_code, codes(response)) == (400, [("does_not_exist", "prerequisites")])
    assert client_for(asha).patch(address(course), {"prerequisites": [public.pk, public.pk]}).status_code == 200
    assert list(course.prerequisites.all()) == [public]
    assert client_for(asha).patch(address(course), {"title": "Same"}).json()["prerequisites"] == [public.pk]
    assert client_for(asha).patch(address(course), {"prerequisites": []}).json()["prerequisites"] == []


def test_a_course_never_comes_before_itself(asha, client_for):
    first, second, third = (make_course(asha, title=str(number)) for number in range(3))
    client = client_for(asha)
    assert client.patch(address(second), {"prerequisites": [first.pk]}).status_code == 200
    assert client.patch(address(third), {"prerequisites": [second.pk]}).status_code == 200
    for looped in ([first.pk], [second.pk], [third.pk]):
        response = client.patch(address(first), {"prerequisites": looped})
        assert (response.status_code, codes(response)) == (400, [("prerequisite_loop", "prerequisites")])


def loops_made_at_once(teacher: CustomUser) -> int:
    """Make two courses need each other at the same moment, ten times; return how often both succeeded."""

    def need(course_id: int, other_id: int) -> bool:
        try:
            update_course(editor=teacher, course_id=course_id, values={"prerequisites": [other_id]})
        except PrerequisiteLoop:
            return False
        finally:
            connections.close_all()
        return True

    both = 0
    with ThreadPoolExecutor(2) as pool:
        for number in range(10):
            a, b = (make_course(teacher, title=f"{number}{side}", contents=0).pk for side in "ab")
            both += all(pool.map(need, (a, b), (b, a)))
    return both


@pytest.mark.django_db(transaction=True)
def test_two_courses_can_not_be_made_to_need_each_other_at_once(monkeypatch):
    teacher = person("asha", role="instructor")
    assert loops_made_at_once(teacher) == 0
    if connections["default"].vendor == "postgresql":  # SQLite has one writer at a time whatever we do
        monkeypatch.setattr(course_services, "one_edit_at_a_time", lambda: None)
        assert loops_made_at_once(teacher) > 0


def test_an_instructors_new_name_is_shown_and_found(asha, client_for, anonymous, django_capture_on_commit_callbacks):
    course = make_course(asha)
    client_for(asha).patch(address(course), {"summary": "x"})
    before = version_of(course)
    with django_capture_on_commit_callbacks(execute=True):
        assert client_for(asha).patch("/api/accounts/me/", {"full_name": "Asha Teacher"}).status_code == 200
    assert version_of(course) > before
    assert anonymous.get(address(course)).json()["instructor"]["full_name"] == "Asha Teacher"
    assert anonymous.get(LIST, {"search": "teacher"}).json()["count"] == 1


def test_nothing_of_an_archived_course_is_counted_as_public(asha):
    make_course(asha, archived_at=timezone.now())
    assert not Course.objects.listed_for(person("chitra")).exists()
