"""Communities in the back office: each person sees those that they moderate."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from community.groups.access import communities_moderated_by
from community.groups.models import CommunityGroup, Membership
from community.groups.services import update_group
from e_learning.core.back_office import JudgedUploads, NothingAdded, ReadOnly
from e_learning.core.uploads import PICTURE


class ModeratedRows(ModelAdmin):
    """Mixin: rows of the communities that the signed-in person moderates; all for admins of the platform.

    ``community_path`` leads from a row to its community.
    """

    community_path: ClassVar[str] = "community"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        user: Any = request.user
        return rows if user.is_admin else rows.filter(**{f"{self.community_path}__in": communities_moderated_by(user)})


@admin.register(CommunityGroup)
class CommunityGroupAdmin(NothingAdded, JudgedUploads, ModeratedRows):
    """Communities are made with their courses and go with them; here they are looked after."""

    community_path = "pk"
    judged = {"banner_image": (PICTURE,)}
    list_display = [
        "title",
        "course",
        "visibility",
        "require_post_approval",
        "member_count",
        "silenced",
        "post_count",
        "created_at",
    ]
    list_filter = ["visibility", "require_post_approval"]
    list_select_related = ["course"]
    search_fields = ["title", "course__title", "course__instructor__username", "course__instructor__full_name"]
    date_hierarchy = "created_at"
    readonly_fields = ["course", "member_count", "post_count", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommunityGroup]:
        rows: QuerySet[CommunityGroup] = super().get_queryset(request)
        now = timezone.now()
        are_silenced = Q(memberships__muted_until__gt=now) | Q(memberships__banned_until__gt=now)
        return rows.annotate(silenced=Count("memberships", filter=are_silenced))

    @admin.display(description=_("muted or banned"), ordering="silenced")
    def silenced(self, group: Any) -> int:
        return int(group.silenced)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: CommunityGroup, form: Any, change: bool) -> None:
        """Write what was changed and nothing else: counts move while the page is open."""
        user: Any = request.user
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        if values.get("banner_image") is False:  # ticked away
            values["banner_image"] = None
        update_group(editor=user, community_id=obj.pk, values=values)  # type: ignore[arg-type]  # the form's fields are its keys


@admin.register(Membership)
class MembershipAdmin(ReadOnly, ModeratedRows):
    list_display = [
        "user",
        "community",
        "role",
        "joined_at",
        "left_at",
        "asleep_since",
        "muted_until",
        "banned_until",
    ]
    list_filter = [
        "role",
        ("left_at", admin.EmptyFieldListFilter),
        ("asleep_since", admin.EmptyFieldListFilter),
        ("muted_until", admin.EmptyFieldListFilter),
        ("banned_until", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["user", "community"]
    search_fields = ["user__username", "user__full_name", "user__email", "community__title"]
    date_hierarchy = "joined_at"
