"""Passes: what a subscription covers is open while it lasts, moves with it, and ends with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import can_access, end_pass, give_pass, grant_access
from courses.learning.services import enroll_learner
from courses.models import AccessGrant, AccessPass, Course, Enrollment
from e_learning.core.api.errors import PaymentRequired
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, make_course

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def courses(asha: CustomUser) -> list[Course]:
    return [make_course(asha, title=f"Course {number}", price_paise=49900) for number in range(3)]


def subscribe(user: CustomUser, at: datetime, **changes: Any) -> None:
    given: dict[str, Any] = {"reference": "subscription:1", "ends_at": at + 30 * DAY, "course_ids": None}
    give_pass(user_id=user.pk, at=at, **(given | changes))


def ends(learner: CustomUser) -> list[datetime | None]:
    """The ends of what is open, in the order of the courses; of what has ended nothing."""
    return list(
        Enrollment.objects.filter(user=learner, is_active=True)
        .order_by("course_id")
        .values_list("expiry_date", flat=True)
    )


def test_a_pass_opens_nothing_until_its_owner_enrols(
    courses: list[Course], bilal: CustomUser, chitra: CustomUser, now: datetime, client_for: ClientFor
) -> None:
    url = f"/api/courses/courses/{courses[0].pk}/enroll/"
    client = client_for(bilal)
    assert client.post(url).status_code == 402
    subscribe(bilal, now)
    assert not can_access(bilal, courses[0].pk)
    answer = client.post(url)
    assert (answer.status_code, client.post(url).status_code) == (201, 200)
    assert answer.json()["expiry_date"] is not None
    assert client.get(f"/api/courses/contents/{contents_of(courses[0])[0].pk}/").status_code == 200
    assert client_for(chitra).post(url).status_code == 402
    assert ends(bilal) == [now + 30 * DAY]
    granted = AccessGrant.objects.get()
    assert (granted.source, granted.reference) == ("subscription", "subscription:1")


def test_a_pass_covers_the_courses_it_lists(courses: list[Course], bilal: CustomUser, now: datetime) -> None:
    subscribe(bilal, now, course_ids=[courses[0].pk])
    assert enroll_learner(learner=bilal, course_id=courses[0].pk).is_new
    with pytest.raises(PaymentRequired):
        enroll_learner(learner=bilal, course_id=courses[1].pk)


def test_a_pass_past_its_end_enrols_nobody(courses: list[Course], bilal: CustomUser, now: datetime) -> None:
    subscribe(bilal, now - 31 * DAY)
    with pytest.raises(PaymentRequired):
        enroll_learner(learner=bilal, course_id=courses[0].pk)


def test_prerequisites_come_first_for_subscribers_too(
    courses: list[Course], bilal: CustomUser, now: datetime, client_for: ClientFor
) -> None:
    courses[1].prerequisites.add(courses[0])
    subscribe(bilal, now)
    answer = client_for(bilal).post(f"/api/courses/courses/{courses[1].pk}/enroll/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "prerequisites_unmet")


def test_a_renewal_moves_the_end_of_all_it_opened(courses: list[Course], bilal: CustomUser, now: datetime) -> None:
    subscribe(bilal, now)
    for course in courses[:2]:
        enroll_learner(learner=bilal, course_id=course.pk)
    for end in (now + 60 * DAY, None, now + 90 * DAY):
        subscribe(bilal, now, ends_at=end)
        assert ends(bilal) == [end, end]
    assert AccessPass.objects.count() == 1
    assert AccessGrant.objects.count() == 2


def test_a_late_renewal_opens_again_what_had_run_out(courses: list[Course], bilal: CustomUser, now: datetime) -> None:
    start = now - 40 * DAY
    subscribe(bilal, start, ends_at=now + DAY)
    opened = enroll_learner(learner=bilal, course_id=courses[0].pk).enrollment
    subscribe(bilal, start, ends_at=now + timedelta(seconds=1))
    later = now + DAY
    assert not Enrollment.objects.current(later).exists()
    subscribe(bilal, later)
    assert Enrollment.objects.current(later).get().pk == opened.pk
    assert Course.objects.get(pk=courses[0].pk).enrolled_count == 1


def test_the_end_of_a_pass_ends_what_it_opened_and_nothing_else(
    courses: list[Course], bilal: CustomUser, now: datetime
) -> None:
    subscribe(bilal, now)
    for course in courses[:2]:
        enroll_learner(learner=bilal, course_id=course.pk)
    grant_access(
        user_id=bilal.pk, course_id=courses[1].pk, source="purchase", reference="payment:1", reason="bought", at=now
    )
    assert [end_pass(reference="subscription:1", reason="cancelled", at=now) for _ in range(2)] == [True, False]
    assert [can_access(bilal, course.pk) for course in courses] == [False, True, False]
    assert ends(bilal) == [None]
    assert [course.enrolled_count for course in Course.objects.order_by("pk")] == [0, 1, 0]
    assert set(AccessGrant.objects.filter(source="subscription").values_list("ended_reason", flat=True)) == {
        "cancelled"
    }
    assert not end_pass(reference="subscription:9", reason="never given", at=now)


def test_the_end_of_a_pass_leaves_other_peoples(
    courses: list[Course], bilal: CustomUser, chitra: CustomUser, now: datetime
) -> None:
    for learner, reference in ((bilal, "subscription:1"), (chitra, "subscription:2")):
        subscribe(learner, now, reference=reference)
        enroll_learner(learner=learner, course_id=courses[0].pk)
    end_pass(reference="subscription:1", reason="cancelled", at=now)
    assert (ends(bilal), ends(chitra)) == ([], [now + 30 * DAY])


def test_a_pass_begun_again_opens_what_had_ended_with_it(
    courses: list[Course], bilal: CustomUser, now: datetime
) -> None:
    subscribe(bilal, now)
    for course in courses[:2]:
        enroll_learner(learner=bilal, course_id=course.pk)
    subscribe(bilal, now, course_ids=[courses[0].pk])
    assert ends(bilal) == [now + 30 * DAY]
    end_pass(reference="subscription:1", reason="payment failed", at=now)
    subscribe(bilal, now + DAY)
    assert ends(bilal) == [now + 31 * DAY]
    assert can_access(bilal, courses[0].pk)


def test_a_change_of_plan_closes_nothing_that_both_cover(
    courses: list[Course], bilal: CustomUser, now: datetime
) -> None:
    subscribe(bilal, now)
    for course in courses[:2]:
        enroll_learner(learner=bilal, course_id=course.pk)
    subscribe(bilal, now, reference="subscription:2", ends_at=now + 60 * DAY, course_ids=[courses[1].pk])
    assert ends(bilal) == [now + 30 * DAY, now + 60 * DAY]
    end_pass(reference="subscription:1", reason="upgraded", at=now)
    assert ends(bilal) == [now + 60 * DAY]
    assert can_access(bilal, courses[1].pk)


def test_who_has_two_passes_enrols_by_the_one_that_lasts_longer(
    courses: list[Course], bilal: CustomUser, now: datetime
) -> None:
    for reference, end in (("subscription:1", now + DAY), ("subscription:2", None), ("subscription:3", now + 2 * DAY)):
        subscribe(bilal, now, reference=reference, ends_at=end)
    enroll_learner(learner=bilal, course_id=courses[0].pk)
    assert AccessGrant.objects.get().reference == "subscription:2"


@pytest.mark.parametrize("end", [timedelta(hours=-1), timedelta(0), timedelta(hours=1)])
def test_a_pass_shortened_to_a_time_that_has_come_closes_what_it_opened(
    end: timedelta, courses: list[Course], bilal: CustomUser, now: datetime
) -> None:
    subscribe(bilal, now)
    enroll_learner(learner=bilal, course_id=courses[0].pk)
    subscribe(bilal, now + 2 * DAY, ends_at=now + end)
    assert not Enrollment.objects.current(now + 2 * DAY).exists()
    subscribe(bilal, now + 3 * DAY)
    enroll_learner(learner=bilal, course_id=courses[0].pk)
    assert ends(bilal) == [now + 33 * DAY]


@pytest.mark.parametrize("number", [1, 3])
def test_a_renewal_takes_the_same_statements_whatever_it_opened(
    number: int, courses: list[Course], bilal: CustomUser, now: datetime, django_assert_num_queries: Any
) -> None:
    subscribe(bilal, now)
    for course in courses[:number]:
        enroll_learner(learner=bilal, course_id=course.pk)
    with django_assert_num_queries(13):
        subscribe(bilal, now, ends_at=now + 60 * DAY)
    assert ends(bilal) == [now + 60 * DAY] * number
