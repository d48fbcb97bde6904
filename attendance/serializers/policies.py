"""A course's policy in the API."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from attendance.models import AttendancePolicy
from attendance.models.policies import MOST_WARNINGS


class WeightsSerializer(serializers.ModelSerializer[AttendancePolicy]):
    """How much of a presence each status is, in percent; null leaves the session out of the learner's percentage."""

    class Meta:
        model = AttendancePolicy
        fields = ["present", "late", "absent", "excused"]
        extra_kwargs = {name: {"source": f"weight_{name}"} for name in fields}


class PolicySerializer(serializers.ModelSerializer[AttendancePolicy]):
    """How a course keeps its register.

    Sessions take the times over when they are planned: a change here moves none of those that are planned already.
    Minutes count from a session's start: `opens_minutes` before it, the others after it; `absent_after_minutes` after
    its end. Null switches the absence noted by the platform, the reminder or the minimum off. An empty `timezone` is
    that of the course's instructor.
    """

    course_id = serializers.IntegerField(read_only=True)
    weights = WeightsSerializer(source="*", required=False)
    warn_below = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=100),
        max_length=MOST_WARNINGS,
        required=False,
        help_text=_("A learner is told, once each, when their percentage falls below one of these; highest first."),
    )

    class Meta:
        model = AttendancePolicy
        fields = [
            "course_id",
            "timezone",
            "opens_minutes",
            "late_after_minutes",
            "closes_after_minutes",
            "minimum_minutes",
            "minimum_percent",
            "absent_after_minutes",
            "offline_grace_minutes",
            "weights",
            "warn_below",
            "warn_after_sessions",
            "remind_minutes",
        ]

    def validate_warn_below(self, value: list[int]) -> list[int]:
        return sorted(set(value), reverse=True)
