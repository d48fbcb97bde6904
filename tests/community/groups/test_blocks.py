"""Nobody has to hear everybody; and a block is no way to learn who there is."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from community.groups.access import blocked_between, hidden_from
from community.models import Block, CommunityGroup
from tests.community.groups.test_opening import code_of
from tests.factories.communities import join

pytestmark = pytest.mark.django_db
BLOCKS = "/api/community/blocks/"


def test_a_learner_blocks_and_unblocks(
    bilals: APIClient, bilal: CustomUser, asha: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    first, second = (bilals.post(f"{BLOCKS}{asha.pk}/") for _time in range(2))
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["user"]["username"] == "asha"
    assert bilals.get(BLOCKS).json()["results"] == [first.json()]
    assert blocked_between(asha.pk, bilal.pk)
    assert blocked_between(bilal.pk, asha.pk)
    assert list(hidden_from(bilal.pk)) == [asha.pk]
    assert [bilals.delete(f"{BLOCKS}{asha.pk}/").status_code for _time in range(2)] == [204, 204]
    assert not blocked_between(asha.pk, bilal.pk)


def test_who_is_blocked_does_not_read_of_it(
    ashas: APIClient, bilal: CustomUser, asha: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    Block.objects.create(blocker=bilal, blocked=asha)
    assert ashas.get(BLOCKS).json()["results"] == []
    assert ashas.delete(f"{BLOCKS}{bilal.pk}/").status_code == 204
    assert Block.objects.filter(blocker=bilal).exists()  # it is Bilal's to take back


def test_somebody_never_met_and_nobody_at_all_look_the_same(
    chitras: APIClient, bilal: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community)
    met = chitras.post(f"{BLOCKS}{bilal.pk}/")
    nobody = chitras.post(f"{BLOCKS}{bilal.pk + 1000}/")
    assert met.status_code == nobody.status_code == 404
    assert met.json() == nobody.json()
    assert chitras.delete(f"{BLOCKS}{bilal.pk}/").status_code == 204
    assert chitras.post(f"{BLOCKS}{2**63}/").status_code == 404


def test_who_was_met_can_be_blocked_after_either_has_left(
    bilals: APIClient, bilal: CustomUser, asha: CustomUser, community: CommunityGroup
) -> None:
    join(bilal, community, left_at=timezone.now())
    CommunityGroup.objects.update(member_count=1)
    assert bilals.post(f"{BLOCKS}{asha.pk}/").status_code == 200


def test_nobody_blocks_themselves(bilals: APIClient, bilal: CustomUser) -> None:
    answer = bilals.post(f"{BLOCKS}{bilal.pk}/")
    assert (answer.status_code, code_of(answer)) == (400, "blocking_oneself")
