"""Sessions in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import User, validate_timezone
from attendance.access import teaches
from attendance.models import Excuse, LiveSession, Status
from attendance.recurrence import MOST_SESSIONS
from attendance.selectors.sessions import session_shown_to
from attendance.serializers.spans import SpanSerializer
from attendance.services.planning import Scope
from e_learning.core.api.paths import MOST_ID

_MOST_MINUTES = 24 * 60
_LONGEST_RULE = 400


class SecondField(serializers.DateTimeField):
    """A time; parts of a second are cut off, because calendars know none."""

    def to_internal_value(self, value: Any) -> Any:
        return super().to_internal_value(value).replace(microsecond=0)


class LocationSerializer(serializers.Serializer[LiveSession]):
    """Where check-in is to happen: within so many metres of a point."""

    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)
    radius_m = serializers.IntegerField(min_value=1, max_value=100_000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse half a place also where a change is sent, of which no field is asked: the rest is not kept."""
        missing = {name: field.error_messages["required"] for name, field in self.fields.items() if name not in attrs}
        if missing:
            raise serializers.ValidationError(missing, code="required")
        return attrs


class MyAttendanceSerializer(serializers.Serializer[Any]):
    """What the register says of the caller. ``checked_in_at`` is when they first came in, by any way."""

    status = serializers.ChoiceField(choices=Status.choices, allow_null=True)
    reason = serializers.CharField()
    checked_in_at = serializers.DateTimeField(source="first_in_at", allow_null=True)
    minutes = serializers.IntegerField()
    excuse = serializers.ChoiceField(choices=Excuse.State.choices, allow_null=True)


class LiveSessionSerializer(serializers.ModelSerializer[LiveSession]):
    """A session as ``context["viewer"]`` sees it, of ``sessions_shown_to(viewer)``.

    ``meeting_url`` is shown to who teaches the course; learners are led there by their own signed address. ``my`` is
    null for who is not a learner of the course. ``recurrence`` and ``exceptions`` are those of the session's series,
    ``is_changed`` says that it differs from it.
    """

    course_id = serializers.IntegerField(read_only=True)
    course_title = serializers.CharField(source="course.title", read_only=True)
    status = serializers.ChoiceField(source="state", choices=LiveSession.State.choices, read_only=True)
    series_id = serializers.IntegerField(read_only=True, allow_null=True)
    recurrence = serializers.CharField(source="series.rrule", read_only=True, allow_null=True, default=None)
    exceptions = serializers.SerializerMethodField()
    timezone = serializers.CharField(source="zone", read_only=True)
    location = serializers.SerializerMethodField()
    meeting_url = serializers.SerializerMethodField()
    has_meeting = serializers.SerializerMethodField()
    linked_content_id = serializers.IntegerField(read_only=True, allow_null=True)
    my = serializers.SerializerMethodField()

    class Meta:
        model = LiveSession
        fields = [
            "id",
            "course_id",
            "course_title",
            "title",
            "kind",
            "mode",
            "status",
            "cancel_reason",
            "starts_at",
            "ends_at",
            "series_id",
            "recurrence",
            "exceptions",
            "timezone",
            "is_changed",
            "check_in_opens",
            "late_after",
            "check_in_closes",
            "location",
            "meeting_url",
            "has_meeting",
            "linked_content_id",
            "minimum_minutes",
            "minimum_percent",
            "my",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.DateTimeField()))
    def get_exceptions(self, session: LiveSession) -> list[str]:
        return list(session.series.exceptions) if session.series else []

    @extend_schema_field(LocationSerializer(allow_null=True))
    def get_location(self, session: LiveSession) -> dict[str, Any] | None:
        return dict(LocationSerializer(session).data) if session.has_place else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_meeting_url(self, session: LiveSession) -> str | None:
        is_shown = teaches(self.context["viewer"], session.course.instructor_id)
        return session.meeting_url or None if is_shown else None

    def get_has_meeting(self, session: LiveSession) -> bool:
        return bool(session.meeting_url)

    @extend_schema_field(MyAttendanceSerializer(allow_null=True))
    def get_my(self, session: Any) -> dict[str, Any] | None:
        if not session.is_learner:
            return None
        record, excuse = next(iter(session.mine), None), next(iter(session.my_excuses), None)
        return {
            "status": (record.status or None) if record else None,
            "reason": record.reason if record else "",
            "checked_in_at": record.first_in_at if record else None,
            "minutes": record.minutes if record else 0,
            "excuse": excuse.state if excuse else None,
        }


def session_body(viewer: User, session_id: int) -> dict[str, Any]:
    """Return the session as the viewer sees it."""
    return dict(LiveSessionSerializer(session_shown_to(viewer, session_id), context={"viewer": viewer}).data)


class SessionWriteSerializer(serializers.Serializer[Any]):
    """What of a session can be said. Times that are not given come from the course's policy."""

    title = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=LiveSession.Kind.choices, required=False)
    mode = serializers.ChoiceField(choices=LiveSession.Mode.choices)
    starts_at = SecondField()
    ends_at = SecondField(help_text=_("At most 24 hours after the start."))
    recurrence = serializers.CharField(
        max_length=_LONGEST_RULE,
        required=False,
        allow_null=True,
        help_text=_("The value of an RFC 5545 RRULE: daily or rarer, at most 400 sessions at once."),
    )
    exceptions = serializers.ListField(
        child=SecondField(),
        max_length=MOST_SESSIONS,
        required=False,
        help_text=_("Beginnings that are left out of the rule."),
    )
    timezone = serializers.CharField(
        max_length=64,
        required=False,
        validators=[validate_timezone],
        help_text=_("By whose clock it recurs; that of the course, if none is given."),
    )
    meeting_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    location = LocationSerializer(required=False, allow_null=True)
    check_in_opens = SecondField(required=False)
    late_after = SecondField(required=False)
    check_in_closes = SecondField(required=False)
    linked_content_id = serializers.IntegerField(
        min_value=1,
        max_value=MOST_ID,
        required=False,
        allow_null=True,
        help_text=_("Completing this content of the course marks its learner present."),
    )
    minimum_minutes = serializers.IntegerField(min_value=0, max_value=_MOST_MINUTES, required=False, allow_null=True)
    minimum_percent = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)


class NewSessionSerializer(SessionWriteSerializer):
    course_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)


class SessionListQuerySerializer(SpanSerializer):
    course = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)
    status = serializers.ChoiceField(required=False, choices=LiveSession.State.choices)
    kind = serializers.ChoiceField(required=False, choices=LiveSession.Kind.choices)
    upcoming = serializers.BooleanField(
        required=False, help_text=_("Only those that have not ended, soonest first; else the latest come first.")
    )


class ScopeQuerySerializer(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(
        choices=Scope.choices,
        required=False,
        help_text=_("This session alone, or it and all that follow in its series."),
    )


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class CancelQuerySerializer(ScopeQuerySerializer, ReasonSerializer):
    pass
