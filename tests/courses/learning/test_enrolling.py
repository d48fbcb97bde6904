"""Enrolling: free, paid, twice, at once, after the end, and before its prerequisites."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import CustomUser
from courses.learning.services import enroll_learner
from courses.models import Course, Enrollment
from tests.conftest import ClientFor
from tests.crowd import MOST_ROUNDS
from tests.factories.courses import contents_of, enroll, make_course
from tests.guards import without

pytestmark = pytest.mark.django_db


def url(course: Course) -> str:
    return f"/api/courses/courses/{course.pk}/enroll/"


def test_a_free_course_enrols_once(asha: CustomUser, bilal: CustomUser, client_for: ClientFor) -> None:
    course, client = make_course(asha), client_for(bilal)
    first, again = client.post(url(course)), client.post(url(course))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert set(first.json()) == {"id", "course_id", "enrollment_date", "expiry_date", "is_active"}
    assert first.json()["enrollment_date"].endswith("Z")
    assert Course.objects.get(pk=course.pk).enrolled_count == 1


def test_a_paid_course_says_what_it_costs(asha: CustomUser, bilal: CustomUser, client_for: ClientFor) -> None:
    answer = client_for(bilal).post(url(make_course(asha, price_paise=49900)))
    assert answer.status_code == 402
    assert answer.json()["errors"][0]["code"] == "payment_required"
    assert (answer.json()["price"], answer.json()["currency"]) == ("499.00", "INR")
    assert not Enrollment.objects.exists()


def test_the_owner_enrols_in_the_own_paid_course(asha: CustomUser, client_for: ClientFor) -> None:
    assert client_for(asha).post(url(make_course(asha, price_paise=49900))).status_code == 201


def test_a_stranger_can_not_enrol_in_a_draft_or_an_archived_course(
    asha: CustomUser, chitra: CustomUser, client_for: ClientFor
) -> None:
    draft = make_course(asha, published=False)
    archived = make_course(asha, archived_at=timezone.now())
    client = client_for(chitra)
    assert client.post(url(draft)).status_code == client.post(url(archived)).status_code == 404


def test_without_a_token_it_is_401(asha: CustomUser, anonymous: Any) -> None:
    assert anonymous.post(url(make_course(asha))).status_code == 401


def test_access_days_end_the_enrolment_and_enrolling_again_renews_it(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course, client = make_course(asha, access_days=30), client_for(bilal)
    first = client.post(url(course)).json()
    assert first["expiry_date"] is not None
    past = timezone.now() - timedelta(days=1)
    Enrollment.objects.update(expiry_date=past, completed_count=2)
    assert client.get(f"/api/courses/contents/{contents_of(course)[0].pk}/").status_code == 403
    again = client.post(url(course))
    assert again.status_code == 201
    assert again.json()["id"] == first["id"]
    assert Enrollment.objects.get().completed_count == 2


def test_prerequisites_come_first(asha: CustomUser, bilal: CustomUser, client_for: ClientFor) -> None:
    basics, advanced = make_course(asha, title="Basics"), make_course(asha, title="More")
    advanced.prerequisites.add(basics)
    client = client_for(bilal)
    refused = client.post(url(advanced))
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["code"] == "prerequisites_unmet"
    assert "Basics" in refused.json()["errors"][0]["detail"]
    enroll(bilal, basics, completed_at=timezone.now())
    assert client.post(url(advanced)).status_code == 201


def test_an_idempotency_key_gives_the_first_answer_again(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course, client = make_course(asha), client_for(bilal)
    first = client.post(url(course), headers={"Idempotency-Key": "k1"})
    again = client.post(url(course), headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


def _enrol_at_once(course: Course, learner: CustomUser, times: int) -> list[Any]:
    def work(_turn: int) -> Any:
        try:
            return enroll_learner(learner=learner, course_id=course.pk)
        except Exception as error:  # noqa: BLE001 - what a thread raises is for the test to see
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(work, range(times)))


def _enrolments_of_a_race(course: Course, learner: CustomUser) -> int:
    _enrol_at_once(course, learner, 16)
    return Enrollment.objects.filter(course=course, is_active=True).count()


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_make_one_enrolment(asha: CustomUser, bilal: CustomUser) -> None:
    course = make_course(asha)
    outcomes = _enrol_at_once(course, bilal, 16)
    assert [outcome.is_new for outcome in outcomes].count(True) == 1
    assert Enrollment.objects.filter(is_active=True).count() == 1
    assert Course.objects.get(pk=course.pk).enrolled_count == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_the_same_race_makes_more(
    asha: CustomUser, bilal: CustomUser, on_postgresql: bool
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")
    courses = (make_course(asha, title=f"Course {number}") for number in range(MOST_ROUNDS))
    with without(Enrollment, "one_active_enrollment"):
        assert any(_enrolments_of_a_race(course, bilal) > 1 for course in courses)


@pytest.mark.parametrize("number", [1, 3])
def test_my_enrolments_take_the_same_statements_whatever_their_number(
    number: int,
    asha: CustomUser,
    bilal: CustomUser,
    chitra: CustomUser,
    client_for: ClientFor,
    django_assert_num_queries: Any,
) -> None:
    for turn in range(number):
        enroll(bilal, make_course(asha, title=f"Course {turn}"))
    client = client_for(bilal)
    with django_assert_num_queries(3):
        body = client.get("/api/courses/enrollments/").json()
    assert body["count"] == number
    assert {"progress_percent", "last_content_id", "completed_at"} <= set(body["results"][0])
    assert client_for(chitra).get("/api/courses/enrollments/").json()["results"] == []


def test_my_enrolments_name_the_content_touched_last(
    asha: CustomUser, bilal: CustomUser, client_for: ClientFor
) -> None:
    course, client = make_course(asha), client_for(bilal)
    enroll(bilal, course)
    for content in contents_of(course):
        client.post(
            "/api/courses/progress/update/",
            {"content_id": content.pk, "last_position": 0, "time_spent": 1, "is_completed": content.order < 3},
        )
    row = client.get("/api/courses/enrollments/").json()["results"][0]
    assert row["last_content_id"] == contents_of(course)[-1].pk
    assert row["progress_percent"] == 66.7


def test_progress_of_a_course_goes_content_by_content(
    asha: CustomUser, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor, anonymous: Any
) -> None:
    course, client = make_course(asha), client_for(bilal)
    enroll(bilal, course)
    first = contents_of(course)[0]
    client.post(
        "/api/courses/progress/update/",
        {"content_id": first.pk, "last_position": 3, "time_spent": 9, "is_completed": True},
    )
    body = client.get(f"/api/courses/courses/{course.pk}/progress/").json()
    assert body["progress_percent"] == 33.3
    assert body["contents"][0] == {"content_id": first.pk, "is_completed": True, "last_position": 3, "time_spent": 9}
    assert [row["is_completed"] for row in body["contents"]] == [True, False, False]
    assert client_for(chitra).get(f"/api/courses/courses/{course.pk}/progress/").status_code == 403
    assert client_for(chitra).get("/api/courses/courses/999999/progress/").status_code == 404
    assert anonymous.get(f"/api/courses/courses/{course.pk}/progress/").status_code == 401
