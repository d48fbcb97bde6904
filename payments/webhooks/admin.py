"""The inbox in the back office: what the gateway told, and what became of it."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from e_learning.core.back_office import AdminsOnly, ReadOnly
from payments.webhooks.models import WebhookEvent
from payments.webhooks.services import try_events_again


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnly, AdminsOnly, ModelAdmin):
    list_display = ["event_id", "event", "state", "note", "attempts", "received_at", "processed_at"]
    list_filter = ["state", "gateway", "event"]
    search_fields = ["event_id", "event", "body"]
    date_hierarchy = "received_at"
    fields = [
        "event_id",
        "event",
        "gateway",
        "state",
        "note",
        "attempts",
        "next_attempt_at",
        "received_at",
        "processed_at",
        "told",
    ]
    actions = ["try_again"]

    @admin.action(description=_("Try again"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        count = try_events_again(event_pks=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, ngettext("%d event queued.", "%d events queued.", count) % count, messages.SUCCESS)

    @admin.display(description=_("as received"))
    def told(self, event: WebhookEvent) -> str:
        return format_html('<pre style="white-space: pre-wrap">{}</pre>', _pretty(event.body))


def _pretty(body: str) -> str:
    """Indent the event, and show what can't be read as it came. ASCII: half a surrogate pair is in no page."""
    try:
        return json.dumps(json.loads(body), indent=2)
    except ValueError:
        return body
