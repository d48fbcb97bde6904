"""Many at once: one row each, counts that add up. Each race also runs without its guard, and has to go wrong then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from accounts.models import CustomUser
from community.groups.auditing import counts_out_of_line
from community.groups.services import align_memberships, aligning, join_group, joining, leave_group, open_group
from community.models import CommunityGroup, Membership
from courses.models import Enrollment
from tests.community.groups.test_sleeping import buy, refund
from tests.crowd import MOST_ROUNDS, AllAtOnce, crowd
from tests.factories.communities import make_community
from tests.factories.courses import enroll, make_course
from tests.thorough import times

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
AT_ONCE = 8
ROUNDS = times(20, few=3)
Race = Callable[[int], None]


@pytest.fixture
def all_at_once() -> Iterator[AllAtOnce]:
    with crowd(AT_ONCE) as run:
        yield run


@pytest.fixture
def postgresql_only(on_postgresql: bool) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")


@pytest.fixture
def only_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Communities are found as before, and nobody waits for anybody."""

    def look(known: QuerySet[CommunityGroup], community_id: int) -> CommunityGroup:
        return known.select_related("course").get(pk=community_id)

    monkeypatch.setattr(joining, "hold", look)
    monkeypatch.setattr(aligning, "hold", look)


@contextmanager
def without_uniqueness(table: str, *columns: str) -> Iterator[None]:
    """Take a unique constraint off, on PostgreSQL, and put it back when the rows are gone."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        name = next(name for name, one in found.items() if one["unique"] and one["columns"] == list(columns))
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        try:
            yield
        finally:
            Membership.objects.all().delete()
            CommunityGroup.objects.all().delete()
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" UNIQUE ({", ".join(columns)})')


def assert_in_line(community: CommunityGroup) -> None:
    """Counts equal their rows, and those who are counted are those who may enter."""
    assert counts_out_of_line() == []
    here = Membership.objects.filter(community=community)
    assert set(here.counted()) == set(here.awake())


# --- opening ------------------------------------------------------------------------------------


@pytest.fixture
def openings(all_at_once: AllAtOnce, asha: CustomUser) -> Race:
    def play(rounds: int) -> None:
        for _round in range(rounds):
            course = make_course(asha, contents=0)
            all_at_once(*[partial(open_group, course_id=course.pk)] * AT_ONCE)
            assert CommunityGroup.objects.get(course=course).member_count == 1

    return play


def test_a_course_opened_many_times_at_once_has_one_community(openings: Race) -> None:
    openings(ROUNDS)


@pytest.mark.usefixtures("postgresql_only", "counts_need_not_add_up")
def test_without_the_constraint_it_has_several(openings: Race) -> None:
    several = pytest.raises(CommunityGroup.MultipleObjectsReturned)
    with without_uniqueness("community_communitygroup", "course_id"), several:
        openings(MOST_ROUNDS)


# --- joining ------------------------------------------------------------------------------------


@pytest.fixture
def joins(all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser) -> Race:
    """One person joins many times at once: from a first tap on, and after having left."""

    def play(rounds: int) -> None:
        for _round in range(rounds):
            community = make_community(make_course(asha, contents=0))
            enroll(bilal, community.course)
            for _time in range(2):
                joined = all_at_once(*[partial(join_group, user=bilal, community_id=community.pk)] * AT_ONCE)
                assert {membership.user_id for membership in joined} == {bilal.pk}
                assert Membership.objects.get(community=community, user=bilal).left_at is None
                assert_in_line(community)
                leave_group(user=bilal, community_id=community.pk)

    return play


def test_joins_at_once_are_one_membership(joins: Race) -> None:
    joins(ROUNDS)


@pytest.mark.usefixtures("only_looked_at")
def test_the_constraint_and_the_conditions_see_to_it_without_the_lock(joins: Race) -> None:
    joins(ROUNDS)


@pytest.mark.usefixtures("postgresql_only", "counts_need_not_add_up", "only_looked_at")
def test_without_constraint_and_lock_there_are_several(joins: Race) -> None:
    several = pytest.raises((AssertionError, AttributeError, Membership.MultipleObjectsReturned))
    with without_uniqueness("community_membership", "community_id", "user_id"), several:
        joins(MOST_ROUNDS)


@pytest.fixture
def comings_and_goings(all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser) -> Race:
    def play(rounds: int) -> None:
        community = make_community(make_course(asha, contents=0))
        enroll(bilal, community.course)
        whose: dict[str, Any] = {"user": bilal, "community_id": community.pk}
        join_group(**whose)
        for _round in range(rounds):
            all_at_once(*[partial(join_group, **whose), partial(leave_group, **whose)] * (AT_ONCE // 2))
            assert_in_line(community)

    return play


def test_joining_while_leaving_keeps_the_count(comings_and_goings: Race) -> None:
    comings_and_goings(ROUNDS)


@pytest.mark.usefixtures("postgresql_only", "counts_need_not_add_up", "only_looked_at")
def test_without_the_conditions_the_count_is_lost(comings_and_goings: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_at_before(membership: Membership) -> bool:
        Membership.objects.filter(pk=membership.pk).update(left_at=None, asleep_since=None)
        return membership.left_at is not None

    monkeypatch.setattr(joining, "_came_back", looked_at_before)
    with pytest.raises((AssertionError, DatabaseError)):  # the table knows that no count is below zero
        comings_and_goings(MOST_ROUNDS)


# --- sleeping -----------------------------------------------------------------------------------


@pytest.fixture
def join_at_the_end(
    all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """The enrolment ends when its learner was let in and that is not committed yet: as late as can be."""
    let_in, ended = Event(), Event()
    count_members = joining.count_members

    def count_late(community_id: int, by: int) -> None:
        let_in.set()
        ended.wait(0.5)  # in vain, where the end waits for the community in its turn
        count_members(community_id, by)

    def end(payment: str) -> None:
        let_in.wait(30)
        refund(payment)
        ended.set()

    def play() -> None:
        community = make_community(make_course(asha, contents=0))
        payment = f"payment:{community.pk}"
        buy(bilal, community.course, payment)
        all_at_once(partial(join_group, user=bilal, community_id=community.pk), partial(end, payment))
        assert_in_line(community)

    monkeypatch.setattr(joining, "count_members", count_late)
    return play


def test_who_joins_while_the_enrolment_ends_sleeps(join_at_the_end: Callable[[], None]) -> None:
    join_at_the_end()
    assert Membership.objects.get(user__username="bilal").asleep_since is not None


@pytest.mark.usefixtures("postgresql_only", "only_looked_at")
def test_without_the_lock_somebody_is_counted_who_may_not_enter(join_at_the_end: Callable[[], None]) -> None:
    with pytest.raises(AssertionError):
        join_at_the_end()
    assert align_memberships() == 1  # as the sweep does


@pytest.fixture
def everything(all_at_once: AllAtOnce, asha: CustomUser, bilal: CustomUser, chitra: CustomUser) -> Race:
    """Two people come and go, their access is bought and taken back, and sweeps run, all at once."""

    def play(rounds: int) -> None:
        community = make_community(make_course(asha, contents=0))
        for number in range(rounds):
            works: list[Callable[[], Any]] = []
            for learner in (bilal, chitra):
                reference = f"payment:{community.pk}:{learner.pk}:{number}"
                buy(learner, community.course, reference)
                works += [
                    partial(join_group, user=learner, community_id=community.pk),
                    partial(leave_group, user=learner, community_id=community.pk),
                    partial(refund, reference),
                ]
            all_at_once(*works, *[align_memberships] * 2)
            assert counts_out_of_line() == []
            align_memberships()
            assert_in_line(community)
            assert set(Membership.objects.awake()) == set(Membership.objects.filter(user=asha))

    return play


def test_whatever_meets_the_counts_add_up(everything: Race) -> None:
    everything(ROUNDS)


@pytest.mark.usefixtures("postgresql_only", "counts_need_not_add_up")
def test_without_the_lock_a_recount_overwrites_who_joined(
    all_at_once: AllAtOnce,
    asha: CustomUser,
    bilal: CustomUser,
    chitra: CustomUser,
    only_looked_at: None,
) -> None:
    community: CommunityGroup = make_community(make_course(asha, contents=0))
    whose: dict[str, Any] = {"user": bilal, "community_id": community.pk}
    enroll(bilal, community.course)
    enrollment = enroll(chitra, community.course)
    join_group(user=chitra, community_id=community.pk)

    def play() -> None:
        for number in range(MOST_ROUNDS):
            Enrollment.objects.filter(pk=enrollment.pk).update(is_active=bool(number % 2))
            all_at_once(partial(join_group, **whose), align_memberships)
            assert counts_out_of_line() == []
            leave_group(**whose)

    with pytest.raises(AssertionError):
        play()
