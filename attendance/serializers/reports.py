"""The register and its summary in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from attendance.models import Status
from attendance.serializers.spans import SpanSerializer
from e_learning.core.api.paths import MOST_ID


class _StatusField(serializers.ChoiceField):
    """A status of the table, where undecided is empty and not null."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Status.choices, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> Any:
        return value or None


class RecordSerializer(serializers.Serializer[Any]):
    """What the register says of one learner in one session; `status` is null where nothing decides it."""

    id = serializers.IntegerField()
    session_id = serializers.IntegerField()
    session_title = serializers.CharField()
    course_id = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    user_id = serializers.IntegerField()
    full_name = serializers.CharField()
    status = _StatusField()
    reason = serializers.CharField(help_text=_("The rule that decided."))
    minutes = serializers.IntegerField()
    checked_in_at = serializers.DateTimeField(allow_null=True)
    checked_out_at = serializers.DateTimeField(allow_null=True)
    flags = serializers.ListField(child=serializers.CharField(), help_text=_("What a person should look at."))
    note = serializers.CharField()
    version = serializers.IntegerField()


class ReportQuerySerializer(SpanSerializer):
    """Which sessions, and what the answer is to be."""

    format = serializers.ChoiceField(choices=["json", "csv"], default="json")


class RecordListQuerySerializer(ReportQuerySerializer):
    course = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    session = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    user = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID, source="user_id")
    status = serializers.ChoiceField(choices=Status.choices, required=False)


class LearnerSummarySerializer(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    full_name = serializers.CharField()
    username = serializers.CharField()
    present = serializers.IntegerField()
    late = serializers.IntegerField()
    absent = serializers.IntegerField()
    excused = serializers.IntegerField()
    counted = serializers.IntegerField(help_text=_("Sessions that make up the percentage."))
    minutes = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True)


class SessionsSummarySerializer(serializers.Serializer[Any]):
    held = serializers.IntegerField(help_text=_("Sessions that have begun and were not cancelled."))
    counted = serializers.IntegerField(help_text=_("Of those, sessions that count for one of the learners or more."))


class RegisterSummarySerializer(serializers.Serializer[Any]):
    """A course's register; a learner gets it over themselves alone."""

    course_id = serializers.IntegerField()
    sessions = SessionsSummarySerializer()
    average_percent = serializers.FloatField(
        allow_null=True, help_text=_("The mean of the percentages below, each weighing the same.")
    )
    learners = LearnerSummarySerializer(many=True)
