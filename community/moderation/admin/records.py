"""What was complained of, and what was done: to read, and to take back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from community.groups.admin import ModeratedRows
from community.moderation.admin.pressing import Pressed, why
from community.moderation.models import Flag, ModerationAction
from community.moderation.services import undo_action
from e_learning.core.back_office import ReadOnly


@admin.register(Flag)
class FlagAdmin(ReadOnly, ModeratedRows):
    list_display = ["created_at", "community", "reporter", "reason", "excerpt", "state"]
    list_filter = ["state"]
    list_select_related = ["community", "reporter"]
    search_fields = ["reason", "excerpt", "reporter__username", "reporter__full_name"]
    date_hierarchy = "created_at"
    fields = ["community", "reporter", "reason", "excerpt", "post", "message", "state", "closed_by", "created_at"]


@admin.register(ModerationAction)
class ModerationActionAdmin(Pressed, ReadOnly, ModeratedRows):
    """Nothing is changed here; a decision that still stands can be taken back, on its page with a reason."""

    list_display = ["created_at", "community", "verb", "actor", "concerned", "reason", "until", "undone_by"]
    list_filter = ["verb", ("undone_by", admin.EmptyFieldListFilter)]
    list_select_related = ["community", "actor", "post__author", "message__sender", "membership__user", "undone_by"]
    search_fields = ["reason", "actor__username", "actor__full_name", "membership__user__username"]
    date_hierarchy = "created_at"
    fields = [
        "community",
        "verb",
        "actor",
        "reason",
        "until",
        "post",
        "message",
        "membership",
        "undone_by",
        "created_at",
    ]
    actions = ["undo_chosen"]
    actions_submit_line = ["undo"]

    @admin.display(description=_("whom it concerns"))
    def concerned(self, done: ModerationAction) -> str:
        person = done.post.author if done.post else done.message.sender if done.message else None
        return str(done.membership.user if done.membership else person or "–")

    def has_undo_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_view_permission(request) and (object_id is None or _can_be_undone(object_id))

    @action(description=_("Take back"), permissions=["undo"])
    def undo(self, request: HttpRequest, obj: ModerationAction) -> None:
        user: Any = request.user
        undo_action(moderator=user, action_id=obj.pk, reason=why(request))

    @admin.action(description=_("Take selected decisions back"), permissions=["undo"])
    def undo_chosen(self, request: HttpRequest, queryset: QuerySet[ModerationAction]) -> None:
        """Latest first, so that what was decided about one thing twice goes back to where it began."""
        user: Any = request.user
        latest_first = queryset.order_by("-created_at", "-pk")
        self.decide_each(request, lambda done: undo_action(moderator=user, action_id=done.pk), latest_first)


def _can_be_undone(action_id: Any) -> bool:
    rows = ModerationAction.objects.filter(pk=action_id, undone_by=None)
    return rows.exclude(verb=ModerationAction.Verb.UNDO).exists()
