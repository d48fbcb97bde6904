"""Sessions in the back office: to be seen and ended, never written."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from accounts.signin.models import Session
from accounts.signin.services import end_sessions
from e_learning.core.back_office import ReadOnly


@admin.register(Session)
class SessionAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "user",
        "device_name",
        "ip_address",
        "created_at",
        "last_seen_at",
        "expires_at",
        "ended_at",
        "end_reason",
    ]
    list_filter = ["end_reason", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__username", "ip_address"]
    actions = ["end"]

    def has_end_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.change_session"))

    @admin.action(description=_("End these sessions"), permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        count = end_sessions(session_ids=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, ngettext("%d session ended.", "%d sessions ended.", count) % count, messages.SUCCESS)
