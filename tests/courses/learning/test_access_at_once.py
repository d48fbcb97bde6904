"""Grants and ends at once: one enrolment whatever happens, and no race without its guard goes well."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from courses.api import GrantOutcome, end_access, end_pass, give_pass, grant_access
from courses.learning.models import live_access
from courses.learning.services import enroll_learner, granting, passes
from courses.models import AccessGrant, Course, Enrollment
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.factories.courses import make_course
from tests.guards import without
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 32
ROUNDS = times(20, few=4)
DAY = timedelta(days=1)


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


def forget_everything() -> None:
    AccessGrant.objects.all().delete()
    Enrollment.objects.all().delete()


def only_postgresql(on_postgresql: bool) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")


def buy(learner: CustomUser, course: Course, reference: str) -> GrantOutcome:
    return grant_access(
        user_id=learner.pk,
        course_id=course.pk,
        source="purchase",
        reference=reference,
        reason="bought",
        at=timezone.now(),
    )


def refund(reference: str) -> bool:
    return end_access(source="purchase", reference=reference, reason="refunded", at=timezone.now())


def is_in_line(course: Course) -> bool:
    """Say whether there is one enrolment, open as its live grants say, and counted so."""
    at = timezone.now()
    live = AccessGrant.objects.filter(live_access(at), course=course)
    [enrollment] = Enrollment.objects.filter(course=course)
    counted = Course.objects.get(pk=course.pk).enrolled_count
    return enrollment.is_active == live.exists() and counted == int(enrollment.is_active)


def test_one_purchase_told_of_by_many_at_once_grants_once(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser
) -> None:
    for number in range(ROUNDS):
        course = make_course(asha, contents=0, price_paise=100)
        outcomes = all_at_once(*[partial(buy, bilal, course, f"payment:{number}")] * AT_ONCE)
        assert [outcome.is_new_grant for outcome in outcomes].count(True) == 1
        assert len({outcome.enrollment_id for outcome in outcomes}) == 1
        assert is_in_line(course)


def buy_by_many_payments(all_at_once: AllAtOnce, learner: CustomUser, course: Course) -> list[str]:
    """Pay 32 times at once for a course that was bought and refunded before; tells in order what each came to.

    There is an enrolment by then, so all have looked whether the course is bought before the first one is through.
    """
    buy(learner, course, f"payment:{course.pk}:first")
    refund(f"payment:{course.pk}:first")
    works = [partial(buy, learner, course, f"payment:{course.pk}:{number}") for number in range(AT_ONCE)]
    return sorted(type(outcome).__name__ for outcome in all_at_once(*works))


def test_of_many_payments_at_once_one_buys_and_all_others_are_surplus(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser
) -> None:
    for _round in range(ROUNDS):
        course = make_course(asha, contents=0, price_paise=100)
        came_to = buy_by_many_payments(all_at_once, bilal, course)
        assert came_to == ["AlreadyBought"] * (AT_ONCE - 1) + ["GrantOutcome"]
        assert is_in_line(course)


def test_without_its_constraint_many_payments_buy(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser, on_postgresql: bool
) -> None:
    only_postgresql(on_postgresql)
    with without(AccessGrant, "one_live_purchase", clear=forget_everything):
        rounds = (make_course(asha, contents=0, price_paise=100) for _round in range(MOST_ROUNDS))
        assert any(buy_by_many_payments(all_at_once, bilal, course).count("GrantOutcome") > 1 for course in rounds)


def mixed(learner: CustomUser, course: Course) -> list[Callable[[], Any]]:
    """Purchases, refunds of the same, a pass given and ended, and the learner who enrols, over and over."""
    now, reference = timezone.now(), f"subscription:{course.pk}"
    whose: dict[str, Any] = {"user_id": learner.pk, "reference": reference, "course_ids": None, "at": now}
    works: list[Callable[[], Any]] = []
    for number in range(AT_ONCE // 8):
        payment = f"payment:{course.pk}:{number}"
        works += [
            partial(buy, learner, course, payment),
            partial(refund, payment),
            partial(give_pass, ends_at=now + (number + 1) * DAY, **whose),
            partial(end_pass, reference=reference, reason="over", at=now),
            *[partial(enroll_learner, learner=learner, course_id=course.pk)] * 2,
            partial(buy, learner, course, payment),
            partial(refund, payment),
        ]
    return works


def test_whatever_meets_the_enrolment_follows_from_the_grants(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser
) -> None:
    for _round in range(ROUNDS):
        course = make_course(asha, contents=0, price_paise=100)
        buy(bilal, course, f"payment:{course.pk}:first")  # there is an enrolment to be fought for
        all_at_once(*mixed(bilal, course))
        assert is_in_line(course)


def refund_while_granting(all_at_once: AllAtOnce, asha: CustomUser, learner: CustomUser, rounds: int) -> None:
    """Take back the only grant at the moment at which another is made: each must see the other, or wait for it."""
    for _round in range(rounds):
        course = make_course(asha, contents=0, price_paise=100)
        first = f"payment:{course.pk}:first"
        buy(learner, course, first)
        give: dict[str, Any] = {"user_id": learner.pk, "course_id": course.pk, "reference": "", "reason": "a prize"}
        all_at_once(
            partial(refund, first), partial(grant_access, source="manual", at=timezone.now(), ends_at=None, **give)
        )
        assert is_in_line(course)


def test_a_refund_leaves_open_what_was_granted_at_that_moment(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser
) -> None:
    refund_while_granting(all_at_once, asha, bilal, ROUNDS)


def test_without_holding_the_enrolment_a_refund_closes_what_was_granted_at_that_moment(
    all_at_once: AllAtOnce,
    asha: CustomUser,
    bilal: CustomUser,
    on_postgresql: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only_postgresql(on_postgresql)
    monkeypatch.setattr(granting, "hold_enrollments", lambda rows: {row.pk: row for row in rows})
    with pytest.raises(AssertionError):
        refund_while_granting(all_at_once, asha, bilal, MOST_ROUNDS)


def renew_while_enrolling(all_at_once: AllAtOnce, asha: CustomUser, learner: CustomUser, rounds: int) -> None:
    """Renew a pass at the moment at which its owner enrols by it: the enrolment has to get the new end."""
    for _round in range(rounds):
        now, course = timezone.now(), make_course(asha, contents=0, price_paise=100)
        renew = partial(
            give_pass, user_id=learner.pk, reference=f"subscription:{course.pk}", course_ids=[course.pk], at=now
        )
        renew(ends_at=now + DAY)
        all_at_once(
            partial(passes.enroll_by_pass, user_id=learner.pk, course_id=course.pk, at=now),
            partial(renew, ends_at=now + 9 * DAY),
        )
        assert Enrollment.objects.get(course=course).expiry_date == now + 9 * DAY


def test_a_renewal_reaches_who_enrols_at_that_moment(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser
) -> None:
    renew_while_enrolling(all_at_once, asha, bilal, ROUNDS)


def test_without_holding_the_pass_a_renewal_misses_who_enrols(
    all_at_once: AllAtOnce,
    asha: CustomUser,
    bilal: CustomUser,
    on_postgresql: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only_postgresql(on_postgresql)
    monkeypatch.setattr(passes, "_hold", lambda rows: rows.first())
    with pytest.raises(AssertionError):
        renew_while_enrolling(all_at_once, asha, bilal, MOST_ROUNDS)
