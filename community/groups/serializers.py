"""What communities and their members look like in the API, and what may be written of them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import PublicUserSerializer, User
from community.groups.models import Block, CommunityGroup, Membership
from e_learning.core.api.paths import MOST_ID
from e_learning.core.uploads import PICTURE
from e_learning.core.uploads.forms import JudgedFileField


class GroupSerializer(serializers.ModelSerializer[CommunityGroup]):
    """A community as one caller sees it; ``my_role`` is null for who is not a member."""

    course_id = serializers.IntegerField(read_only=True)
    banner_image = serializers.SerializerMethodField()
    my_role = serializers.ChoiceField(choices=Membership.Role.choices, allow_null=True, read_only=True)

    class Meta:
        model = CommunityGroup
        fields = [
            "id",
            "course_id",
            "title",
            "description",
            "visibility",
            "require_post_approval",
            "member_count",
            "post_count",
            "banner_image",
            "my_role",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_banner_image(self, group: CommunityGroup) -> str | None:
        return group.banner_image.url if group.banner_image else None


class GroupListQuerySerializer(serializers.Serializer[Any]):
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    mine = serializers.BooleanField(required=False, help_text=_("Only those that the caller is a member of."))


class GroupSettingsSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(choices=CommunityGroup.Visibility.choices, required=False)
    require_post_approval = serializers.BooleanField(required=False)


class GroupCreateSerializer(GroupSettingsSerializer):
    course_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)


class GroupWriteSerializer(GroupSettingsSerializer):
    """A banner (PNG, JPEG, GIF, WebP) comes in a form; null takes it away."""

    banner_image = JudgedFileField(families=(PICTURE,), longest_side=1600, allow_null=True, required=False)


class MemberListQuerySerializer(serializers.Serializer[Any]):
    search = serializers.CharField(required=False, max_length=100, help_text=_("Part of a name."))
    role = serializers.ChoiceField(required=False, choices=Membership.Role.choices)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member as ``context["viewer"]`` sees them. Until when somebody is muted or banned is shown to themselves and,
    with ``context["moderates"]``, to moderators; how they wish to be notified to themselves alone. Null otherwise.
    """

    user = PublicUserSerializer(read_only=True)
    email_notifications = serializers.BooleanField(read_only=True, allow_null=True)
    push_notifications = serializers.BooleanField(read_only=True, allow_null=True)

    _SANCTIONS = ("muted_until", "banned_until")
    _PREFERENCES = ("email_notifications", "push_notifications")

    class Meta:
        model = Membership
        fields = [
            "user",
            "role",
            "joined_at",
            "muted_until",
            "banned_until",
            "email_notifications",
            "push_notifications",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Membership) -> dict[str, Any]:
        shown = super().to_representation(instance)
        is_own = instance.user_id == self.context["viewer"].pk
        hidden: tuple[str, ...] = () if is_own else self._PREFERENCES
        if not is_own and not self.context.get("moderates"):
            hidden += self._SANCTIONS
        return shown | dict.fromkeys(hidden)


def own_membership(user: User, membership: Membership) -> dict[str, Any]:
    """Return the membership as its owner sees it."""
    return MemberSerializer(membership, context={"viewer": user}).data


class BlockSerializer(serializers.ModelSerializer[Block]):
    user = PublicUserSerializer(source="blocked", read_only=True)

    class Meta:
        model = Block
        fields = ["user", "created_at"]
        read_only_fields = fields
