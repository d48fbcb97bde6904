"""Access by every source: each grant with its reason and its end, and the enrolment that follows from all of them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import (
    AlreadyBought,
    can_access,
    course_offer,
    end_access,
    end_pass,
    enrollment_id_of,
    give_pass,
    grant_access,
    learned_percent,
    live_grants,
)
from courses.models import AccessGrant, Course, Enrollment
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, price_paise=49900)


def buy(user: CustomUser, course: Course, at: datetime, reference: str = "payment:1", **more: Any) -> Any:
    return grant_access(
        user_id=user.pk, course_id=course.pk, source="purchase", reference=reference, reason="bought", at=at, **more
    )


def test_a_purchase_opens_the_course_once(course: Course, bilal: CustomUser, chitra: CustomUser, now: datetime) -> None:
    first, again = buy(bilal, course, now), buy(bilal, course, now)
    assert first.is_new_grant
    assert not again.is_new_grant
    assert first.enrollment_id == again.enrollment_id == enrollment_id_of(user_id=bilal.pk, course_id=course.pk)
    assert can_access(bilal, course.pk)
    assert not can_access(chitra, course.pk)
    assert Course.objects.get().enrolled_count == 1
    assert list(live_grants("purchase")) == [("payment:1", bilal.pk, course.pk)]


def test_a_second_purchase_is_refused_and_the_transaction_lives_on(
    course: Course, bilal: CustomUser, now: datetime
) -> None:
    buy(bilal, course, now)
    with transaction.atomic():
        with pytest.raises(AlreadyBought):
            buy(bilal, course, now, "payment:2")
        assert AccessGrant.objects.count() == 1


def test_a_refund_ends_it_and_the_next_purchase_keeps_the_progress(
    course: Course, bilal: CustomUser, now: datetime
) -> None:
    first = buy(bilal, course, now)
    Enrollment.objects.update(completed_count=1)
    for is_first in (True, False):
        ended = end_access(source="purchase", reference="payment:1", reason="refunded", at=now)
        assert ended is is_first
    assert not can_access(bilal, course.pk)
    assert Course.objects.get().enrolled_count == 0
    assert buy(bilal, course, now).is_new_grant is False
    assert not can_access(bilal, course.pk)
    assert buy(bilal, course, now, "payment:2").enrollment_id == first.enrollment_id
    assert can_access(bilal, course.pk)
    assert learned_percent(user_id=bilal.pk, course_id=course.pk) == 33.3


def test_a_pass_and_a_purchase_leave_each_other(
    course: Course, bilal: CustomUser, now: datetime, client_for: Any
) -> None:
    client = client_for(bilal)
    url = f"/api/courses/courses/{course.pk}/enroll/"
    assert client.post(url).status_code == 402
    give_pass(user_id=bilal.pk, reference="subscription:1", ends_at=now + DAY, course_ids=None, at=now)
    assert client.post(url).status_code == 201
    assert Enrollment.objects.get().expiry_date == now + DAY
    give_pass(user_id=bilal.pk, reference="subscription:1", ends_at=now + 2 * DAY, course_ids=None, at=now)
    assert Enrollment.objects.get().expiry_date == now + 2 * DAY
    buy(bilal, course, now)
    assert Enrollment.objects.get().expiry_date is None
    assert end_pass(reference="subscription:1", reason="cancelled", at=now)
    assert not end_pass(reference="subscription:1", reason="cancelled", at=now)
    assert can_access(bilal, course.pk)
    end_access(source="purchase", reference="payment:1", reason="refunded", at=now)
    assert not can_access(bilal, course.pk)


def test_what_a_course_is_offered_as(course: Course, bilal: CustomUser, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        offer = course_offer(user=bilal, course_id=course.pk)
    assert (offer.price_paise, offer.is_free, offer.is_enrolled, offer.is_bought) == (49900, False, False, False)


def test_a_first_purchase_takes_six_statements(
    course: Course, bilal: CustomUser, now: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6):
        buy(bilal, course, now)
