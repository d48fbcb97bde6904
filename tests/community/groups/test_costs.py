"""Statements a request, BEGIN, COMMIT and the look at the session included."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.groups.access import standing_in
from community.groups.services import align_memberships
from community.groups.tasks import sweep_groups
from community.models import Block, CommunityGroup
from courses.models import Enrollment
from tests.community.groups.test_opening import GROUPS
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db(transaction=True)  # so that BEGIN and COMMIT count too


def cost(call: Any, *arguments: Any) -> int:
    with CaptureQueriesContext(connection) as statements:
        answer = call(*arguments)
    assert getattr(answer, "status_code", 200) < 300, answer.content
    return len(statements)


def test_lists_cost_the_same_for_one_and_for_three(
    bilals: APIClient, bilal: CustomUser, asha: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    taken = []
    for number in range(3):
        member = person(f"learner{number}")
        join(member, community)
        Block.objects.create(blocker=bilal, blocked=member)
        make_community(make_course(asha, contents=0))
        lists = (GROUPS, f"{GROUPS}{community.pk}/members/", "/api/community/blocks/")
        taken.append([cost(bilals.get, address) for address in lists])
    # The session; for members also who asks; the number of rows; the rows.
    assert taken == [[3, 4, 3]] * 3


def test_one_community_is_one_statement(bilals: APIClient, community: CommunityGroup) -> None:
    assert cost(bilals.get, f"{GROUPS}{community.pk}/") == 2


def test_joining_and_leaving(
    bilals: APIClient, community: CommunityGroup, enrollment: Enrollment, on_postgresql: bool
) -> None:
    steps = [cost(bilals.post, f"{GROUPS}{community.pk}/{step}/") for step in ("join", "join", "leave", "join")]
    if on_postgresql:
        assert steps == [10, 8, 8, 8]


def test_who_may_enter_is_one_statement(bilal: CustomUser, community: CommunityGroup) -> None:
    join(bilal, community)
    assert cost(lambda: standing_in(user=bilal, community_id=community.pk)) == 1


def test_news_of_an_enrolment_costs_the_same_however_many_members_there_are(
    community: CommunityGroup, enrollment: Enrollment
) -> None:
    told = {"course_id": community.course_id, "user_id": enrollment.user_id}
    taken = [cost(lambda: align_memberships(**told))]
    for number in range(2):
        join(person(f"learner{number}"), community)
    assert [*taken, cost(lambda: align_memberships(**told))] == [5, 5]


def test_a_sweep_that_finds_nothing_costs_the_same_for_one_and_for_three(
    asha: CustomUser, community: CommunityGroup
) -> None:
    taken = [cost(sweep_groups)]
    for _number in range(2):
        make_community(make_course(asha, contents=0))
    assert [*taken, cost(sweep_groups)] == [6, 6]
