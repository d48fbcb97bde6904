"""What moderators read and write."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import PublicUserSerializer
from community.chat.serializers import MessageSerializer
from community.groups.models import Membership
from community.moderation.models import LONGEST_REASON, Flag, ModerationAction
from community.moderation.selectors import FLAGGED_MESSAGE, FLAGGED_POST, PENDING_POST
from community.posts.serializers import PostSerializer

_AS_READ = "The post's, as the moderator read it; 409 `changed_meanwhile` where it was changed since."


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class MaybeReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, allow_blank=True)


class ApproveSerializer(MaybeReasonSerializer):
    updated_at = serializers.DateTimeField(required=False, help_text=_AS_READ)


class RejectSerializer(ReasonSerializer):
    updated_at = serializers.DateTimeField(required=False, help_text=_AS_READ)


class PinSerializer(MaybeReasonSerializer):
    is_pinned = serializers.BooleanField(default=True)


class MemberChangeSerializer(serializers.Serializer[Any]):
    """Own preferences, or a moderator's decision with its reason. A time that is null lifts the mute or the ban."""

    default_error_messages = {"nothing": _("Say what is to be changed.")}

    role = serializers.ChoiceField(choices=Membership.Role.choices, required=False)
    muted_until = serializers.DateTimeField(required=False, allow_null=True)
    banned_until = serializers.DateTimeField(required=False, allow_null=True)
    email_notifications = serializers.BooleanField(required=False)
    push_notifications = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=LONGEST_REASON, required=False, help_text="For a decision: required.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.keys() - {"reason"}:
            self.fail("nothing")
        return attrs


class FlagSerializer(serializers.ModelSerializer[Flag]):
    """A complaint, as whoever made it gets it back."""

    post_id = serializers.IntegerField(read_only=True, allow_null=True)
    message_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Flag
        fields = ["id", "post_id", "message_id", "reason", "created_at"]
        read_only_fields = fields


class OpenFlagSerializer(serializers.ModelSerializer[Flag]):
    """A complaint, as moderators read it. ``excerpt`` is what stood there when it was made."""

    reporter = PublicUserSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Flag
        fields = ["id", "reason", "excerpt", "reporter", "created_at"]
        read_only_fields = fields


class CaseSerializer(serializers.Serializer[Any]):
    """One thing that waits for a decision; one of ``post`` and ``message`` is null."""

    kind = serializers.ChoiceField(choices=[PENDING_POST, FLAGGED_POST, FLAGGED_MESSAGE], read_only=True)
    post = PostSerializer(read_only=True, allow_null=True)
    message = MessageSerializer(read_only=True, allow_null=True)
    flags = OpenFlagSerializer(many=True, read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class ActionSerializer(serializers.ModelSerializer[ModerationAction]):
    """What a moderator did, and to what: one of ``post_id``, ``message_id`` and ``member`` is not null."""

    actor = PublicUserSerializer(read_only=True, allow_null=True)
    post_id = serializers.IntegerField(read_only=True, allow_null=True)
    message_id = serializers.IntegerField(read_only=True, allow_null=True)
    member = PublicUserSerializer(source="membership.user", read_only=True, allow_null=True, default=None)
    undoes_id = serializers.SerializerMethodField()
    undone_by_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = ModerationAction
        fields = [
            "id",
            "verb",
            "actor",
            "reason",
            "until",
            "post_id",
            "message_id",
            "member",
            "undoes_id",
            "undone_by_id",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_undoes_id(self, action: ModerationAction) -> int | None:
        undone = getattr(action, "undoes", None)
        return undone.pk if undone else None
