"""What is indexed, in the back office: to look at, by admins."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from chatbot.retrieval.models import Chunk, IndexedContent, IndexedCourse
from e_learning.core.back_office import AdminsOnly, ReadOnly


@admin.register(IndexedCourse)
class IndexedCourseAdmin(ReadOnly, AdminsOnly, ModelAdmin):
    list_display = ["course", "version", "indexed_at"]
    list_select_related = ["course"]
    search_fields = ["course__title"]
    date_hierarchy = "indexed_at"


@admin.register(IndexedContent)
class IndexedContentAdmin(ReadOnly, AdminsOnly, ModelAdmin):
    list_display = ["content", "course", "indexed_at"]
    list_select_related = ["content", "course"]
    search_fields = ["content__title", "course__title"]
    date_hierarchy = "indexed_at"


@admin.register(Chunk)
class ChunkAdmin(ReadOnly, AdminsOnly, ModelAdmin):
    list_display = ["title", "order", "source", "language", "start_seconds", "course"]
    list_filter = ["source", "language"]
    list_select_related = ["course"]
    search_fields = ["title", "text", "course__title"]
