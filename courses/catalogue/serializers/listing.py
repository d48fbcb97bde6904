"""What the course list is asked and what it answers."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from courses.catalogue.models import Course
from courses.catalogue.serializers.shown import CourseSummarySerializer
from e_learning.core.api.pagination import PageSerializer
from e_learning.core.api.paths import MOST_ID

ORDERINGS = ("popularity", "rating", "recent", "title", "price")


class CourseListQuerySerializer(serializers.Serializer[Any]):
    """The query of the course list. Filters narrow each other."""

    search = serializers.CharField(required=False, help_text=_("Words, best match first; a typing error still finds."))
    category = serializers.CharField(
        required=False, max_length=100, help_text=_("Id or slug; takes in the categories below it.")
    )
    level = serializers.ChoiceField(required=False, choices=Course.Level.choices)
    language = serializers.CharField(required=False, max_length=20)
    subject = serializers.CharField(required=False, max_length=100)
    grade = serializers.CharField(required=False, max_length=20)
    is_free = serializers.BooleanField(required=False)
    is_trending = serializers.BooleanField(required=False)
    min_rating = serializers.DecimalField(
        required=False, max_digits=3, decimal_places=2, min_value=Decimal(0), max_value=Decimal(5)
    )
    ordering = serializers.ChoiceField(
        required=False,
        allow_blank=True,
        choices=[*ORDERINGS, *(f"-{name}" for name in ORDERINGS)],
        help_text=_(
            "The most popular, best rated, latest, first by title or cheapest first; a minus sign turns it round."
        ),
    )


class ModuleListQuerySerializer(serializers.Serializer[Any]):
    course_id = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)


class ContentListQuerySerializer(ModuleListQuerySerializer):
    module_id = serializers.IntegerField(required=False, min_value=1, max_value=MOST_ID)


class ValueCountSerializer(serializers.Serializer[Any]):
    """One value of a filter, its name for people, and how many courses have it."""

    value = serializers.CharField()
    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        # Not as an attribute: serializers are fields themselves, and a field's label is another thing.
        return super().get_fields() | {"label": serializers.CharField()}


class CategoryCountSerializer(ValueCountSerializer):
    value = serializers.IntegerField()  # type: ignore[assignment]  # an id, where the others are words


class CourseFiltersSerializer(serializers.Serializer[Any]):
    """The values that exist among the courses found, the most frequent first."""

    category = CategoryCountSerializer(many=True)
    level = ValueCountSerializer(many=True)
    language = ValueCountSerializer(many=True)
    subject = ValueCountSerializer(many=True)
    grade = ValueCountSerializer(many=True)


class CourseListSerializer(PageSerializer):
    """A page of courses, with the filters that would narrow it."""

    filters = CourseFiltersSerializer()
    results = CourseSummarySerializer(many=True)
