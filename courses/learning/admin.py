"""Enrolments, progress and reviews, to look at; a review can be removed, by the service that keeps the rating."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from courses.catalogue.admin import OwnedAdmin
from courses.learning.completion import percent_of
from courses.learning.models import Enrollment, Progress, Review
from courses.learning.services import delete_review
from e_learning.core.back_office import ReadOnly


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnly, OwnedAdmin):
    owner_path = "course__instructor"
    list_display = ["id", "user", "course", "percent", "enrollment_date", "expiry_date", "is_active", "completed_at"]
    list_filter = ["is_active", "enrollment_date"]
    list_select_related = ["user", "course"]
    search_fields = ["user__email", "user__full_name", "course__title"]
    date_hierarchy = "enrollment_date"

    @admin.display(description="%")
    def percent(self, enrollment: Enrollment) -> float:
        return percent_of(enrollment.completed_count, enrollment.course.content_count)


@admin.register(Progress)
class ProgressAdmin(ReadOnly, OwnedAdmin):
    owner_path = "enrollment__course__instructor"
    list_display = ["id", "enrollment", "content", "time_spent", "last_position", "is_completed", "updated_at"]
    list_filter = ["is_completed", "updated_at"]
    list_select_related = ["enrollment", "content"]
    search_fields = ["enrollment__user__email", "content__title"]


@admin.register(Review)
class ReviewAdmin(ReadOnly, OwnedAdmin):
    """Instructors read what is said of their courses; only admins take something away."""

    owner_path = "course__instructor"
    list_display = ["id", "course", "user", "rating", "comment_begins", "created_at"]
    list_filter = ["rating", "created_at"]
    list_select_related = ["user", "course"]
    search_fields = ["user__email", "user__full_name", "course__title", "comment"]
    date_hierarchy = "created_at"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return bool(user.is_admin)

    @admin.display(description=_("comment"))
    def comment_begins(self, review: Review) -> str:
        return Truncator(review.comment).chars(80)

    def delete_model(self, request: HttpRequest, obj: Review) -> None:
        user: Any = request.user
        delete_review(editor=user, review_id=obj.pk)
