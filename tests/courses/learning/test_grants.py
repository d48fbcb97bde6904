"""Access by every source: each grant with its reason and its end, and the enrolment that follows from all of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CustomUser
from courses.api import (
    AlreadyBought,
    GrantOutcome,
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
from courses.catalogue.services import delete_or_archive_course
from courses.events import EnrollmentEnded, LearnerEnrolled
from courses.learning.models import live_access
from courses.learning.services import complete_content, enroll_learner
from courses.learning.services.passes import enroll_by_pass
from courses.models import AccessGrant, Course, Enrollment
from e_learning.core import events
from e_learning.core.api.errors import NotThere
from tests.conftest import ClientFor
from tests.factories.courses import contents_of, enroll, make_course
from tests.factories.people import person
from tests.thorough import times

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def course(asha: CustomUser) -> Course:
    return make_course(asha, price_paise=49900)


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """What was announced, in order."""
    heard: list[Any] = []
    for event in (LearnerEnrolled, EnrollmentEnded):
        events.listens_to(event)(heard.append)
    yield heard
    for event in (LearnerEnrolled, EnrollmentEnded):
        events._listeners[event].remove(heard.append)


def grant(user: CustomUser, course: Course, at: datetime, *, source: str, reference: str, **more: Any) -> GrantOutcome:
    return grant_access(
        user_id=user.pk, course_id=course.pk, source=source, reference=reference, reason="because", at=at, **more
    )


def buy(user: CustomUser, course: Course, at: datetime, reference: str = "payment:1", **more: Any) -> GrantOutcome:
    return grant(user, course, at, source="purchase", reference=reference, **more)


def refund(reference: str = "payment:1", *, at: datetime) -> bool:
    return end_access(source="purchase", reference=reference, reason="refunded", at=at)


def enroll_url(course: Course) -> str:
    return f"/api/courses/courses/{course.pk}/enroll/"


def expiry() -> datetime | None:
    return Enrollment.objects.get().expiry_date


# --- one source at a time -------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["purchase", "coupon", "manual"])
def test_what_is_granted_opens_the_course_to_its_owner_alone(
    source: str, course: Course, bilal: CustomUser, chitra: CustomUser, now: datetime, client_for: ClientFor
) -> None:
    address = f"/api/courses/contents/{contents_of(course)[0].pk}/"
    assert client_for(bilal).get(address).status_code == 403
    outcome = grant(bilal, course, now, source=source, reference="its:1")
    assert outcome == GrantOutcome(enrollment_id_of(user_id=bilal.pk, course_id=course.pk) or 0, is_new_grant=True)
    assert client_for(bilal).get(address).status_code == 200
    assert client_for(chitra).get(address).status_code == 403
    assert (can_access(bilal, course.pk), can_access(chitra, course.pk)) == (True, False)
    assert end_access(source=source, reference="its:1", reason="over", at=now)
    assert client_for(bilal).get(address).status_code == 403
    kept = AccessGrant.objects.get()
    assert (kept.source, kept.reason, kept.ended_at, kept.ended_reason) == (source, "because", now, "over")


def test_enrolling_says_by_what(asha: CustomUser, bilal: CustomUser, admin: CustomUser, course: Course) -> None:
    free = make_course(asha)
    give_pass(user_id=bilal.pk, reference="subscription:1", ends_at=None, course_ids=None, at=timezone.now())
    for learner, what in ((bilal, free), (asha, course), (admin, course), (bilal, course)):
        enroll_learner(learner=learner, course_id=what.pk)
    sources = list(AccessGrant.objects.order_by("pk").values_list("source", flat=True))
    assert sources == ["free", "own", "own", "subscription"]


def test_owners_and_admins_can_access_without_any_grant_and_nobody_else(
    course: Course, asha: CustomUser, bilal: CustomUser, admin: CustomUser
) -> None:
    colleague = person("colleague", role="instructor")
    everyone: list[CustomUser | AnonymousUser] = [asha, admin, bilal, colleague, AnonymousUser()]
    assert [can_access(user, course.pk) for user in everyone] == [True, True, False, False, False]
    assert not can_access(admin, course.pk + 1)


def test_a_grant_in_a_course_that_is_not_there_is_refused(bilal: CustomUser, now: datetime) -> None:
    with pytest.raises(NotThere):
        grant_access(user_id=bilal.pk, course_id=999_999, source="manual", reference="", reason="x", at=now)


# --- buying, once -----------------------------------------------------------------------------------


def test_the_same_purchase_again_grants_once(course: Course, bilal: CustomUser, now: datetime) -> None:
    first, *more = [buy(bilal, course, now + turn * DAY) for turn in range(3)]
    assert [again.is_new_grant for again in more] == [False, False]
    assert {again.enrollment_id for again in more} == {first.enrollment_id}
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
    assert can_access(bilal, course.pk)


def test_days_of_access_are_counted_from_the_purchase(asha: CustomUser, bilal: CustomUser, now: datetime) -> None:
    course = make_course(asha, price_paise=100, access_days=30)
    buy(bilal, course, now)
    assert expiry() == now + 30 * DAY
    assert can_access(bilal, course.pk)
    assert Enrollment.objects.current(now + 30 * DAY - timedelta(seconds=1)).exists()
    assert not Enrollment.objects.current(now + 30 * DAY).exists()


def test_a_purchase_after_the_end_closes_the_old_grant_and_keeps_the_progress(
    asha: CustomUser, bilal: CustomUser, now: datetime
) -> None:
    course = make_course(asha, price_paise=100, access_days=30)
    first = buy(bilal, course, now - 40 * DAY)
    complete_content(enrollment_id=first.enrollment_id, content_id=contents_of(course)[0].pk, at=now - 39 * DAY)
    assert not can_access(bilal, course.pk)
    second = buy(bilal, course, now, "payment:2")
    assert (second.enrollment_id, second.is_new_grant) == (first.enrollment_id, True)
    assert can_access(bilal, course.pk)
    assert learned_percent(user_id=bilal.pk, course_id=course.pk) == 33.3
    enrollment = Enrollment.objects.get()
    assert (enrollment.expiry_date, enrollment.enrollment_date) == (now + 30 * DAY, now)
    old = AccessGrant.objects.get(reference="payment:1")
    assert (old.ended_at, old.ended_reason) == (now - 10 * DAY, "expired")
    assert Course.objects.get().enrolled_count == 1


def test_money_agrees_with_what_nobody_took_back(asha: CustomUser, bilal: CustomUser, now: datetime) -> None:
    course = make_course(asha, price_paise=100, access_days=30)
    buy(bilal, course, now - 40 * DAY)
    buy(bilal, course, now, "payment:2")
    assert [row.reference for row in live_grants("purchase")] == ["payment:1", "payment:2"]
    assert refund("payment:1", at=now)
    assert not refund("payment:1", at=now)
    assert [row.reference for row in live_grants("purchase")] == ["payment:2"]
    assert can_access(bilal, course.pk)
    assert list(live_grants("coupon")) == []


# --- the end ---------------------------------------------------------------------------------------


def test_a_refund_ends_once_and_what_was_learnt_is_there_again_with_the_next_purchase(
    course: Course, bilal: CustomUser, now: datetime
) -> None:
    first = buy(bilal, course, now)
    complete_content(enrollment_id=first.enrollment_id, content_id=contents_of(course)[0].pk, at=now)
    assert [refund(at=now), refund(at=now + DAY)] == [True, False]
    assert not can_access(bilal, course.pk)
    assert Course.objects.get().enrolled_count == 0
    assert learned_percent(user_id=bilal.pk, course_id=course.pk) == 33.3
    assert enrollment_id_of(user_id=bilal.pk, course_id=course.pk) == first.enrollment_id
    again = buy(bilal, course, now + DAY, "payment:2")
    assert again == GrantOutcome(first.enrollment_id, is_new_grant=True)
    assert can_access(bilal, course.pk)
    assert Enrollment.objects.get().completed_count == Course.objects.get().enrolled_count == 1


def test_a_purchase_told_of_after_its_refund_opens_nothing(course: Course, bilal: CustomUser, now: datetime) -> None:
    buy(bilal, course, now)
    refund(at=now)
    assert buy(bilal, course, now).is_new_grant is False
    assert not can_access(bilal, course.pk)


def test_what_was_never_granted_is_not_ended(course: Course, bilal: CustomUser, now: datetime) -> None:
    assert refund("payment:9", at=now) is False
    assert buy(bilal, course, now, "payment:9").is_new_grant
    assert end_access(source="coupon", reference="payment:9", reason="another source", at=now) is False
    assert can_access(bilal, course.pk)


def test_of_two_grants_the_end_of_one_leaves_the_other(course: Course, bilal: CustomUser, now: datetime) -> None:
    buy(bilal, course, now)
    grant(bilal, course, now, source="coupon", reference="coupon:1", ends_at=now + DAY)
    assert expiry() is None
    refund(at=now)
    assert expiry() == now + DAY
    assert can_access(bilal, course.pk)
    end_access(source="coupon", reference="coupon:1", reason="over", at=now)
    assert not can_access(bilal, course.pk)
    assert Course.objects.get().enrolled_count == 0


def test_a_later_end_moves_the_end_and_an_earlier_one_does_not(
    asha: CustomUser, bilal: CustomUser, now: datetime
) -> None:
    course = make_course(asha, price_paise=100, access_days=30)
    buy(bilal, course, now)
    grant(bilal, course, now, source="manual", reference="", ends_at=now + 10 * DAY)
    assert expiry() == now + 30 * DAY
    grant(bilal, course, now, source="manual", reference="", ends_at=now + 60 * DAY)
    assert expiry() == now + 60 * DAY
    grant(bilal, course, now, source="manual", reference="")
    assert expiry() is None


@pytest.mark.django_db(transaction=True)
def test_openings_and_ends_are_told_once_each(
    course: Course, bilal: CustomUser, now: datetime, told: list[Any]
) -> None:
    enrollment_id = buy(bilal, course, now).enrollment_id
    buy(bilal, course, now)
    grant(bilal, course, now, source="manual", reference="m")
    refund(at=now)
    end_access(source="manual", reference="m", reason="a mistake", at=now)
    buy(bilal, course, now + DAY, "payment:2")
    whose = {"user_id": bilal.pk, "course_id": course.pk, "enrollment_id": enrollment_id}
    assert told == [
        LearnerEnrolled(**whose, at=now),
        EnrollmentEnded(**whose, reason="a mistake", at=now),
        LearnerEnrolled(**whose, at=now + DAY),
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_told_of_what_is_rolled_back(
    course: Course, bilal: CustomUser, now: datetime, told: list[Any]
) -> None:
    with transaction.atomic():
        buy(bilal, course, now)
        transaction.set_rollback(True)
    assert told == []
    assert not AccessGrant.objects.exists()
    assert Course.objects.get().enrolled_count == 0


def test_a_course_that_was_once_open_to_somebody_is_archived(
    course: Course, asha: CustomUser, bilal: CustomUser
) -> None:
    buy(bilal, course, timezone.now())
    refund(at=timezone.now())
    delete_or_archive_course(editor=asha, course_id=course.pk)
    assert Course.objects.get().archived_at is not None


# --- what is offered, and what it costs to ask ------------------------------------------------------


def test_an_offer_says_what_stands_in_the_way(
    course: Course, asha: CustomUser, bilal: CustomUser, now: datetime, django_assert_num_queries: Any
) -> None:
    basics = make_course(asha, title="Basics")
    course.prerequisites.add(basics)
    with django_assert_num_queries(2):
        offer = course_offer(user=bilal, course_id=course.pk)
    assert (offer.course_id, offer.title, offer.price_paise) == (course.pk, course.title, 49900)
    assert (offer.is_free, offer.is_own, offer.is_enrolled, offer.is_bought) == (False, False, False, False)
    assert offer.prerequisites_unmet == ["Basics"]
    enroll(bilal, basics, completed_at=now)
    give_pass(user_id=bilal.pk, reference="subscription:1", ends_at=None, course_ids=None, at=now)
    enroll_learner(learner=bilal, course_id=course.pk)
    offer = course_offer(user=bilal, course_id=course.pk)
    assert (offer.prerequisites_unmet, offer.is_enrolled, offer.is_bought) == ([], True, False)
    buy(bilal, course, now)
    assert course_offer(user=bilal, course_id=course.pk).is_bought
    assert course_offer(user=asha, course_id=course.pk).is_own
    assert course_offer(user=bilal, course_id=basics.pk).is_free


@pytest.mark.parametrize("hidden", [{"published": False}, {"archived_at": datetime(2026, 1, 1, tzinfo=UTC)}])
def test_what_is_not_for_sale_is_not_offered(hidden: dict[str, Any], asha: CustomUser, bilal: CustomUser) -> None:
    course = make_course(asha, price_paise=100, **hidden)
    for course_id in (course.pk, 999_999):
        with pytest.raises(NotThere):
            course_offer(user=bilal, course_id=course_id)


def test_statements_of_the_door(
    course: Course, bilal: CustomUser, chitra: CustomUser, now: datetime, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(6):  # of these two set the savepoint and release it
        buy(bilal, course, now)
    with django_assert_num_queries(3):
        buy(bilal, course, now)
    with django_assert_num_queries(1):
        can_access(bilal, course.pk)
    with django_assert_num_queries(8):
        refund(at=now)
    with django_assert_num_queries(9):
        buy(bilal, course, now, "payment:2")
    with django_assert_num_queries(3):
        refund("payment:9", at=now)


# --- any order --------------------------------------------------------------------------------------

HOURS = st.integers(min_value=1, max_value=40)
ENDS = st.none() | st.integers(min_value=1, max_value=60)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.sampled_from(["purchase", "coupon", "manual"]), st.integers(1, 4), ENDS),
        st.tuples(st.just("end"), st.sampled_from(["purchase", "coupon", "manual"]), st.integers(1, 4)),
        st.tuples(st.just("give pass"), st.integers(1, 2), ENDS, st.booleans()),
        st.tuples(st.just("end pass"), st.integers(1, 2)),
        st.tuples(st.just("enrol")),
        st.tuples(st.just("wait"), HOURS),
    ),
    max_size=14,
)


class Story:
    """Steps of one person and course, by a clock of their own; after each the enrolment is held against the grants."""

    def __init__(self, course: Course, learner: CustomUser, *, at: datetime) -> None:
        self.course, self.learner, self.at = course, learner, at

    def take(self, kind: str, *what: Any) -> None:
        getattr(self, kind.replace(" ", "_"))(*what)
        self.check()

    def _end(self, hours: int | None) -> datetime | None:
        return None if hours is None else self.at + timedelta(hours=hours)

    def grant(self, source: str, number: int, hours: int | None) -> None:
        bought = AccessGrant.objects.filter(live_access(self.at), source="purchase")
        again = AccessGrant.objects.filter(source=source, reference=f"{source}:{number}").exists()
        if source == "purchase" and bought.exists() and not again:
            with pytest.raises(AlreadyBought):
                self._granted(source, number, hours)
        else:
            assert self._granted(source, number, hours).is_new_grant is not again

    def _granted(self, source: str, number: int, hours: int | None) -> GrantOutcome:
        return grant(
            self.learner, self.course, self.at, source=source, reference=f"{source}:{number}", ends_at=self._end(hours)
        )

    def end(self, source: str, number: int) -> None:
        end_access(source=source, reference=f"{source}:{number}", reason="over", at=self.at)

    def give_pass(self, number: int, hours: int | None, covers: bool) -> None:
        give_pass(
            user_id=self.learner.pk,
            reference=f"subscription:{number}",
            ends_at=self._end(hours),
            course_ids=[self.course.pk] if covers else [],
            at=self.at,
        )

    def end_pass(self, number: int) -> None:
        end_pass(reference=f"subscription:{number}", reason="over", at=self.at)

    def enrol(self) -> None:
        enroll_by_pass(user_id=self.learner.pk, course_id=self.course.pk, at=self.at)

    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    def check(self) -> None:
        ends = list(AccessGrant.objects.filter(live_access(self.at)).values_list("ends_at", flat=True))
        current = list(Enrollment.objects.current(self.at).values_list("expiry_date", flat=True))
        known = [end for end in ends if end is not None]
        assert current == ([] if not ends else [None] if len(known) < len(ends) else [max(known)])
        assert Enrollment.objects.count() <= 1
        active = Enrollment.objects.filter(is_active=True).count()
        assert Course.objects.get(pk=self.course.pk).enrolled_count == active


@given(steps=STEPS)
@settings(
    max_examples=times(400, few=60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_after_any_steps_the_enrolment_is_the_furthest_live_grant(
    steps: list[Any], asha: CustomUser, bilal: CustomUser
) -> None:
    with transaction.atomic():
        story = Story(make_course(asha, contents=0, price_paise=100), bilal, at=datetime(2026, 1, 1, tzinfo=UTC))
        for step in steps:
            story.take(*step)
        transaction.set_rollback(True)
