"""What signing in takes and gives."""

from typing import Any

from rest_framework import serializers

from accounts.signin.models import PushDevice, Session
from accounts.signin.refresh_tokens import LONGEST_TOKEN
from accounts.signin.services import SignedIn, Tokens
from accounts.users.models import Role
from accounts.users.serializers import PROFILE_FIELDS, EmailAddressField, ProfileSerializer, UserInfoSerializer

LONGEST_PASSWORD = 256
_JOINING_ROLES = [(role.value, role.label) for role in (Role.STUDENT, Role.PARENT)]


class PasswordField(serializers.CharField):
    """A password as typed: outer spaces belong to it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True, **kwargs)


class LoginSerializer(serializers.Serializer[Any]):
    email = EmailAddressField(max_length=254)
    password = PasswordField()
    otp = serializers.CharField(
        max_length=16, required=False, allow_blank=True, help_text="Only asked for where a second factor is set up."
    )
    device_name = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default="", help_text="How the owner calls the device."
    )


class RegisterSerializer(ProfileSerializer):
    """A new account. The role is student or parent: nobody makes themselves an instructor or an admin."""

    email = EmailAddressField(max_length=254)
    password = PasswordField()
    role = serializers.ChoiceField(choices=_JOINING_ROLES, default=Role.STUDENT)
    device_name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    daily_goal = None  # type: ignore[assignment]  # DRF's way to leave out an inherited field

    class Meta(ProfileSerializer.Meta):
        fields = ["email", "password", "role", "device_name", *PROFILE_FIELDS]
        extra_kwargs = {"username": {"required": False, "allow_blank": True}}


class SignedInSerializer(serializers.Serializer[SignedIn]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    user_info = UserInfoSerializer(source="user")


class RefreshSerializer(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(max_length=LONGEST_TOKEN)


class TokensSerializer(serializers.Serializer[Tokens]):
    access_token = serializers.CharField()
    refresh_token = serializers.CharField()


class PasswordChangeSerializer(serializers.Serializer[Any]):
    old_password = PasswordField()
    new_password = PasswordField()


class PasswordResetSerializer(serializers.Serializer[Any]):
    email = EmailAddressField(max_length=254)


class PasswordResetConfirmSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=LONGEST_TOKEN)
    new_password = PasswordField()


class EmailVerifySerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=LONGEST_TOKEN)


class TicketSerializer(serializers.Serializer[Any]):
    """``expires_in`` is in seconds."""

    ticket = serializers.CharField()
    expires_in = serializers.IntegerField()


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A device signed in. ``last_seen_at`` is when it last refreshed its tokens."""

    is_current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ["id", "device_name", "ip_address", "created_at", "last_seen_at", "is_current"]
        read_only_fields = fields

    def get_is_current(self, session: Session) -> bool:
        return bool(session.pk == self.context["request"].auth.pk)


class PushDeviceSerializer(serializers.ModelSerializer[PushDevice]):
    """Where Firebase reaches this app: its registration token."""

    token = serializers.CharField(max_length=4096, write_only=True)

    class Meta:
        model = PushDevice
        fields = ["id", "token", "platform", "created_at"]
        read_only_fields = ["id", "created_at"]
