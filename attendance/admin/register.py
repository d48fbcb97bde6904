"""The register, to look at: records, and the events that they follow from."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from attendance.admin.pages import OwnClock
from attendance.models import AttendanceEvent, AttendanceRecord, Status
from attendance.selectors.history import HistoryEvent, history_of
from e_learning.core.back_office import OwnRows, ReadOnly


@admin.register(AttendanceRecord)
class RecordAdmin(ReadOnly, OwnClock, OwnRows, ModelAdmin):
    """Nothing is changed here: whoever keeps a register marks on the roll of its session."""

    owner_path = "session__course__instructor"
    list_display = ["user", "session", "starts_at", "status", "minutes", "first_in_at", "last_out_at", "note"]
    list_filter = ["status", "reason"]
    list_select_related = ["user", "session"]
    search_fields = ["user__username", "user__full_name", "user__email", "session__title", "session__course__title"]
    date_hierarchy = "session__starts_at"
    fields = ["session", "user", "status", "minutes", "first_in_at", "last_out_at", "note", "history"]
    readonly_fields = fields

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Read its history along: who looks decides whose names it tells, and a column is not told who looks."""
        record: Any = super().get_object(request, object_id, from_field)
        if record is not None:
            user: Any = request.user
            record.told = history_of(user, record.pk)
        return record

    @admin.display(description=_("starts"), ordering="session__starts_at")
    def starts_at(self, record: AttendanceRecord) -> Any:
        return record.session.starts_at

    @admin.display(description=_("history"))
    def history(self, record: Any) -> str:
        events = [_in_words(event) for event in record.told.events]
        told = {"explanation": record.told.explanation, "events": events}
        return render_to_string("attendance/history.html", told)


@admin.register(AttendanceEvent)
class EventAdmin(ReadOnly, OwnClock, OwnRows, ModelAdmin):
    """Only ever added, and never here."""

    owner_path = "session__course__instructor"
    list_display = ["recorded_at", "session", "user", "kind", "at", "until", "status", "refusal", "provider", "actor"]
    list_filter = ["kind", "refusal", "place", "provider"]
    list_select_related = ["session", "user", "actor"]
    search_fields = ["user__username", "user__full_name", "user__email", "session__title", "note"]
    date_hierarchy = "at"
    fields = [
        "session",
        "user",
        "kind",
        "at",
        "until",
        "recorded_at",
        "client_time",
        "status",
        "refusal",
        "place",
        "provider",
        "note",
        "actor",
    ]


def _in_words(event: HistoryEvent) -> dict[str, Any]:
    return {
        "event": event,
        "kind": AttendanceEvent.Kind(event.kind).label,
        "status": Status(event.status).label if event.status else "",
        "by": event.actor["name"] if event.actor else "",
    }
