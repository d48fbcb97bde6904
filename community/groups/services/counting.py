"""``member_count``, and the row that everybody holds who changes what it counts.

A community's row is held before its memberships are touched, so of two writers the second sees what the first did, and
no two wait for each other. SQLite has one writer at a time by itself.
"""

import logging

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from community.groups.auditing import counts_out_of_line
from community.groups.models import CommunityGroup, Membership
from e_learning.core.api.errors import NotThere

logger = logging.getLogger(__name__)


def hold(known: QuerySet[CommunityGroup], community_id: int) -> CommunityGroup:
    """Return the community, held until the commit, if it is among those ``known``; else 404."""
    rows = known.select_related("course").select_for_update(no_key=True, of=("self",))
    community = rows.filter(pk=community_id).first()
    if community is None:
        raise NotThere
    return community


def count_members(community_id: int, by: int) -> None:
    """Move the count by what the caller changed, which the conditions of its statements told."""
    if by:
        CommunityGroup.objects.filter(pk=community_id).update(member_count=F("member_count") + by)


def recount_members(community_id: int) -> None:
    """Set the count to its rows. The caller holds the community."""
    counted = Membership.objects.counted().filter(community=OuterRef("pk")).order_by().values("community")
    number = Coalesce(Subquery(counted.annotate(number=Count("pk")).values("number")), 0)
    CommunityGroup.objects.filter(pk=community_id).update(member_count=number)


def mend_member_counts() -> int:
    """Set right the counts that do not equal their rows, and return how many.

    Rows that go with a deleted account are taken along by the database, past every service; nothing else should
    be found here.
    """
    wrong = counts_out_of_line("member_count")
    for found in wrong:
        logger.warning("community %s counted %s members of %s", found.community_id, found.counted, found.rows)
        with transaction.atomic():
            hold(CommunityGroup.objects.all(), found.community_id)
            recount_members(found.community_id)
    return len(wrong)
