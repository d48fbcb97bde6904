"""Mail on its way out, in the back office."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from e_learning.core.back_office import ReadOnly
from e_learning.core.mail import try_again
from e_learning.core.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnly, ModelAdmin):
    """What was sent, what waits and what failed. Nothing here can be written, only tried again."""

    list_display = ["kind", "recipient", "state", "attempts", "created_at", "next_attempt_at", "sent_at", "last_error"]
    list_filter = ["state", "kind"]
    search_fields = ["recipient"]
    ordering = ["-id"]
    actions = ["send_again"]

    def has_send_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("core.change_outgoingmail"))

    @admin.action(description=_("Try again"), permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        count = try_again(mail_ids=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, ngettext("%d mail queued.", "%d mails queued.", count) % count, messages.SUCCESS)
