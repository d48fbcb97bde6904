"""What an excuse looks like, and what is said of it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from attendance.models import Excuse
from e_learning.core.api.paths import MOST_ID


class ExcuseSerializer(serializers.ModelSerializer[Excuse]):
    session_id = serializers.IntegerField(read_only=True)
    user_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = Excuse
        fields = ["session_id", "user_id", "state", "reason", "asked_at", "decided_at", "note"]
        read_only_fields = fields


class ExcuseRowSerializer(ExcuseSerializer):
    """An excuse among others: with what it is about, and who asks."""

    session_title = serializers.CharField(source="session.title", read_only=True)
    starts_at = serializers.DateTimeField(source="session.starts_at", read_only=True)
    course_id = serializers.IntegerField(source="session.course_id", read_only=True)
    course_title = serializers.CharField(source="session.course.title", read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    full_name = serializers.CharField(source="user.full_name", read_only=True)

    class Meta(ExcuseSerializer.Meta):
        fields = [
            *ExcuseSerializer.Meta.fields,
            "session_title",
            "starts_at",
            "course_id",
            "course_title",
            "username",
            "full_name",
        ]
        read_only_fields = fields


class ExcuseAskSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1000)


class ExcuseDecisionSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=[Excuse.State.APPROVED.value, Excuse.State.REJECTED.value])
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text=_("The learner reads it."))


class ExcuseListQuerySerializer(serializers.Serializer[Any]):
    course = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    session = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    state = serializers.ChoiceField(required=False, choices=Excuse.State.choices)
