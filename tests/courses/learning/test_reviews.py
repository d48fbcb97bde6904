"""Reviews: who may write one, who sees what of it, and the course's rating after each, also at once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from courses.learning.services import delete_review, reviewing, write_review
from courses.learning.services.reviewing import rating_of
from courses.models import Course, Enrollment, Review
from tests.conftest import ClientFor
from tests.factories.courses import enroll, make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def of(course: Course) -> str:
    return f"/api/courses/courses/{course.pk}/reviews/"


def one(review_id: int) -> str:
    return f"/api/courses/reviews/{review_id}/"


@pytest.fixture
def course(asha: CustomUser, bilal: CustomUser) -> Course:
    course = make_course(asha, contents=1)
    enroll(bilal, course)
    return course


def rating(course: Course) -> tuple[Decimal, int]:
    return Course.objects.values_list("rating", "rating_count").get(pk=course.pk)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def learners(course: Course, number: int) -> list[CustomUser]:
    people = [person(f"learner{place}") for place in range(number)]
    for learner in people:
        enroll(learner, course)
    return people


# --- writing ------------------------------------------------------------------------------------


def test_a_learner_reviews_once(course: Course, bilal: CustomUser, client_for: ClientFor) -> None:
    client, version = client_for(bilal), Course.objects.get().version
    answer = client.post(of(course), {"rating": 4, "comment": "Clear and slow enough."})
    assert answer.status_code == 201
    body = answer.json()
    assert list(body) == ["id", "user", "rating", "comment", "created_at", "updated_at"]
    assert body["user"] == {"id": bilal.pk, "username": "bilal", "full_name": "Bilal", "profile_image": None}
    assert (body["rating"], body["comment"]) == (4, "Clear and slow enough.")
    assert body["created_at"].endswith("Z")
    assert rating(course) == (Decimal("4.00"), 1)
    assert Course.objects.get().version > version
    assert code(client.post(of(course), {"rating": 1})) == (409, "already_reviewed")
    assert rating(course) == (Decimal("4.00"), 1)


def test_the_page_of_the_course_shows_the_new_rating_at_once(
    course: Course, bilal: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    page = f"/api/courses/courses/{course.pk}/"
    assert anonymous.get(page).json()["rating"] == 0
    client_for(bilal).post(of(course), {"rating": 5})
    assert (anonymous.get(page).json()["rating"], anonymous.get(page).json()["rating_count"]) == (5, 1)


def test_the_rating_has_two_decimals_half_up(course: Course) -> None:
    assert [rating_of(*given) for given in ((0, 0), (33, 8), (13, 3), (5, 1))] == [
        Decimal("0.00"), Decimal("4.13"), Decimal("4.33"), Decimal("5.00"),
    ]  # fmt: skip
    for learner, stars in zip(learners(course, 8), (5, 5, 5, 4, 4, 4, 3, 3), strict=True):
        write_review(reviewer=learner, course_id=course.pk, values={"rating": stars})
    assert rating(course) == (Decimal("4.13"), 8)


def test_who_is_not_enrolled_and_who_teaches_do_not_review(
    course: Course, asha: CustomUser, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    assert code(client_for(chitra).post(of(course), {"rating": 1})) == (403, "enrollment_required")
    enroll(asha, course)
    assert code(client_for(asha).post(of(course), {"rating": 5})) == (403, "own_course")
    assert anonymous.post(of(course), {"rating": 1}).status_code == 401
    assert not Review.objects.exists()


def test_a_course_one_may_not_know_of_is_not_there(
    asha: CustomUser, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    draft = make_course(asha, published=False)
    for client in (client_for(chitra), anonymous):
        assert client.get(of(draft)).status_code == 404
    assert client_for(chitra).post(of(draft), {"rating": 1}).status_code == 404
    assert client_for(chitra).post("/api/courses/courses/999999/reviews/", {"rating": 1}).status_code == 404


def test_an_enrolment_that_ran_out_still_reviews_and_one_taken_back_does_not(
    course: Course, bilal: CustomUser, client_for: ClientFor
) -> None:
    Enrollment.objects.update(expiry_date=timezone.now(), is_active=False)
    assert code(client_for(bilal).post(of(course), {"rating": 2})) == (403, "enrollment_required")
    Enrollment.objects.update(is_active=True)
    assert client_for(bilal).post(of(course), {"rating": 2}).status_code == 201


def test_a_course_taken_back_is_reviewed_by_those_who_keep_it(
    course: Course, bilal: CustomUser, client_for: ClientFor
) -> None:
    Course.objects.update(is_published=False, archived_at=timezone.now())
    assert client_for(bilal).post(of(course), {"rating": 2}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {}, {"rating": 0}, {"rating": 6}, {"rating": -1}, {"rating": 4.5}, {"rating": True}, {"rating": None},
        {"rating": "five"}, {"rating": [5]}, {"rating": 10**30}, {"rating": 5, "comment": None},
        {"rating": 5, "comment": "x" * 5001}, {"rating": 5, "comment": {"a": 1}}, [], [{"rating": 5}],
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_review_is_400(body: Any, course: Course, bilal: CustomUser, client_for: ClientFor) -> None:
    assert client_for(bilal).post(of(course), body).status_code == 400
    assert rating(course) == (Decimal(0), 0)


def test_the_same_key_gives_the_first_answer_again(course: Course, bilal: CustomUser, client_for: ClientFor) -> None:
    client = client_for(bilal)
    answers = [client.post(of(course), {"rating": 3}, headers={"Idempotency-Key": "k"}) for _turn in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    other = client.post(of(course), {"rating": 4}, headers={"Idempotency-Key": "k"})
    assert code(other) == (409, "idempotency_key_reused")


# --- changing and removing ----------------------------------------------------------------------


def test_an_own_review_is_changed_and_removed(course: Course, bilal: CustomUser, client_for: ClientFor) -> None:
    client = client_for(bilal)
    written = client.post(of(course), {"rating": 2, "comment": "Too fast."}).json()
    changed = client.patch(one(written["id"]), {"rating": 5}).json()
    assert (changed["rating"], changed["comment"]) == (5, "Too fast.")
    assert changed["created_at"] == written["created_at"]
    assert changed["updated_at"] > written["updated_at"]
    assert changed == client.get(of(course)).json()["results"][0]
    assert rating(course) == (Decimal("5.00"), 1)
    assert client.patch(one(written["id"]), {"rating": 9}).status_code == 400
    assert client.delete(one(written["id"])).status_code == 204
    assert client.delete(one(written["id"])).status_code == 404
    assert rating(course) == (Decimal("0.00"), 0)
    assert client.post(of(course), {"rating": 4}).status_code == 201


def test_others_change_nothing_and_admins_remove(
    course: Course, asha: CustomUser, bilal: CustomUser, chitra: CustomUser, admin: CustomUser, client_for: ClientFor
) -> None:
    review = write_review(reviewer=bilal, course_id=course.pk, values={"rating": 1})
    for user in (asha, chitra):
        assert client_for(user).patch(one(review.pk), {"rating": 5}).status_code == 403
        assert client_for(user).delete(one(review.pk)).status_code == 403
    assert client_for(admin).patch(one(review.pk), {"rating": 5}).status_code == 403
    Course.objects.update(is_published=False)
    assert client_for(chitra).patch(one(review.pk), {"rating": 5}).status_code == 404
    assert client_for(chitra).delete(one(review.pk)).status_code == 404
    assert rating(course) == (Decimal("1.00"), 1)
    assert client_for(admin).delete(one(review.pk)).status_code == 204
    assert rating(course) == (Decimal("0.00"), 0)


# --- reading ------------------------------------------------------------------------------------


def test_names_and_portraits_are_for_people_who_signed_in(
    course: Course, bilal: CustomUser, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    CustomUser.objects.filter(pk=bilal.pk).update(profile_image="portraits/bilal.webp")
    write_review(reviewer=bilal, course_id=course.pk, values={"rating": 4})
    [shown] = client_for(chitra).get(of(course)).json()["results"]
    assert shown["user"]["full_name"] == "Bilal"
    assert "bilal.webp" in shown["user"]["profile_image"]
    [shown] = anonymous.get(of(course)).json()["results"]
    assert shown["user"] == {"id": bilal.pk, "username": "bilal", "full_name": "", "profile_image": None}
    assert "demo.school" not in str(shown)


def test_reviews_come_newest_first_in_pages_that_can_be_kept(course: Course, anonymous: APIClient) -> None:
    for number, learner in enumerate(learners(course, 3)):
        write_review(reviewer=learner, course_id=course.pk, values={"rating": 3, "comment": f"Number {number}"})
    first = anonymous.get(of(course), {"page_size": 2})
    assert [row["comment"] for row in first.json()["results"]] == ["Number 2", "Number 1"]
    assert (first.json()["count"], first.json()["previous"]) == (3, None)
    second = anonymous.get(first.json()["next"]).json()
    assert [row["comment"] for row in second["results"]] == ["Number 0"]
    again = anonymous.get(of(course), {"page_size": 2}, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_costs_the_same_for_one_and_for_three(
    number: int, course: Course, chitra: CustomUser, client_for: ClientFor, anonymous: APIClient
) -> None:
    for learner in learners(course, number):
        write_review(reviewer=learner, course_id=course.pk, values={"rating": 3})
    for client, statements in ((anonymous, 3), (client_for(chitra), 4)):
        with CaptureQueriesContext(connection) as seen:
            assert len(client.get(of(course)).json()["results"]) == number
        assert len(seen) == statements


# --- the back office ----------------------------------------------------------------------------


def test_the_office_removes_reviews_and_the_rating_follows(course: Course, admin: CustomUser) -> None:
    ids = [
        write_review(reviewer=learner, course_id=course.pk, values={"rating": stars}).pk
        for learner, stars in zip(learners(course, 4), (1, 2, 4, 5), strict=True)
    ]
    office = Client()
    office.force_login(admin)
    office.post(f"/admin/courses/review/{ids[0]}/delete/", {"post": "yes"})
    assert rating(course) == (Decimal("3.67"), 3)
    office.post("/admin/courses/review/", {"action": "delete_selected", "_selected_action": ids[1:3], "post": "yes"})
    assert rating(course) == (Decimal("5.00"), 1)
    assert list(Review.objects.values_list("pk", flat=True)) == ids[3:]


def test_instructors_read_what_is_said_of_their_courses_only(
    course: Course, asha: CustomUser, bilal: CustomUser
) -> None:
    from django.contrib.auth.models import Group

    colleague = make_course(person("colleague", role="instructor"), title="Another course")
    enroll(bilal, colleague)
    mine = write_review(reviewer=bilal, course_id=course.pk, values={"rating": 1, "comment": "Of mine"})
    others = write_review(reviewer=bilal, course_id=colleague.pk, values={"rating": 1, "comment": "Of another"})
    CustomUser.objects.filter(pk=asha.pk).update(is_staff=True)
    asha.groups.add(Group.objects.get(name="instructor"))
    office = Client()
    office.force_login(CustomUser.objects.get(pk=asha.pk))
    page = office.get("/admin/courses/review/").content.decode()
    assert "Of mine" in page
    assert "Of another" not in page
    assert office.get(f"/admin/courses/review/{others.pk}/change/").status_code == 302
    assert office.post(f"/admin/courses/review/{mine.pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.post(f"/admin/courses/review/{mine.pk}/change/", {"rating": 5}).status_code == 403
    assert Review.objects.count() == 2


# --- at once ------------------------------------------------------------------------------------


def at_once(*works: Callable[[], Any], wrapper: Callable[..., Any]) -> list[Any]:
    barrier = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=60)
            with connection.execute_wrapper(wrapper):
                return work()
        except Exception as error:  # noqa: BLE001 - what a thread raises is for the test to see
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def slowly(execute: Callable[..., Any], *statement: Any) -> Any:
    time.sleep(0.005)
    return execute(*statement)


@pytest.mark.django_db(transaction=True)
def test_reviews_at_once_end_in_the_right_rating(course: Course, bilal: CustomUser) -> None:
    people = learners(course, 8)
    doomed = write_review(reviewer=bilal, course_id=course.pk, values={"rating": 1})
    works: list[Callable[[], Any]] = [
        lambda learner=learner, stars=stars: write_review(  # type: ignore[misc]  # bound as it goes
            reviewer=learner, course_id=course.pk, values={"rating": stars}
        )
        for learner, stars in zip(people, (5, 5, 5, 4, 4, 4, 3, 3), strict=True)
    ]
    outcomes = at_once(*works, lambda: delete_review(editor=bilal, review_id=doomed.pk), wrapper=slowly)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert rating(course) == (Decimal("4.13"), 8)


@pytest.mark.django_db(transaction=True)
def test_one_learner_reviewing_at_once_reviews_once(course: Course, bilal: CustomUser) -> None:
    works = [lambda: write_review(reviewer=bilal, course_id=course.pk, values={"rating": 4})] * 6
    outcomes = at_once(*works, wrapper=slowly)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyReviewed"] * 5 + ["Review"]
    assert rating(course) == (Decimal("4.00"), 1)


@pytest.mark.django_db(transaction=True)
def test_without_holding_the_course_one_of_two_ratings_is_lost(
    course: Course, bilal: CustomUser, chitra: CustomUser, on_postgresql: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")
    enroll(chitra, course)
    monkeypatch.setattr(reviewing, "_hold_course", lambda course_id: None)
    both_have_summed = Barrier(2)

    def wait_after_summing(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if "SUM(" in sql:
            both_have_summed.wait(timeout=30)
        return result

    works: list[Callable[[], Any]] = [
        lambda learner=learner: write_review(  # type: ignore[misc]  # bound as it goes
            reviewer=learner, course_id=course.pk, values={"rating": 4}
        )
        for learner in (bilal, chitra)
    ]
    outcomes = at_once(*works, wrapper=wait_after_summing)
    assert all(isinstance(outcome, Review) for outcome in outcomes)
    assert (Review.objects.count(), rating(course)[1]) == (2, 1)
