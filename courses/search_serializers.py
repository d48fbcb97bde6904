"""What a search is asked and what it answers."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api import Role
from courses.catalogue.models import Content
from courses.catalogue.serializers import CourseSummarySerializer
from courses.search_page import SECTIONS, SearchQuery

_LONGEST_QUESTION = 400
_EVERYTHING = "all"


class UnknownSection(serializers.ValidationError):
    default_code = "invalid_choice"
    default_detail = _("Search for courses, contents, vocabulary, users or all.")


class SearchQuerySerializer(serializers.Serializer[Any]):
    """The query of a search. No words find nothing."""

    q = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=_LONGEST_QUESTION,
        help_text=_("Words, best match first; a typing error still finds."),
    )
    type = serializers.CharField(
        required=False,
        max_length=100,
        help_text=_("One or several of courses, contents, vocabulary, users and all, with commas between them."),
    )
    language = serializers.CharField(required=False, max_length=20, help_text=_("Of courses and their contents."))
    limit = serializers.IntegerField(required=False, min_value=1, max_value=50, help_text=_("Of each kind; 10."))

    def validate_type(self, value: str) -> tuple[str, ...]:
        asked = {name.strip() for name in value.split(",")}
        if not asked <= {*SECTIONS, _EVERYTHING}:
            raise UnknownSection
        return SECTIONS if _EVERYTHING in asked else tuple(asked)


def search_query(asked: dict[str, Any]) -> SearchQuery:
    """Return the question that a valid query asks."""
    return SearchQuery(
        typed=asked.get("q", ""),
        sections=asked.get("type", SECTIONS),
        language=asked.get("language", ""),
        limit=asked.get("limit", 10),
    )


class FoundCourseSerializer(CourseSummarySerializer):
    snippet = serializers.CharField(allow_blank=True, help_text="Plain text around what was found; not markup.")


class FoundContentSerializer(serializers.Serializer[Any]):
    """A content. ``is_locked``: the caller may not open it, and it was found by its title, section or topic."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    content_type = serializers.ChoiceField(choices=Content.Type.choices)
    course_id = serializers.IntegerField()
    course_title = serializers.CharField()
    module_id = serializers.IntegerField()
    is_locked = serializers.BooleanField()
    is_preview = serializers.BooleanField()
    snippet = serializers.CharField(allow_blank=True, help_text="Plain text around what was found; not markup.")


class FoundPersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    full_name = serializers.CharField(allow_blank=True)
    profile_image = serializers.CharField(allow_null=True)
    role = serializers.ChoiceField(choices=Role.choices)


class SearchSerializer(serializers.Serializer[Any]):
    """What was found, best first. ``suggestions``: the question with its misspelt words put right."""

    courses = FoundCourseSerializer(many=True)
    contents = FoundContentSerializer(many=True)
    vocabulary = serializers.ListField(child=serializers.DictField(), help_text="Empty for now.")
    users = FoundPersonSerializer(many=True)
    suggestions = serializers.ListField(child=serializers.CharField())


class SuggestionsQuerySerializer(serializers.Serializer[Any]):
    q = serializers.CharField(
        required=False, allow_blank=True, max_length=_LONGEST_QUESTION, help_text=_("How they begin.")
    )


class SuggestionsSerializer(serializers.Serializer[Any]):
    """``recent`` are the caller's own; the others are what at least three people ask."""

    recent = serializers.ListField(child=serializers.CharField())
    popular = serializers.ListField(child=serializers.CharField())
    trending = serializers.ListField(child=serializers.CharField())
