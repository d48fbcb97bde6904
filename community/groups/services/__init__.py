"""Every write of the room."""

from community.groups.services.aligning import align_memberships
from community.groups.services.blocking import BlockingOneself, block_user, unblock_user
from community.groups.services.counting import mend_member_counts
from community.groups.services.joining import OwnerStays, join_group, leave_group, set_own_preferences
from community.groups.services.opening import (
    GroupExists,
    GroupValues,
    create_group,
    open_group,
    open_missed_groups,
    seat_changed_owners,
    update_group,
)

__all__ = [
    "BlockingOneself",
    "GroupExists",
    "GroupValues",
    "OwnerStays",
    "align_memberships",
    "block_user",
    "create_group",
    "join_group",
    "leave_group",
    "mend_member_counts",
    "open_group",
    "open_missed_groups",
    "seat_changed_owners",
    "set_own_preferences",
    "unblock_user",
    "update_group",
]
