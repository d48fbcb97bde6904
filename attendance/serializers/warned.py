"""What a warning looks like."""

from typing import Any

from rest_framework import serializers

from attendance.models import AttendanceWarning
from e_learning.core.api.paths import MOST_ID


class WarningSerializer(serializers.ModelSerializer[AttendanceWarning]):
    """``percent`` is what it was when it was found below ``below``."""

    course_id = serializers.IntegerField(read_only=True)
    course_title = serializers.CharField(source="course.title", read_only=True)
    user_id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    full_name = serializers.CharField(source="user.full_name", read_only=True)
    percent = serializers.FloatField(read_only=True)

    class Meta:
        model = AttendanceWarning
        fields = [
            "id",
            "course_id",
            "course_title",
            "user_id",
            "username",
            "full_name",
            "below",
            "percent",
            "warned_at",
        ]
        read_only_fields = fields


class WarningListQuerySerializer(serializers.Serializer[Any]):
    course = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
