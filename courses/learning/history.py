"""What a learner touched, the latest first."""

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.api import User
from courses.catalogue.models import Content
from courses.learning.models import Progress


class HistoryRowSerializer(serializers.ModelSerializer[Progress]):
    """A content that the learner has touched, with its course."""

    title = serializers.CharField(source="content.title")
    content_type = serializers.ChoiceField(source="content.content_type", choices=Content.Type.choices)
    course_id = serializers.IntegerField(source="enrollment.course_id")
    course_title = serializers.CharField(source="enrollment.course.title")

    class Meta:
        model = Progress
        fields = [
            "content_id",
            "title",
            "content_type",
            "course_id",
            "course_title",
            "is_completed",
            "completed_at",
            "last_position",
            "time_spent",
            "updated_at",
        ]
        read_only_fields = fields


def history_of(learner: User) -> QuerySet[Progress]:
    """Return what the learner has touched, each content with its course; the feed puts them in order."""
    touched = Progress.objects.filter(enrollment__user=learner).select_related("content", "enrollment__course")
    return touched.only(
        "last_position", "time_spent", "is_completed", "completed_at", "updated_at",
        "content__title", "content__content_type",
        "enrollment__course__title",
    )  # fmt: skip
