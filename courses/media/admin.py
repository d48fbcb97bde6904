"""Files in the back office."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from courses.media.models import Asset
from e_learning.core.back_office import NothingAdded, OwnRows


@admin.register(Asset)
class AssetAdmin(NothingAdded, OwnRows, ModelAdmin):
    """Files of courses, to look at and to remove; they come by importing and by authoring."""

    owner_path = "course__instructor"
    list_display = ["name", "course", "size", "created_at"]
    list_select_related = ["course"]
    search_fields = ["name", "course__title"]
    date_hierarchy = "created_at"
    readonly_fields = ["course", "name", "file", "digest", "size", "created_at"]
