"""What people look like in the API, and what they may write of themselves."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.users.models import CustomUser, UserSettings, normalized_email
from accounts.users.selectors import can_see_whole
from accounts.users.services import Preferences, Profile
from e_learning.core.uploads import PICTURE
from e_learning.core.uploads.forms import JudgedFileField

PROFILE_FIELDS = [
    "username",
    "full_name",
    "mobile_number",
    "grade_level",
    "native_language",
    "target_languages",
    "learning_preferences",
    "timezone",
]
_PORTRAIT = "profile_image"
#: What JSON numbers every client reads exactly; PostgreSQL also turns a large float into its digits.
_MOST_NUMBER = 2**53


class EmailAddressField(serializers.EmailField):
    """An address in the one form in which it is stored and compared."""

    def to_internal_value(self, data: Any) -> str:
        return normalized_email(super().to_internal_value(data))


@extend_schema_field(OpenApiTypes.OBJECT)
class PreferencesField(serializers.DictField):
    """A JSON object of the app's own making: 4 KB, 5 levels and 200 values at most, kept as it came."""

    MOST_BYTES = 4096
    MOST_DEPTH = 5
    MOST_VALUES = 200
    default_error_messages = {
        "too_large": _("At most 4 KB, 200 values and 5 levels."),
        "number_too_large": _("Numbers lie between -2^53 and 2^53."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value: dict[str, Any] = super().to_internal_value(data)
        waiting: list[tuple[Any, int]] = [(value, 1)]
        seen = size = 0
        while waiting:
            current, depth = waiting.pop()
            seen, size = seen + 1, size + _own_size(current)
            if seen > self.MOST_VALUES or size > self.MOST_BYTES or depth > self.MOST_DEPTH + 1:
                self.fail("too_large")
            if isinstance(current, int | float) and abs(current) > _MOST_NUMBER:
                self.fail("number_too_large")
            waiting.extend((inner, depth + 1) for inner in _inside(current))
        return value


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _own_size(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    return sum(len(key.encode()) for key in value) if isinstance(value, Mapping) else 1


class TargetLanguagesField(serializers.ListField):
    child = serializers.CharField(max_length=20)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)


class ProfileSerializer(serializers.ModelSerializer[CustomUser]):
    """What a person may write of themselves. Anything else in the body changes nothing."""

    target_languages = TargetLanguagesField(required=False)
    learning_preferences = PreferencesField(required=False)
    daily_goal = serializers.IntegerField(min_value=0, max_value=100, required=False, help_text="Lessons a day.")
    profile_image = JudgedFileField(families=(PICTURE,), longest_side=512, allow_null=True, required=False)

    class Meta:
        model = CustomUser
        fields = [*PROFILE_FIELDS, "daily_goal", _PORTRAIT]

    @property
    def profile(self) -> Profile:
        """The validated part that is the user's own row."""
        own = (*PROFILE_FIELDS, _PORTRAIT)
        return Profile(**{name: value for name, value in self.validated_data.items() if name in own})  # type: ignore[typeddict-item]  # the fields above are its keys


class UserInfoSerializer(serializers.ModelSerializer[CustomUser]):
    """``user_info``: everything the app knows of the person signed in."""

    profile_image = serializers.SerializerMethodField()
    target_languages = serializers.ListField(child=serializers.CharField(), read_only=True)
    learning_preferences = serializers.DictField(read_only=True)
    daily_goal = serializers.IntegerField(read_only=True)

    class Meta:
        model = CustomUser
        fields = [
            "id",
            "email",
            "username",
            "full_name",
            "role",
            "mobile_number",
            "profile_image",
            "grade_level",
            "native_language",
            "target_languages",
            "learning_preferences",
            "timezone",
            "email_verified",
            "subscription_tier",
            "streak_count",
            "total_points",
            "daily_goal",
            "date_joined",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri", "nullable": True})
    def get_profile_image(self, user: CustomUser) -> str | None:
        return user.profile_image.url if user.profile_image else None


class PublicUserSerializer(UserInfoSerializer):
    """What anyone signed in may see of another person."""

    target_languages = None  # type: ignore[assignment]  # DRF's way to leave out an inherited field
    learning_preferences = None  # type: ignore[assignment]
    daily_goal = None  # type: ignore[assignment]

    class Meta(UserInfoSerializer.Meta):
        fields = ["id", "username", "full_name", "profile_image", "role"]
        read_only_fields = fields


class SeenUserSerializer(serializers.BaseSerializer[CustomUser]):
    """A person as ``context["viewer"]`` may see them: whole, or the public part."""

    def to_representation(self, instance: CustomUser) -> dict[str, Any]:
        whole = can_see_whole(viewer=self.context["viewer"], person=instance)
        return (UserInfoSerializer if whole else PublicUserSerializer)(instance).data


class SeenUserSchema(OpenApiSerializerExtension):
    """``anyOf``, where the library would say ``oneOf``: the whole is also a valid public part."""

    target_class = SeenUserSerializer

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        either = (UserInfoSerializer, PublicUserSerializer)
        return {"anyOf": [auto_schema.resolve_serializer(seen, direction).ref for seen in either]}


class SettingsSerializer(serializers.ModelSerializer[UserSettings]):
    """How the app behaves for one person."""

    locale = serializers.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z",
        max_length=10,
        required=False,
        help_text="A language tag: en, hi, pt-BR.",
    )
    learning_preferences = PreferencesField(required=False)

    class Meta:
        model = UserSettings
        fields = [
            "theme",
            "locale",
            "notifications_enabled",
            "email_notifications",
            "push_notifications",
            "email_digest",
            "daily_goal",
            "learning_preferences",
        ]

    @property
    def preferences(self) -> Preferences:
        preferences: Preferences = self.validated_data
        return preferences
