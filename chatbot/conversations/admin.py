"""Conversations in the back office: transcripts to read, and flags to look after."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from chatbot.conversations.models import Conversation, Flag, Message
from chatbot.conversations.services import mark_seen
from e_learning.core.back_office import OwnRows, ReadOnly


class MessageInline(ReadOnly, TabularInline):
    """Without what was flagged: that is for who looks after flags."""

    model = Message
    fields = ["role", "content", "state", "model", "is_helpful", "feedback", "created_at"]
    readonly_fields = fields
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows: QuerySet[Message] = super().get_queryset(request)
        return rows.filter(flag__isnull=True, answers__flag__isnull=True)


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, OwnRows):
    """What learners asked about one's own courses. Conversations without a course are nobody's."""

    owner_path = "course__instructor"
    list_display = ["title", "user", "course", "message_count", "last_message_at"]
    list_select_related = ["user", "course"]
    search_fields = ["title", "user__full_name", "course__title"]
    date_hierarchy = "last_message_at"
    fields = ["user", "course", "content", "title", "created_at", "last_message_at"]
    inlines: ClassVar[list[Any]] = [MessageInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: QuerySet[Conversation] = super().get_queryset(request)
        return rows.exclude(title="").filter(course__isnull=False).annotate(message_count=Count("messages"))

    @admin.display(description=_("messages"), ordering="message_count")
    def message_count(self, conversation: Any) -> int:
        return int(conversation.message_count)


@admin.register(Flag)
class FlagAdmin(ReadOnly, ModelAdmin):
    """What was said that staff is to look at: for moderators and admins."""

    list_display = ["raised_at", "kind", "user", "words", "seen_at", "seen_by"]
    list_filter = ["kind", ("seen_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "seen_by"]
    search_fields = ["user__full_name", "user__email"]
    fields = ["raised_at", "kind", "user", "words", "seen_at", "seen_by"]
    actions = ["mark_as_seen"]

    @admin.action(description=_("Mark as seen"), permissions=["view"])
    def mark_as_seen(self, request: HttpRequest, queryset: QuerySet[Flag]) -> None:
        staff: Any = request.user
        count = mark_seen(staff=staff, flag_ids=list(queryset.values_list("pk", flat=True)))
        said = ngettext("%(count)d flag marked as seen.", "%(count)d flags marked as seen.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
