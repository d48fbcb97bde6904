"""Moderation in the back office: the queue, what was done, members and words. Each decision is the API's service."""

from community.moderation.admin.decided import MessageAdmin, ModeratedMembershipAdmin, PostAdmin
from community.moderation.admin.queue import QueueAdmin
from community.moderation.admin.records import FlagAdmin, ModerationActionAdmin

__all__ = [
    "FlagAdmin",
    "MessageAdmin",
    "ModeratedMembershipAdmin",
    "ModerationActionAdmin",
    "PostAdmin",
    "QueueAdmin",
]
