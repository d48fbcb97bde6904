"""The words of the contract for enrolling and progress."""

from typing import Any

import msgspec
from django.utils import timezone
from rest_framework import serializers

from courses.catalogue.serializers import CourseSummarySerializer, course_summary
from courses.learning.completion import percent_of
from courses.learning.folding import ProgressUpdate
from courses.learning.frames import MOST_INTERVALS, MOST_SECONDS
from courses.learning.models import Enrollment
from courses.learning.services.progress import ProgressOutcome
from e_learning.core.api.parsers import parse_json
from e_learning.core.api.paths import MOST_ID


class IntervalField(serializers.ListField):
    """``[start, end]`` in seconds; fractions are rounded to the second."""

    child = serializers.FloatField(min_value=0, max_value=MOST_SECONDS)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=2, max_length=2, **kwargs)


class ProgressUpdateSerializer(serializers.Serializer[ProgressUpdate]):
    content_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    last_position = serializers.IntegerField(min_value=0, max_value=MOST_SECONDS)
    time_spent = serializers.IntegerField(min_value=0, max_value=MOST_SECONDS)
    watched = serializers.ListField(child=IntervalField(), required=False, max_length=MOST_INTERVALS)
    is_completed = serializers.BooleanField(required=False)
    client_time = serializers.DateTimeField(required=False)


class ProgressOutcomeSerializer(serializers.Serializer[ProgressOutcome]):
    content_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    is_completed = serializers.BooleanField()
    last_position = serializers.IntegerField()
    time_spent = serializers.IntegerField()
    completed_contents = serializers.IntegerField()
    total_contents = serializers.IntegerField()
    progress_percent = serializers.FloatField()


class _PlainUpdate(msgspec.Struct):
    """The same body as ProgressUpdateSerializer in its usual form, read at a tenth of the cost."""

    content_id: int
    last_position: int
    time_spent: int


_plain_decoder = msgspec.json.Decoder(_PlainUpdate, strict=True)
_PLAIN_KEYS = (b'"watched"', b'"is_completed"', b'"client_time"')


def read_progress_update(body: bytes) -> ProgressUpdate:
    """Return the update in ``body``; raises the contract's 400 for anything else.

    The plain heartbeat (three numbers) is read directly. Whatever that reader doesn't take, right or
    wrong, goes to the serializer, which alone says what is valid.
    """
    if not any(key in body for key in _PLAIN_KEYS):
        try:
            plain = _plain_decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _read_by_serializer(body)
        if (
            0 < plain.content_id <= MOST_ID
            and 0 <= plain.last_position <= MOST_SECONDS
            and 0 <= plain.time_spent <= MOST_SECONDS
        ):
            return ProgressUpdate(plain.content_id, plain.last_position, plain.time_spent, timezone.now())
    return _read_by_serializer(body)


def _read_by_serializer(body: bytes) -> ProgressUpdate:
    serializer = ProgressUpdateSerializer(data=parse_json(body) if body.strip() else {})
    serializer.is_valid(raise_exception=True)
    data = serializer.validated_data
    now = timezone.now()
    watched = data.get("watched")
    return ProgressUpdate(
        data["content_id"],
        data["last_position"],
        data["time_spent"],
        min(data.get("client_time") or now, now),
        None if watched is None else [(round(start), round(end)) for start, end in watched],
        data.get("is_completed", False),
    )


def outcome_body(outcome: ProgressOutcome) -> dict[str, Any]:
    return {
        "content_id": outcome.content_id,
        "course_id": outcome.course_id,
        "is_completed": outcome.is_completed,
        "last_position": outcome.last_position,
        "time_spent": outcome.time_spent,
        "completed_contents": outcome.standing.completed_contents,
        "total_contents": outcome.standing.total_contents,
        "progress_percent": outcome.standing.progress_percent,
    }


class EnrollmentSerializer(serializers.ModelSerializer[Enrollment]):
    class Meta:
        model = Enrollment
        fields = ["id", "course_id", "enrollment_date", "expiry_date", "is_active"]
        read_only_fields = fields


class MyEnrollmentSerializer(EnrollmentSerializer):
    progress_percent = serializers.SerializerMethodField()
    last_content_id = serializers.IntegerField(allow_null=True)
    course = serializers.SerializerMethodField()

    class Meta(EnrollmentSerializer.Meta):
        fields = [*EnrollmentSerializer.Meta.fields, "progress_percent", "last_content_id", "completed_at", "course"]
        read_only_fields = fields

    def get_progress_percent(self, enrollment: Enrollment) -> float:
        return percent_of(enrollment.completed_count, enrollment.course.content_count)

    def get_course(self, enrollment: Enrollment) -> dict[str, Any]:
        return course_summary(enrollment.course)


class ContentStandingSerializer(serializers.Serializer[Any]):
    content_id = serializers.IntegerField()
    is_completed = serializers.BooleanField()
    last_position = serializers.IntegerField()
    time_spent = serializers.IntegerField()


class CourseProgressSerializer(serializers.Serializer[Any]):
    course_id = serializers.IntegerField()
    progress_percent = serializers.FloatField()
    completed_contents = serializers.IntegerField()
    total_contents = serializers.IntegerField()
    completed_at = serializers.DateTimeField(allow_null=True)
    contents = ContentStandingSerializer(many=True)


class PageContentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    section = serializers.CharField()
    content_type = serializers.CharField()
    duration = serializers.IntegerField(allow_null=True)
    is_preview = serializers.BooleanField()
    is_locked = serializers.BooleanField()
    is_completed = serializers.BooleanField()
    order = serializers.IntegerField()


class PageModuleSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    order = serializers.IntegerField()
    contents = PageContentSerializer(many=True)


class PrerequisiteSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField()


class MyCourseSerializer(serializers.Serializer[Any]):
    is_enrolled = serializers.BooleanField()
    progress_percent = serializers.FloatField()
    is_bookmarked = serializers.BooleanField()
    next_content_id = serializers.IntegerField(allow_null=True)


class CoursePageSerializer(CourseSummarySerializer):
    """What ``course_page`` writes, for the schema."""

    description = serializers.CharField()
    learning_objectives = serializers.ListField(child=serializers.CharField())
    prerequisites = PrerequisiteSerializer(many=True)
    version = serializers.IntegerField()
    modules = PageModuleSerializer(many=True)
    my = MyCourseSerializer(allow_null=True)
