"""The back office of community, from its rooms."""

from community.groups.admin import CommunityGroupAdmin
from community.moderation.admin import (
    FlagAdmin,
    MessageAdmin,
    ModeratedMembershipAdmin,
    ModerationActionAdmin,
    PostAdmin,
    QueueAdmin,
)
from community.notifications.admin import NotificationAdmin, PushDeliveryAdmin

__all__ = [
    "CommunityGroupAdmin",
    "FlagAdmin",
    "MessageAdmin",
    "ModeratedMembershipAdmin",
    "ModerationActionAdmin",
    "NotificationAdmin",
    "PostAdmin",
    "PushDeliveryAdmin",
    "QueueAdmin",
]
