"""What was learnt from enrolments, in the back office: to look at, by admins."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from chatbot.recommendations.models import CourseNeighbour
from e_learning.core.back_office import AdminsOnly, ReadOnly


@admin.register(CourseNeighbour)
class CourseNeighbourAdmin(ReadOnly, AdminsOnly, ModelAdmin):
    list_display = ["course", "neighbour", "score", "together", "learned_at"]
    list_select_related = ["course", "neighbour"]
    search_fields = ["course__title", "neighbour__title"]
    ordering = ["course_id", "-score", "neighbour_id"]
