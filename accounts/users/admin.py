"""People in the back office."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, StackedInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.signin.services import end_all_sessions
from accounts.users.models import CustomUser, UserSettings
from accounts.users.services import set_active
from e_learning.core.back_office import JudgedUploads
from e_learning.core.uploads import PICTURE

#: What makes somebody powerful: only a superuser hands it out, or touches who has it.
_POWERS = ("role", "is_staff", "is_superuser", "groups", "user_permissions")


class SettingsInline(StackedInline):
    model = UserSettings
    can_delete = False


class AddUserForm(UserCreationForm):
    class Meta:
        model = CustomUser
        fields = ("email", "username")


@admin.register(CustomUser)
class CustomUserAdmin(JudgedUploads, UserAdmin, ModelAdmin):
    """Passwords are set by a form that hashes them; points and streaks are earned, not written."""

    judged = {"profile_image": (PICTURE,)}

    form = UserChangeForm
    add_form = AddUserForm
    change_password_form = AdminPasswordChangeForm
    inlines = [SettingsInline]
    list_display = [
        "email",
        "username",
        "full_name",
        "role",
        "is_active",
        "email_verified",
        "date_joined",
        "last_login",
    ]
    list_filter = ["role", "is_active", "is_staff", "email_verified", "subscription_tier"]
    search_fields = ["email", "username", "full_name"]
    ordering = ["-id"]
    date_hierarchy = "date_joined"
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["last_login", "date_joined", "streak_count", "total_points"]
    actions = ["deactivate", "activate", "sign_out_everywhere"]
    fieldsets = [
        (None, {"fields": ["email", "email_verified", "password", "is_active"]}),
        (
            _("Profile"),
            {"fields": ["username", "full_name", "mobile_number", "profile_image", "grade_level", "timezone"]},
        ),
        (_("Learning"), {"fields": ["native_language", "target_languages", "learning_preferences"]}),
        (_("Standing"), {"fields": ["subscription_tier", "streak_count", "total_points", "date_joined", "last_login"]}),
        (_("What they may do"), {"fields": list(_POWERS)}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "username", "usable_password", "password1", "password2"]})]

    def get_inlines(self, request: HttpRequest, obj: CustomUser | None) -> list[Any]:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: CustomUser | None = None) -> list[str]:
        return [*self.readonly_fields, *(() if _is_superuser(request) else _POWERS)]

    def has_change_permission(self, request: HttpRequest, obj: CustomUser | None = None) -> bool:
        """Staff may not change a superuser: setting that password would make them one."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or _is_superuser(request))

    def has_delete_permission(self, request: HttpRequest, obj: CustomUser | None = None) -> bool:
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or _is_superuser(request))

    def save_model(self, request: HttpRequest, obj: CustomUser, form: Any, change: bool) -> None:
        if change and "email" in form.changed_data and "email_verified" not in form.changed_data:
            obj.email_verified = False  # what was verified was the address before
        super().save_model(request, obj, form, change)
        if not change:
            UserSettings.objects.get_or_create(user=obj)

    @admin.action(description=_("Deactivate"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[CustomUser]) -> None:
        self._say_how_many(request, set_active(user_ids=_changeable(request, queryset), active=False))

    @admin.action(description=_("Activate"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[CustomUser]) -> None:
        self._say_how_many(request, set_active(user_ids=_changeable(request, queryset), active=True))

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[CustomUser]) -> None:
        self._say_how_many(request, end_all_sessions(user_ids=_changeable(request, queryset)))

    def _say_how_many(self, request: HttpRequest, count: int) -> None:
        self.message_user(request, ngettext("%d changed.", "%d changed.", count) % count, messages.SUCCESS)


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def _changeable(request: HttpRequest, chosen: QuerySet[CustomUser]) -> list[int]:
    """Ids of the chosen whom the caller may change: oneself never, superusers only as one."""
    others = chosen.exclude(pk=request.user.pk or 0)
    return list((others if _is_superuser(request) else others.filter(is_superuser=False)).values_list("pk", flat=True))


admin.site.unregister(Group)


@admin.register(Group)
class StaffGroupAdmin(GroupAdmin, ModelAdmin):
    """Django's own, in the back office's dress."""
