"""The catalogue in the back office: the same writes, and instructors see their own."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from courses.models import Bookmark, Category, Content, Course, Module
from tests.factories.catalogue import findable_course
from tests.factories.courses import contents_of, enroll, make_course
from tests.factories.people import person

TABLES = ["category", "course", "module", "content", "bookmark", "asset"]


@pytest.fixture
def office(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def teachers_office(asha) -> Client:
    asha.is_staff = True
    asha.save(update_fields=["is_staff"])
    asha.user_permissions.set(Permission.objects.filter(content_type__app_label="courses"))
    client = Client()
    client.force_login(asha)
    return client


def form_of(course: Course, **changes: object) -> dict[str, object]:
    values = {
        "instructor": course.instructor_id,
        "title": course.title,
        "price_paise": course.price_paise,
        "level": course.level,
        "language": course.language,
        "learning_objectives": "[]",
        "is_published": "on" if course.is_published else "",
    }
    return {name: value for name, value in (values | changes).items() if value != ""}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("number", [1, 3])
def test_a_list_costs_the_same_for_one_row_and_for_three(
    office, asha, bilal, table, number, django_assert_max_num_queries
):
    for place in range(number):
        category = Category.objects.create(name=f"Category {place}", slug=f"category-{place}")
        course = make_course(asha, title=f"Course {place}", contents=1, category=category)
        Bookmark.objects.create(user=bilal, course=course)
    with django_assert_max_num_queries(8):
        response = office.get(f"/admin/courses/{table}/?q=course")
    assert response.status_code == 200


@pytest.mark.parametrize("table", ["category", "course", "module", "content"])
def test_forms_open(office, asha, table):
    course = make_course(asha, category=Category.objects.create(name="Languages", slug="languages"))
    row = {
        "category": course.category,
        "course": course,
        "module": Module.objects.first(),
        "content": contents_of(course)[0],
    }[table]
    assert row is not None
    assert office.get(f"/admin/courses/{table}/{row.pk}/change/").status_code == 200
    assert office.get(f"/admin/courses/{table}/add/").status_code == 200


def test_an_instructor_sees_own_rows_only(teachers_office, asha):
    other = person("teacher", role="instructor")
    foreign = make_course(other, title="Foreign and far away")
    mine = make_course(asha, title="Mine and near")
    for table in ("course", "module", "content"):
        page = teachers_office.get(f"/admin/courses/{table}/").content.decode()
        assert "Foreign and far away" not in page
        assert "Mine and near" in page
    for table, row in (
        ("course", foreign),
        ("module", Module.objects.get(course=foreign)),
        ("content", contents_of(foreign)[0]),
    ):
        assert teachers_office.get(f"/admin/courses/{table}/{row.pk}/change/").status_code == 302
    assert "Foreign and far away" not in teachers_office.get("/admin/courses/module/add/").content.decode()
    form = {"course": foreign.pk, "title": "Smuggled", "order": 1}
    assert teachers_office.post("/admin/courses/module/add/", form).status_code == 200
    assert not Module.objects.filter(title="Smuggled").exists()
    assert teachers_office.post("/admin/courses/module/add/", form | {"course": mine.pk}).status_code == 302
    assert Module.objects.filter(title="Smuggled", course=mine).exists()


def test_an_instructor_gives_no_course_away_and_makes_none_trend(teachers_office, asha, chitra):
    course = make_course(asha)
    form = form_of(course, instructor=chitra.pk, is_trending="on", title="Changed")
    assert teachers_office.post(f"/admin/courses/course/{course.pk}/change/", form).status_code == 302
    course.refresh_from_db()
    assert (course.title, course.instructor_id, course.is_trending) == ("Changed", asha.pk, False)


def test_a_saved_course_is_dated_counted_and_found(office, asha, anonymous):
    course = findable_course(asha, "Botany", published=False, contents=2)
    version = course.version
    form = form_of(course, title="Zoology", is_published="on")
    assert office.post(f"/admin/courses/course/{course.pk}/change/", form).status_code == 302
    course.refresh_from_db()
    assert course.published_at is not None
    assert course.version > version
    assert anonymous.get("/api/courses/courses/", {"search": "zoology"}).json()["count"] == 1


def test_a_form_refuses_prerequisites_that_lead_back(office, asha):
    first, second = make_course(asha, title="First"), make_course(asha, title="Second")
    second.prerequisites.add(first)
    form = form_of(first, prerequisites=[second.pk])
    assert office.post(f"/admin/courses/course/{first.pk}/change/", form).status_code == 200
    assert not first.prerequisites.exists()


def test_a_category_can_not_lie_below_itself(office, db):
    first = Category.objects.create(name="First", slug="first")
    second = Category.objects.create(name="Second", slug="second", parent=first)
    form = {"name": "First", "slug": "first", "order": 0, "parent": second.pk}
    assert office.post(f"/admin/courses/category/{first.pk}/change/", form).status_code == 200
    first.refresh_from_db()
    assert first.parent_id is None


def test_a_category_renamed_is_seen_in_its_courses(office, asha, anonymous):
    category = Category.objects.create(name="Languages", slug="languages")
    course = findable_course(asha, "Spoken English", category=category)
    assert anonymous.get(f"/api/courses/courses/{course.pk}/").json()["category"]["name"] == "Languages"
    form = {"name": "Tongues", "slug": "languages", "order": 0}
    assert office.post(f"/admin/courses/category/{category.pk}/change/", form).status_code == 302
    assert anonymous.get(f"/api/courses/courses/{course.pk}/").json()["category"]["name"] == "Tongues"
    assert anonymous.get("/api/courses/courses/", {"search": "tongues"}).json()["count"] == 1


def test_the_office_archives_what_learners_hold_and_deletes_the_rest(office, asha, bilal):
    taken, free, other = (make_course(asha, title=title) for title in ("Taken", "Free", "Other"))
    enroll(bilal, taken)
    office.post(f"/admin/courses/course/{taken.pk}/delete/", {"post": "yes"})
    office.post(f"/admin/courses/course/{other.pk}/delete/", {"post": "yes"})
    assert set(Course.objects.filter(archived_at=None)) == {taken, free}
    office.post("/admin/courses/course/", {"action": "archive", "_selected_action": [taken.pk, free.pk]})
    assert list(Course.objects.filter(archived_at__isnull=False)) == list(Course.objects.all()) == [taken]


def test_courses_are_published_and_taken_back_by_actions(office, asha):
    course = make_course(asha, published=False)
    for action, published in (("publish", True), ("take_back", False)):
        office.post("/admin/courses/course/", {"action": action, "_selected_action": [course.pk]})
        course.refresh_from_db()
        assert course.is_published is published
    assert course.published_at is not None


def test_a_content_saved_in_the_office_is_cleaned_and_counted(office, asha):
    course = make_course(asha, contents=1)
    content = contents_of(course)[0]
    form = {"title": "New", "text_content": "**x** <script>alert(1)</script>", "order": 1, "video_duration": 60}
    response = office.post(f"/admin/courses/content/{content.pk}/change/", form)
    assert response.status_code == 302
    content.refresh_from_db()
    course.refresh_from_db()
    assert content.text_html == "<p><strong>x</strong> </p>\n"
    assert (content.version, course.duration) == (2, 60)
    office.post(f"/admin/courses/content/{content.pk}/delete/", {"post": "yes"})
    course.refresh_from_db()
    assert (course.content_count, course.duration) == (0, 0)
    assert not Content.objects.exists()


def test_a_price_that_no_gateway_takes_is_refused_by_the_form(office, asha):
    course = make_course(asha, price_paise=49900)
    page = office.post(f"/admin/courses/course/{course.pk}/change/", form_of(course, price_paise=99))
    assert page.status_code == 200
    assert "at least ₹1.00" in page.content.decode()
    assert Course.objects.get().price_paise == 49900
