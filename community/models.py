"""Every table of the app, from its rooms."""

from community.chat.models import Attachment, ChatRoom, Message, Presence, ReadMark, SocketProcess
from community.groups.models import Block, CommunityGroup, Membership
from community.moderation.models import Flag, ModerationAction, Waiting
from community.notifications.models import MailTurn, Notification, PushDelivery
from community.posts.models import Post, PostView, Reaction

__all__ = [
    "Attachment",
    "Block",
    "ChatRoom",
    "CommunityGroup",
    "Flag",
    "MailTurn",
    "Membership",
    "Message",
    "ModerationAction",
    "Notification",
    "Post",
    "PostView",
    "Presence",
    "PushDelivery",
    "Reaction",
    "ReadMark",
    "SocketProcess",
    "Waiting",
]
