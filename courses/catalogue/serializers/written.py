"""What authors may send."""

from typing import Any

from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courses.catalogue.models import Content, Course
from e_learning.core.api.paths import MOST_ID
from e_learning.core.money import MoneyField
from e_learning.core.uploads import DOCUMENT, FILM, PICTURE
from e_learning.core.uploads.forms import JudgedFileField

#: Rendering takes about a second for the worst text of this length.
LONGEST_TEXT = 100_000
_MOST_ORDER = 1_000_000
_MOST_DAYS = 36_500
_MOST_SECONDS = 7 * 24 * 3600
_language_code = RegexValidator(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", _("A language code, such as en or hi."))


class CourseWriteSerializer(serializers.Serializer[Any]):
    """A course as its author writes it. ``category`` and ``prerequisites`` are ids; ``is_trending`` is for admins."""

    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(max_length=500, allow_blank=True, required=False)
    description = serializers.CharField(max_length=20_000, allow_blank=True, required=False)
    price = MoneyField(source="price_paise", required=False)
    category = serializers.IntegerField(min_value=1, max_value=MOST_ID, allow_null=True, required=False)
    level = serializers.ChoiceField(choices=Course.Level.choices, required=False)
    language = serializers.CharField(max_length=20, validators=[_language_code], required=False)
    subject = serializers.CharField(max_length=100, allow_blank=True, required=False)
    grade = serializers.CharField(max_length=20, allow_blank=True, required=False)
    learning_objectives = serializers.ListField(
        child=serializers.CharField(max_length=300), max_length=50, required=False
    )
    prerequisites = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_ID), max_length=50, required=False
    )
    access_days = serializers.IntegerField(min_value=1, max_value=_MOST_DAYS, allow_null=True, required=False)
    is_published = serializers.BooleanField(required=False)
    is_trending = serializers.BooleanField(required=False)
    thumbnail = JudgedFileField(families=(PICTURE,), longest_side=1280, allow_null=True, required=False)


class ModuleWriteSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    order = serializers.IntegerField(min_value=0, max_value=_MOST_ORDER, required=False)


class ModuleCreateSerializer(ModuleWriteSerializer):
    course_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)


class ContentWriteSerializer(serializers.Serializer[Any]):
    """A content as its author writes it. ``text_content`` is Markdown, HTML allowed; readers get it cleaned."""

    module_id = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    title = serializers.CharField(max_length=200)
    section = serializers.CharField(max_length=200, allow_blank=True, required=False)
    content_type = serializers.ChoiceField(choices=Content.Type.choices)
    text_content = serializers.CharField(
        max_length=LONGEST_TEXT, allow_blank=True, trim_whitespace=False, required=False
    )
    video_url = serializers.CharField(
        max_length=500, allow_blank=True, required=False, validators=[URLValidator(schemes=["http", "https"])]
    )
    video_duration = serializers.IntegerField(min_value=0, max_value=_MOST_SECONDS, allow_null=True, required=False)
    is_preview = serializers.BooleanField(required=False)
    order = serializers.IntegerField(min_value=0, max_value=_MOST_ORDER, required=False)
    subject = serializers.CharField(max_length=100, allow_blank=True, required=False)
    topic = serializers.CharField(max_length=100, allow_blank=True, required=False)
    grade = serializers.CharField(max_length=20, allow_blank=True, required=False)


class ContentUploadSerializer(serializers.Serializer[Any]):
    """A film (MP4, WebM) or a document as ``file``, which of the two its bytes say; a picture as ``poster``."""

    file = JudgedFileField(families=(FILM, DOCUMENT), required=False)
    poster = JudgedFileField(families=(PICTURE,), longest_side=1280, required=False)


class AssetUploadSerializer(serializers.Serializer[Any]):
    file = JudgedFileField(families=(PICTURE, DOCUMENT))


class ReorderSerializer(serializers.Serializer[Any]):
    """All siblings, each once, in the order wanted."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_ID), allow_empty=False, max_length=1000
    )
