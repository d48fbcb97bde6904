"""What the code, checking in and out, and the way into a meeting look like."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from attendance.codes import STEP_SECONDS, CodeShown
from attendance.models import Status
from attendance.services.checking_in import CheckedIn
from attendance.services.checking_out import CheckedOut
from attendance.services.joining import JoinAddress


class CodeSerializer(serializers.Serializer[CodeShown]):
    code = serializers.CharField(help_text="Six digits.")
    step_seconds = serializers.IntegerField(help_text="How long a code is shown.")
    valid_until = serializers.DateTimeField(help_text="When the next code is shown; this one is taken for a step more.")
    expires_in = serializers.IntegerField(min_value=1, max_value=STEP_SECONDS, help_text="Seconds until then.")
    qr_text = serializers.CharField(help_text="What the QR says: check-in takes it as the code.")
    qr_svg = serializers.CharField(help_text="The QR as an SVG element that fills what holds it.")


class CheckInSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=64, help_text="The digits as typed, or the text of the QR.")
    latitude = serializers.FloatField(required=False, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, min_value=-180, max_value=180)
    client_time = serializers.DateTimeField(
        required=False, help_text="The device's clock as the code was read; asked for where it is sent later."
    )
    device_id = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="Made once by the app. Kept as a keyed hash only."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name, other in (("latitude", "longitude"), ("longitude", "latitude")):
            if name in attrs and other not in attrs:
                raise serializers.ValidationError({other: _("A place has a latitude and a longitude.")})
        return attrs


class CheckedInSerializer(serializers.Serializer[CheckedIn]):
    session_id = serializers.IntegerField()
    status = serializers.ChoiceField(
        choices=Status.choices,
        allow_null=True,
        help_text="What the register says: present or late, unless somebody has marked the learner by hand or too "
        "little of the class is left.",
    )
    reason = serializers.CharField(allow_blank=True, help_text="The rule that decided.")
    checked_in_at = serializers.DateTimeField()


class CheckedOutSerializer(serializers.Serializer[CheckedOut]):
    session_id = serializers.IntegerField()
    checked_in_at = serializers.DateTimeField(allow_null=True)
    checked_out_at = serializers.DateTimeField()
    minutes = serializers.IntegerField(help_text="Counted until now, within the class.")


class JoinAddressSerializer(serializers.Serializer[JoinAddress]):
    url = serializers.URLField()
    expires_at = serializers.DateTimeField()


class JoinQuerySerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=500)
