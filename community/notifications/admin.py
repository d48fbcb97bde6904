"""What people were told, and what became of it on the way to their devices, in the back office."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from community.notifications.models import Notification, PushDelivery
from community.notifications.services import try_pushes_again
from e_learning.core.back_office import AdminsOnly, ReadOnly


@admin.register(Notification)
class NotificationAdmin(ReadOnly, AdminsOnly, ModelAdmin):
    """Read only, and for admins alone: it is somebody's own. The mail that carried it is among the outgoing mail."""

    list_display = ["user", "notification_type", "title", "created_at", "read_at", "waits_for_mail", "mail"]
    list_filter = ["notification_type", "waits_for_mail", ("read_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "mail"]
    search_fields = ["user__email", "user__username"]
    date_hierarchy = "created_at"


@admin.register(PushDelivery)
class PushDeliveryAdmin(ReadOnly, AdminsOnly, ModelAdmin):
    """What was pushed, what waits and what failed. Nothing here can be written, only tried again."""

    list_display = ["notification", "device", "state", "attempts", "next_attempt_at", "sent_at", "last_error"]
    list_filter = ["state"]
    list_select_related = ["notification", "device"]
    search_fields = ["notification__user__email"]
    ordering = ["-id"]
    actions = ["send_again"]

    def has_send_permission(self, request: HttpRequest) -> bool:
        return self.is_admin(request)

    @admin.action(description=_("Try again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[PushDelivery]) -> None:
        count = try_pushes_again(delivery_ids=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, ngettext("%d push queued.", "%d pushes queued.", count) % count, messages.SUCCESS)
