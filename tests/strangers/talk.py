"""What Asha and Bilal have said to each other, and how a stranger would ask for it."""

from dataclasses import dataclass
from typing import Any

from accounts.models import CustomUser, PushDevice
from community.chat.services import say_in_community
from community.models import CommunityGroup, Message, ModerationAction, Notification, Post
from community.moderation.services import pin_post
from community.posts.services import create_post
from courses.models import Course
from tests.factories.communities import join, make_community
from tests.factories.people import session_for


@dataclass
class Talk:
    """The community of a course: a post, a message, what a moderator did, what Bilal was told, his telephone."""

    community: CommunityGroup
    asha: CustomUser
    bilal: CustomUser
    post: Post
    message: Message
    action: ModerationAction
    notification: Notification
    device: PushDevice

    def path_ids(self, operation: str) -> dict[str, int]:
        """Return what the operation's address names, where it is one of ours."""
        about = operation.removeprefix("community_")
        if operation == "accounts_device_remove":
            return {"id": self.device.pk}
        if operation == about:
            return {}
        ids = {"post": self.post.pk, "message": self.message.pk, "notification": self.notification.pk}
        return {
            "id": ids.get(about.split("_")[0], self.community.pk),
            "user_id": self.bilal.pk,
            "action_id": self.action.pk,
        }

    def body(self, operation: str) -> dict[str, Any] | None:
        words = {"message": "Mine"}
        post = {"title": "Mine", "content": "Mine"}
        bodies: dict[str, dict[str, Any]] = {
            "accounts_device_register": {"token": "mine", "platform": "android"},
            "community_direct_begin": words | {"user_id": self.bilal.pk},
            "community_direct_send": words,
            "community_group_posts_create": post,
            "community_groups_create": {"course_id": self.community.course_id},
            "community_group_update": {"title": "Mine"},
            "community_member_update": {"role": "moderator", "reason": "Mine"},
            "community_message_edit": words,
            "community_message_flag": {"reason": "Mine"},
            "community_messages_send": words | {"community_id": self.community.pk},
            "community_moderation_undo": {"reason": "Mine"},
            "community_post_flag": {"reason": "Mine"},
            "community_post_react": {"reaction_type": "like"},
            "community_post_reject": {"reason": "Mine"},
            "community_post_replace": post,
            "community_post_update": {"content": "Mine"},
            "community_posts_create": post | {"community_id": self.community.pk},
        }
        return bodies.get(operation)

    def query(self, operation: str) -> str:
        return f"?community={self.community.pk}" if operation == "community_messages" else ""


def talk_in(course: Course, bilal: CustomUser) -> Talk:
    """Return the talk of ``course``, whose owner teaches and in which ``bilal`` is enrolled."""
    community, asha = make_community(course), course.instructor
    join(bilal, community)
    post = create_post(author=asha, community_id=community.pk, title="Secret", content="Secret words")
    said = say_in_community(sender=bilal, community_id=community.pk, message="Secret words")
    pin_post(moderator=asha, post_id=post.pk, is_pinned=True)
    told = Notification.objects.create(user=bilal, notification_type="system", title="Secret", key="secret")
    device = PushDevice.objects.create(session=session_for(bilal), token="secret", digest="0" * 64, platform="ios")
    message, action = Message.objects.get(pk=said.message_id), ModerationAction.objects.get()
    return Talk(community, asha, bilal, post, message, action, told, device)
