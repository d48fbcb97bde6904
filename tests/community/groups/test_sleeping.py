"""The membership sleeps when the enrolment ends and wakes with it, whatever is heard, lost, or told twice."""

import random
from contextlib import suppress
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from accounts.models import CustomUser
from community.groups import services
from community.groups.access import standing_in
from community.groups.auditing import counts_out_of_line
from community.groups.receivers import on_course_published, on_enrollment_changed
from community.groups.services import align_memberships, join_group, leave_group, mend_member_counts
from community.groups.tasks import sweep_groups
from community.models import CommunityGroup, Membership
from courses.api import end_access, grant_access
from courses.events import CoursePublished, LearnerEnrolled
from courses.learning.services import announce_expiries
from courses.models import Course, Enrollment
from e_learning.core.api.errors import ApiError, NotAllowed
from tests.factories.communities import join
from tests.factories.courses import enroll

DAY = timedelta(days=1)


def buy(learner: CustomUser, course: Course, reference: str, **until: object) -> None:
    whose = {"user_id": learner.pk, "course_id": course.pk, "source": "purchase", "reference": reference}
    grant_access(**whose, reason="bought", at=timezone.now(), **until)  # type: ignore[arg-type]  # whose columns


def refund(reference: str) -> None:
    end_access(source="purchase", reference=reference, reason="refunded", at=timezone.now())


def is_asleep(user: CustomUser) -> bool:
    return Membership.objects.get(user=user).asleep_since is not None


def member_count(community: CommunityGroup) -> int:
    return CommunityGroup.objects.get(pk=community.pk).member_count


@pytest.mark.django_db(transaction=True)
def test_a_refund_lets_the_membership_sleep_and_a_purchase_wakes_it(
    bilal: CustomUser, community: CommunityGroup
) -> None:
    buy(bilal, community.course, "payment:1")
    joined = join_group(user=bilal, community_id=community.pk)
    refund("payment:1")
    assert is_asleep(bilal)
    assert member_count(community) == 1
    with pytest.raises(ApiError, match="membership_required"):
        standing_in(user=bilal, community_id=community.pk)
    buy(bilal, community.course, "payment:2")
    assert not is_asleep(bilal)
    assert member_count(community) == 2
    assert standing_in(user=bilal, community_id=community.pk).membership == joined


@pytest.mark.django_db(transaction=True)
def test_an_end_by_date_closes_at_once_and_is_counted_when_it_is_told(
    bilal: CustomUser, community: CommunityGroup, enrollment: Enrollment
) -> None:
    join_group(user=bilal, community_id=community.pk)
    Enrollment.objects.update(expiry_date=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ApiError, match="membership_required"):
        standing_in(user=bilal, community_id=community.pk)
    assert member_count(community) == 2  # lags behind
    announce_expiries()
    assert is_asleep(bilal)
    assert member_count(community) == 1


@pytest.mark.django_db(transaction=True)
def test_while_another_grant_is_live_nothing_sleeps(bilal: CustomUser, community: CommunityGroup) -> None:
    for reference in ("subscription:1", "payment:1"):
        source = reference.split(":")[0]
        grant_access(
            user_id=bilal.pk,
            course_id=community.course_id,
            source=source,
            reference=reference,
            reason="given",
            at=timezone.now(),
        )
    join_group(user=bilal, community_id=community.pk)
    refund("payment:1")
    assert not is_asleep(bilal)


@pytest.mark.django_db
def test_the_sweep_finds_what_no_event_told(bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community)
    Enrollment.objects.update(is_active=False)
    assert sweep_groups() == 1
    assert (is_asleep(bilal), member_count(community)) == (True, 1)
    Enrollment.objects.update(is_active=True)
    assert sweep_groups() == 1
    assert (is_asleep(bilal), member_count(community)) == (False, 2)
    assert sweep_groups() == 0


@pytest.mark.django_db
def test_one_persons_news_asks_for_nobody_else(
    bilal: CustomUser, chitra: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    Enrollment.objects.update(is_active=False)
    assert align_memberships(course_id=community.course_id, user_id=chitra.pk) == 0
    assert align_memberships(course_id=community.course_id + 1) == 0
    assert align_memberships(course_id=community.course_id, user_id=bilal.pk) == 1
    assert align_memberships(course_id=community.course_id) == 0


@pytest.mark.django_db
def test_instructors_never_sleep_and_closed_accounts_do(
    asha: CustomUser, bilal: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    CustomUser.objects.filter(pk=bilal.pk).update(is_active=False)
    assert align_memberships() == 1
    assert (is_asleep(asha), is_asleep(bilal)) == (False, True)


@pytest.mark.django_db
def test_who_left_neither_sleeps_nor_wakes(bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community)
    leave_group(user=bilal, community_id=community.pk)
    Enrollment.objects.update(is_active=False)
    assert align_memberships() == 0


def take(step: str, learner: CustomUser, enrollment: Enrollment) -> None:
    community_id = enrollment.course.community.pk
    if step == "join":
        join_group(user=learner, community_id=community_id)
    elif step == "leave":
        leave_group(user=learner, community_id=community_id)
    elif step in {"end", "renew"}:
        Enrollment.objects.filter(pk=enrollment.pk).update(is_active=step == "renew")
    else:
        user_id = learner.pk if step == "tell" else None
        align_memberships(course_id=enrollment.course_id, user_id=user_id)


@pytest.mark.django_db
def test_any_order_and_any_number_of_repeats_leave_the_counts_right(
    bilal: CustomUser, chitra: CustomUser, community: CommunityGroup
) -> None:
    people = [bilal, chitra]
    enrollments = [enroll(person, community.course) for person in people]
    steps = list(product(range(2), ("join", "leave", "end", "renew", "align", "tell")))
    chance = random.Random(5)
    for _step in range(150):
        number, step = chance.choice(steps)
        with suppress(NotAllowed):
            take(step, people[number], enrollments[number])
        assert counts_out_of_line() == []
    align_memberships()
    awake = Membership.objects.awake().filter(community=community).count()
    assert member_count(community) == awake


@pytest.mark.django_db
def test_an_account_that_is_deleted_is_uncounted_by_the_sweep(bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community)
    Enrollment.objects.all().delete()
    bilal.delete()
    assert [(found.name, found.counted, found.rows) for found in counts_out_of_line()] == [("member_count", 2, 1)]
    assert mend_member_counts() == 1
    assert member_count(community) == 1


@pytest.mark.django_db
def test_a_step_of_the_sweep_that_fails_keeps_none_of_the_others(
    bilal: CustomUser, community: CommunityGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise RuntimeError

    join(bilal, community)
    Enrollment.objects.update(is_active=False)
    monkeypatch.setattr(services, "open_missed_groups", fail)
    assert sweep_groups() == 1
    assert is_asleep(bilal)


@pytest.mark.django_db(transaction=True)
def test_news_of_a_course_that_is_gone_hurts_nobody(course: Course, bilal: CustomUser) -> None:
    now = timezone.now()
    on_course_published(CoursePublished(course.pk + 1, at=now))
    on_enrollment_changed(LearnerEnrolled(user_id=bilal.pk, course_id=course.pk + 1, enrollment_id=1, at=now))
    assert sweep_groups() == 1  # the one course there is gets its community
