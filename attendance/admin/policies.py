"""How courses keep their registers, and whom they warned."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from attendance.admin.pages import OwnClock, RefusableForm, RefusalsStay
from attendance.models import AttendancePolicy, AttendanceWarning
from attendance.services.policies import set_policy
from e_learning.core.back_office import OwnRows, ReadOnly


class PolicyForm(RefusableForm):
    class Meta:
        model = AttendancePolicy
        fields = "__all__"
        help_texts = {
            "timezone": _("As in Asia/Kolkata. Empty: that of the course's instructor."),
            "warn_below": _("At most five percentages, highest first: [75, 50]."),
        }

    def validate_constraints(self) -> None:
        """Left to the service, which names what is wrong in words."""


@admin.register(AttendancePolicy)
class PolicyAdmin(RefusalsStay, OwnRows):
    """A course without a policy here goes by the defaults. Sessions that are planned keep their times."""

    owner_path = "course__instructor"
    form = PolicyForm
    list_display = ["course", "opens_minutes", "late_after_minutes", "closes_after_minutes", "absent_after_minutes"]
    list_select_related = ["course"]
    search_fields = ["course__title"]
    autocomplete_fields = ["course"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["course"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AttendancePolicy, form: Any, change: bool) -> None:
        user: Any = request.user
        given = form.cleaned_data
        named = form.changed_data if change else [name for name in given if name != "course"]
        course_id = obj.course_id
        saved = set_policy(owner=user, course_id=course_id, values={name: given[name] for name in named})
        obj.__dict__.update(saved.__dict__)


@admin.register(AttendanceWarning)
class WarningAdmin(ReadOnly, OwnClock, OwnRows, ModelAdmin):
    owner_path = "course__instructor"
    list_display = ["warned_at", "user", "course", "below", "percent"]
    list_filter = ["below"]
    list_select_related = ["user", "course"]
    search_fields = ["user__username", "user__full_name", "user__email", "course__title"]
    date_hierarchy = "warned_at"
