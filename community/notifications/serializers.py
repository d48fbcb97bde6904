"""The words of the contract for notifications."""

from typing import Any

from rest_framework import serializers

from accounts.api import PublicUserSerializer
from community.notifications.models import Notification
from community.notifications.selectors import ABOUT_ONESELF


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    """What the caller was told, in the language they had chosen then."""

    actor = PublicUserSerializer(allow_null=True)
    message = serializers.SerializerMethodField(help_text="Empty where the post that it is about was removed.")
    is_read = serializers.SerializerMethodField()
    read_at = serializers.DateTimeField(source="seen_at", allow_null=True)

    class Meta:
        model = Notification
        fields = [
            "id",
            "notification_type",
            "title",
            "message",
            "actor",
            "community_id",
            "post_id",
            "is_read",
            "read_at",
            "created_at",
        ]
        read_only_fields = fields

    def get_is_read(self, row: Notification) -> bool:
        return row.seen_at is not None  # type: ignore[attr-defined]  # annotated

    def get_message(self, row: Notification) -> str:
        """The title of a discussion that was removed is not shown here either; a decision's reason is."""
        is_gone = row.post is not None and row.post.deleted_at is not None
        return "" if is_gone and row.notification_type not in ABOUT_ONESELF else row.message


class NotificationListQuerySerializer(serializers.Serializer[Any]):
    is_read = serializers.BooleanField(required=False)
    notification_type = serializers.ChoiceField(choices=Notification.Kind.choices, required=False)


class UnreadCountSerializer(serializers.Serializer[Any]):
    unread_count = serializers.IntegerField()


class MarkedSerializer(serializers.Serializer[Any]):
    marked = serializers.IntegerField(help_text="How many had not been read before.")
