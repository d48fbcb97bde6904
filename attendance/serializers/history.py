"""The words of the contract for a record's history."""

from typing import Any

from rest_framework import serializers

from attendance.models import AttendanceEvent, Status


class HistoryRecordSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    session_id = serializers.IntegerField()
    session_title = serializers.CharField(source="session.title")
    course_id = serializers.IntegerField(source="session.course_id")
    starts_at = serializers.DateTimeField(source="session.starts_at")
    user_id = serializers.IntegerField()
    full_name = serializers.CharField(source="user.full_name")
    status = serializers.SerializerMethodField()
    reason = serializers.CharField()
    minutes = serializers.IntegerField()
    checked_in_at = serializers.DateTimeField(source="first_in_at", allow_null=True)
    checked_out_at = serializers.DateTimeField(source="last_out_at", allow_null=True)
    flags = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField()
    version = serializers.IntegerField()

    def get_status(self, record: Any) -> str | None:
        return record.status or None


class HistoryActorSerializer(serializers.Serializer[Any]):
    """Who made an event; the learner is told no more than that a teacher did."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class HistoryEventSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=AttendanceEvent.Kind.choices)
    at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    recorded_at = serializers.DateTimeField()
    client_time = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    refusal = serializers.CharField(allow_null=True)
    place = serializers.ChoiceField(choices=["inside", "outside"], allow_null=True)
    provider = serializers.CharField()
    note = serializers.CharField()
    actor = HistoryActorSerializer(allow_null=True)


class HistorySerializer(serializers.Serializer[Any]):
    record = HistoryRecordSerializer()
    events = HistoryEventSerializer(many=True)
    explanation = serializers.ListField(child=serializers.CharField())
