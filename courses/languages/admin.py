"""Subtitles in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from courses.languages.models import Subtitle
from e_learning.core.back_office import NothingAdded, OwnRows


@admin.register(Subtitle)
class SubtitleAdmin(NothingAdded, OwnRows, ModelAdmin):
    """Which video has subtitles in which language; files come by the API, where they are read and checked."""

    owner_path = "content__module__course__instructor"
    list_display = ["content", "language"]
    list_filter = ["language"]
    list_select_related = ["content"]
    search_fields = ["content__title", "content__module__course__title"]
    readonly_fields = ["content", "language", "cues"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subtitle]:
        # The list shows no cues, of which there may be thousands a row.
        return super().get_queryset(request).defer("cues")
