"""Do the counts beside rows equal the rows? Asked by the sweep and after tests; the answer should always be empty."""

from typing import NamedTuple

from django.db.models import Count, F, Q

from community.groups.models import CommunityGroup

_COUNTED = {
    "member_count": Count("memberships", filter=Q(memberships__left_at=None, memberships__asleep_since=None)),
    "post_count": Count("posts", filter=Q(posts__status="published", posts__parent=None, posts__deleted_at=None)),
}


class Miscount(NamedTuple):
    """A count ``name`` that says ``counted`` where there are so many ``rows``."""

    community_id: int
    name: str
    counted: int
    rows: int


def counts_out_of_line(*names: str) -> list[Miscount]:
    """Return every count of a community that does not equal its rows; of all, or of those named, a statement each."""
    return [
        Miscount(community_id, name, counted, rows)
        for name in names or _COUNTED
        for community_id, counted, rows in CommunityGroup.objects.annotate(rows=_COUNTED[name])
        .exclude(rows=F(name))
        .order_by("pk")
        .values_list("pk", name, "rows")
    ]
