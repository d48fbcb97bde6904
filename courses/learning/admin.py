"""Enrolments, progress and reviews, to look at; what gives access, given and taken back by admins.

All that is written here is written by the services that keep what follows from it.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from courses.catalogue.admin import OwnedAdmin
from courses.learning.completion import percent_of
from courses.learning.models import AccessGrant, AccessPass, Enrollment, Progress, Review
from courses.learning.services import delete_review, grant_by_hand, take_back_by_hand
from e_learning.core.api.errors import ApiError
from e_learning.core.back_office import ReadOnly


class GrantInline(ReadOnly, TabularInline):
    """Why the enrolment is open, or was."""

    model = AccessGrant
    fields = ["source", "reference", "reason", "starts_at", "ends_at", "ended_at", "ended_reason"]
    extra = 0


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnly, OwnedAdmin):
    owner_path = "course__instructor"
    list_display = ["id", "user", "course", "percent", "enrollment_date", "expiry_date", "is_active", "completed_at"]
    list_filter = ["is_active", "enrollment_date"]
    list_select_related = ["user", "course"]
    search_fields = ["user__email", "user__full_name", "course__title"]
    date_hierarchy = "enrollment_date"
    inlines = [GrantInline]

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


class GrantForm(forms.ModelForm):
    """A grant by hand: the reason is asked for, and an end has to lie ahead."""

    class Meta:
        model = AccessGrant
        fields = ["user", "course", "reason", "ends_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True

    def clean_ends_at(self) -> Any:
        ends_at = self.cleaned_data["ends_at"]
        if ends_at is not None and ends_at <= timezone.now():
            raise ValidationError(_("The end has to lie ahead."), code="not_ahead")
        return ends_at


class ReasonForm(ActionForm):
    """What is to be done with the rows chosen, and why."""

    reason = forms.CharField(label="", required=False, max_length=200, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["placeholder"] = _("reason")


@admin.register(AccessGrant)
class AccessGrantAdmin(ReadOnly, OwnedAdmin):
    """Admins give access by hand and take it back; instructors read who may learn in their courses, and why."""

    owner_path = "course__instructor"
    action_form = ReasonForm
    list_display = ["id", "user", "course", "source", "reason", "starts_at", "ends_at", "ended_at", "ended_reason"]
    list_filter = ["source", ("ended_at", admin.EmptyFieldListFilter), "starts_at"]
    list_select_related = ["user", "course"]
    search_fields = ["user__email", "user__full_name", "course__title", "reference"]
    autocomplete_fields = ["user", "course"]
    date_hierarchy = "starts_at"
    actions = ["take_back"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user: Any = request.user
        return bool(user.is_admin)

    def has_end_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj else GrantForm.Meta.fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change=change, **(kwargs if obj else kwargs | {"form": GrantForm}))

    def save_model(self, request: HttpRequest, obj: AccessGrant, form: Any, change: bool) -> None:
        user: Any = request.user
        granted = grant_by_hand(
            staff=user,
            user_id=obj.user_id,
            course_id=obj.course_id,
            reason=obj.reason,
            ends_at=obj.ends_at,
            at=timezone.now(),
        )
        obj.__dict__.update(granted.__dict__)

    @admin.action(description=_("Take access back"), permissions=["end"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> None:
        user: Any = request.user
        ids = list(queryset.values_list("pk", flat=True))
        try:
            count = take_back_by_hand(
                staff=user, grant_ids=ids, reason=request.POST.get("reason", ""), at=timezone.now()
            )
        except ApiError as refusal:
            self.message_user(request, str(refusal.message), messages.ERROR)
            return
        said = ngettext("%d grant was taken back.", "%d grants were taken back.", count) % count
        self.message_user(request, said, messages.SUCCESS if count else messages.WARNING)


@admin.register(AccessPass)
class AccessPassAdmin(ReadOnly, ModelAdmin):
    list_display = ["reference", "user", "covers_all", "starts_at", "ends_at", "ended_at", "ended_reason"]
    list_filter = ["covers_all", ("ended_at", admin.EmptyFieldListFilter), "starts_at"]
    list_select_related = ["user"]
    search_fields = ["reference", "user__email", "user__full_name"]
    date_hierarchy = "starts_at"
