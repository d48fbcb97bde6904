"""Members, posts and messages, as their rooms show them, with what can be decided about them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from community.chat.admin import MessageAdmin as MessagesShown
from community.chat.models import Message
from community.groups.admin import MembershipAdmin
from community.groups.models import Membership
from community.moderation.admin.pressing import Pressed, why
from community.moderation.models import LONGEST_REASON
from community.moderation.services import (
    change_member,
    pin_post,
    remove_message,
    remove_post,
    restore_message,
    restore_post,
)
from community.posts.admin import PostAdmin as PostsShown
from community.posts.models import Post
from community.posts.services import ChangedMeanwhile
from e_learning.core.back_office import RefusalsAreTold

for shown_by_their_rooms in (Membership, Post, Message):
    admin.site.unregister(shown_by_their_rooms)


class MemberForm(forms.ModelForm):
    """A decision about the member as the page showed them: what somebody else decided since is not undone unseen."""

    reason = forms.CharField(
        label=_("reason"),
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The member reads it."),
    )
    as_read = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Membership
        fields = ["role", "muted_until", "banned_until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        member = self.instance
        self._stands = " ".join(str(value) for value in (member.role, member.muted_until, member.banned_until))
        if "as_read" in self.fields:  # not on a page that is only shown
            self.fields["as_read"].initial = self._stands

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("as_read", "") not in {"", self._stands}:
            raise forms.ValidationError(ChangedMeanwhile.message)
        return given


@admin.register(Membership)
class ModeratedMembershipAdmin(RefusalsAreTold, MembershipAdmin):
    """Members, with what moderators decide about them: role, mute and ban, each with a reason."""

    form = MemberForm
    readonly_fields = ["community", "user", "joined_at", "left_at", "asleep_since"]
    fields = [*readonly_fields, *MemberForm.Meta.fields, "reason", "as_read"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.has_view_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Give what was changed to the service; it asks who may."""
        user: Any = request.user
        values: Any = {name: form.cleaned_data[name] for name in form.changed_data if name in form.Meta.fields}
        change_member(
            actor=user,
            community_id=obj.community_id,
            user_id=obj.user_id,
            values=values,
            reason=form.cleaned_data["reason"],
        )
        obj.refresh_from_db()


class Removable(Pressed):
    """Mixin: posts or messages, removed and given back, on their page with a reason or several at once."""

    actions = ["remove_chosen"]
    actions_submit_line = ["remove", "restore"]

    def remove_one(self, request: HttpRequest, row: Any) -> None:
        raise NotImplementedError

    def restore_one(self, request: HttpRequest, row: Any) -> None:
        raise NotImplementedError

    def has_remove_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_view_permission(request) and self._is(object_id, removed=False)

    def has_restore_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_view_permission(request) and self._is(object_id, removed=True)

    def _is(self, object_id: Any, *, removed: bool) -> bool:
        rows = self.model.objects.filter(pk=object_id, deleted_at__isnull=not removed)
        return object_id is None or rows.exists()

    @action(description=_("Remove"), permissions=["remove"])
    def remove(self, request: HttpRequest, obj: Any) -> None:
        self.remove_one(request, obj)

    @action(description=_("Give back"), permissions=["restore"])
    def restore(self, request: HttpRequest, obj: Any) -> None:
        self.restore_one(request, obj)

    @admin.action(description=_("Remove selected"), permissions=["remove"])
    def remove_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.decide_each(request, lambda row: self.remove_one(request, row), queryset.order_by("pk"))


@admin.register(Post)
class PostAdmin(Removable, PostsShown):
    actions_submit_line = ["remove", "restore", "pin", "unpin"]

    def remove_one(self, request: HttpRequest, row: Post) -> None:
        user: Any = request.user
        remove_post(moderator=user, post_id=row.pk, reason=why(request))

    def restore_one(self, request: HttpRequest, row: Post) -> None:
        user: Any = request.user
        restore_post(moderator=user, post_id=row.pk, reason=why(request))

    def has_pin_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_view_permission(request) and _is_discussion(object_id, is_pinned=False)

    def has_unpin_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_view_permission(request) and _is_discussion(object_id, is_pinned=True)

    @action(description=_("Pin"), permissions=["pin"])
    def pin(self, request: HttpRequest, obj: Post) -> None:
        user: Any = request.user
        pin_post(moderator=user, post_id=obj.pk, is_pinned=True, reason=why(request))

    @action(description=_("Let go of the pin"), permissions=["unpin"])
    def unpin(self, request: HttpRequest, obj: Post) -> None:
        user: Any = request.user
        pin_post(moderator=user, post_id=obj.pk, is_pinned=False, reason=why(request))


def _is_discussion(post_id: Any, **fields: bool) -> bool:
    return post_id is None or Post.objects.standing().filter(pk=post_id, parent=None, **fields).exists()


@admin.register(Message)
class MessageAdmin(Removable, MessagesShown):
    def remove_one(self, request: HttpRequest, row: Message) -> None:
        user: Any = request.user
        remove_message(moderator=user, message_id=row.pk, reason=why(request))

    def restore_one(self, request: HttpRequest, row: Message) -> None:
        user: Any = request.user
        restore_message(moderator=user, message_id=row.pk, reason=why(request))
