"""Messages, to look at. What two people say to each other is shown only once one of them has complained of it."""

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.chat.models import Message
from community.groups.admin import ModeratedRows
from e_learning.core.back_office import ReadOnly


@admin.register(Message)
class MessageAdmin(ReadOnly, ModeratedRows):
    community_path = "room__community"
    list_display = [
        "__str__",
        "community",
        "sender",
        "shortened",
        "message_type",
        "created_at",
        "edited_at",
        "deleted_at",
    ]
    list_filter = [
        "message_type",
        ("deleted_at", admin.EmptyFieldListFilter),
        ("edited_at", admin.EmptyFieldListFilter),
        "created_at",
        "room__community",
    ]
    list_select_related = ["room__community", "sender"]
    search_fields = ["text", "sender__email", "sender__full_name"]
    date_hierarchy = "created_at"
    fields = [
        "community",
        "sender",
        "text",
        "message_type",
        "reply_to",
        "seq",
        "sent_seq",
        "created_at",
        "edited_at",
        "deleted_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows: QuerySet[Message] = super().get_queryset(request)
        complained_of = Message.objects.filter(pk=OuterRef("pk"), flags__isnull=False)
        return rows.filter(Q(room__community__isnull=False) | Exists(complained_of))

    @admin.display(description=_("community"), ordering="room__community__title")
    def community(self, message: Message) -> str:
        return str(message.room.community or "")

    @admin.display(description=_("text"))
    def shortened(self, message: Message) -> str:
        return message.text if len(message.text) <= 80 else f"{message.text[:79]}…"
