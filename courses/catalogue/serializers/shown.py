"""What is shown of courses, modules and contents.

``course_summary`` and its like build plain dicts, because a list of a hundred goes through them; the
serializers beside them say the same to the schema, and a test holds the two together.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api import User
from courses.catalogue.models import Category, Content, Course, Module
from courses.catalogue.selectors import document_address
from courses.media.models import Asset
from e_learning.core.media_types import served_type
from e_learning.core.money import CURRENCY
from e_learning.core.storage import file_address


class InstructorSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField(allow_blank=True)
    profile_image = serializers.CharField(allow_null=True)


class CourseCategorySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()


class CategoryNodeSerializer(CourseCategorySerializer):
    """A category with those below it."""

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"children": CategoryNodeSerializer(many=True)}


class CourseSummarySerializer(serializers.Serializer[Any]):
    """A course in a list. ``duration`` is in seconds of video; ``is_premium`` means it costs something."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    price = serializers.CharField(help_text="Major units, two decimals: 499.00")
    currency = serializers.CharField()
    thumbnail = serializers.CharField(allow_null=True)
    category = CourseCategorySerializer(allow_null=True)
    level = serializers.ChoiceField(choices=Course.Level.choices)
    language = serializers.CharField()
    subject = serializers.CharField(allow_blank=True)
    grade = serializers.CharField(allow_blank=True)
    rating = serializers.FloatField()
    rating_count = serializers.IntegerField()
    enrolled_count = serializers.IntegerField()
    duration = serializers.IntegerField()
    content_count = serializers.IntegerField()
    is_trending = serializers.BooleanField()
    is_premium = serializers.BooleanField()
    instructor = InstructorSerializer()


def course_summary(course: Course) -> dict[str, Any]:
    """Return ``course`` (with its category and instructor) as lists and its own page show it."""
    return {
        "id": course.pk,
        "title": course.title,
        "summary": course.summary,
        "price": str(course.price),
        "currency": CURRENCY,
        "thumbnail": course.thumbnail.url if course.thumbnail else None,
        "category": _category(course.category),
        "level": course.level,
        "language": course.language,
        "subject": course.subject,
        "grade": course.grade,
        "rating": float(course.rating),
        "rating_count": course.rating_count,
        "enrolled_count": course.enrolled_count,
        "duration": course.duration,
        "content_count": course.content_count,
        "is_trending": course.is_trending,
        "is_premium": not course.is_free,
        "instructor": _instructor(course.instructor),
    }


def _category(category: Category | None) -> dict[str, Any] | None:
    return {"id": category.pk, "name": category.name, "slug": category.slug} if category else None


def _instructor(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "username": user.username,
        "full_name": user.full_name,
        "profile_image": user.profile_image.url if user.profile_image else None,
    }


class AuthoredCourseSerializer(CourseSummarySerializer):
    """A course as its author gets it back."""

    description = serializers.CharField(allow_blank=True)
    learning_objectives = serializers.ListField(child=serializers.CharField())
    prerequisites = serializers.ListField(child=serializers.IntegerField())
    access_days = serializers.IntegerField(allow_null=True)
    is_published = serializers.BooleanField()
    published_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


def authored_course(course: Course) -> dict[str, Any]:
    """Return ``course`` as its author gets it back; ``prerequisites`` are ids."""
    return course_summary(course) | {
        "description": course.description,
        "learning_objectives": course.learning_objectives,
        "prerequisites": sorted(course.prerequisites.values_list("pk", flat=True)),
        "access_days": course.access_days,
        "is_published": course.is_published,
        "published_at": course.published_at,
        "archived_at": course.archived_at,
        "version": course.version,
    }


class AuthoredModuleSerializer(serializers.Serializer[Module]):
    id = serializers.IntegerField()
    course_id = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    order = serializers.IntegerField()


class AuthoredContentSerializer(serializers.Serializer[Content]):
    """A content as its author gets it back. File addresses are signed and expire; ``video_duration`` is in seconds."""

    id = serializers.IntegerField()
    module_id = serializers.IntegerField()
    course_id = serializers.IntegerField(source="module.course_id")
    title = serializers.CharField()
    section = serializers.CharField(allow_blank=True)
    content_type = serializers.ChoiceField(choices=Content.Type.choices)
    text_content = serializers.CharField(allow_blank=True)
    text_html = serializers.CharField(allow_blank=True)
    video_url = serializers.CharField(allow_blank=True)
    video_file = serializers.SerializerMethodField()
    video_duration = serializers.IntegerField(allow_null=True)
    document = serializers.SerializerMethodField()
    is_preview = serializers.BooleanField()
    order = serializers.IntegerField()
    subject = serializers.CharField(allow_blank=True)
    topic = serializers.CharField(allow_blank=True)
    grade = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()

    def get_video_file(self, content: Content) -> str | None:
        return content.video_file.url if content.video_file else None

    def get_document(self, content: Content) -> str | None:
        return document_address(content)


class UploadStatusSerializer(serializers.Serializer[Content]):
    """What is kept of a content's uploads. What is taken is ready at once; before that it is ``pending``."""

    status = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    video_file = serializers.SerializerMethodField()
    document = serializers.SerializerMethodField()
    poster = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=["pending", "processing", "ready", "failed"]))
    def get_status(self, content: Content) -> str:
        return "ready" if content.video_file or content.document else "pending"

    def get_percent(self, content: Content) -> int:
        return 100 if content.video_file or content.document else 0

    def get_error(self, content: Content) -> str | None:
        return None

    def get_video_file(self, content: Content) -> str | None:
        return content.video_file.url if content.video_file else None

    def get_document(self, content: Content) -> str | None:
        return document_address(content)

    def get_poster(self, content: Content) -> str | None:
        return content.poster.url if content.poster else None


class AssetSerializer(serializers.Serializer[Asset]):
    """A file of a course. Texts show it by ``reference``; ``url`` is signed and expires, ``size`` is in bytes."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    reference = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    content_type = serializers.SerializerMethodField()
    size = serializers.IntegerField()
    created_at = serializers.DateTimeField()

    def get_reference(self, asset: Asset) -> str:
        return f"asset:{asset.pk}"

    def get_url(self, asset: Asset) -> str:
        return file_address(asset.file, called=asset.name)

    def get_content_type(self, asset: Asset) -> str:
        return served_type(asset.file.name or "")


class BookmarkSerializer(serializers.Serializer[Any]):
    course_id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
