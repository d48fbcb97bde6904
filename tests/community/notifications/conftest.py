"""A community in which Asha teaches and Bilal learns; Chitra is not in it."""

from typing import Any

import pytest

from accounts.models import CustomUser
from community.models import CommunityGroup
from tests.factories.communities import join, make_community
from tests.factories.courses import make_course


@pytest.fixture
def community(asha: CustomUser, bilal: CustomUser, counts_need_not_add_up: None) -> CommunityGroup:
    """Its posts and members are moved as rows here: how they are counted is tested where they are written."""
    community = make_community(make_course(asha))
    join(bilal, community)
    return community


@pytest.fixture
def instantly(settings: Any, bilal: CustomUser) -> None:
    """Bilal wants mail at once."""
    bilal.settings.email_digest = "instant"
    bilal.settings.save()
