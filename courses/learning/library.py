"""The library as a learner sees it: which contents are open to them, and which they have completed."""

from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from rest_framework import serializers

from accounts.api import User
from courses.catalogue.library import shelf
from courses.catalogue.models import Content
from courses.learning.models import Enrollment, Progress, current_enrollment
from e_learning.core.api.pagination import PageSerializer


class LibraryTopicSerializer(serializers.Serializer[Any]):
    topic = serializers.CharField()
    count = serializers.IntegerField()
    path = serializers.CharField()


class LibrarySubjectSerializer(serializers.Serializer[Any]):
    """Its count takes in contents without a topic."""

    subject = serializers.CharField()
    count = serializers.IntegerField()
    path = serializers.CharField(help_text="Where its contents are listed.")
    topics = LibraryTopicSerializer(many=True)


class LibraryGradeSerializer(serializers.Serializer[Any]):
    grade = serializers.CharField()
    count = serializers.IntegerField()
    subjects = LibrarySubjectSerializer(many=True)


class LibrarySerializer(serializers.Serializer[Any]):
    """What there is, grade by grade."""

    grades = LibraryGradeSerializer(many=True)


class ShelfContentSerializer(serializers.Serializer[Any]):
    """What ``shelf_content`` returns, for the schema. ``duration`` is in seconds of video."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    content_type = serializers.ChoiceField(choices=Content.Type.choices)
    duration = serializers.IntegerField(allow_null=True)
    is_preview = serializers.BooleanField()
    is_locked = serializers.BooleanField()
    is_completed = serializers.BooleanField()
    grade = serializers.CharField()
    subject = serializers.CharField()
    topic = serializers.CharField(allow_blank=True)
    module_id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    course_title = serializers.CharField()


class ShelfPageSerializer(PageSerializer):
    results = ShelfContentSerializer(many=True)


def contents_on_shelf(reader: User, *, grade: str, subject: str, topic: str | None = None) -> QuerySet[Content]:
    """Return what stands on one shelf, each content with ``is_open`` and ``is_completed`` for ``reader``.

    Open by the rule of ``open_content``: a preview, an own course, an admin, a current enrolment.
    """
    enrolled = Enrollment.objects.current().filter(user=reader, course=OuterRef("module__course"))
    done = Progress.objects.filter(
        current_enrollment(prefix="enrollment__"),
        enrollment__user=reader,
        content=OuterRef("pk"),
        is_completed=True,
    )
    anyway = Q(is_preview=True) | Q(module__course__instructor=reader)
    is_open = Case(When(anyway, then=Value(True)), default=Exists(enrolled), output_field=BooleanField())
    contents = shelf(reader, grade=grade, subject=subject, topic=topic)
    return contents.annotate(
        is_open=Value(True) if reader.is_admin else is_open,
        is_completed=Exists(done),
    ).only(
        "title", "content_type", "video_duration", "is_preview", "shelf_grade", "shelf_subject", "topic",
        "module__course__title",
    )  # fmt: skip


def shelf_content(content: Any) -> dict[str, Any]:
    """Return one row of ``contents_on_shelf`` as the library shows it."""
    return {
        "id": content.pk,
        "title": content.title,
        "content_type": content.content_type,
        "duration": content.video_duration,
        "is_preview": content.is_preview,
        "is_locked": not content.is_open,
        "is_completed": content.is_completed,
        "grade": content.shelf_grade,
        "subject": content.shelf_subject,
        "topic": content.topic,
        "module_id": content.module_id,
        "course_id": content.module.course_id,
        "course_title": content.module.course.title,
    }
