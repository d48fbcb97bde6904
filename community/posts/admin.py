"""Posts, to look at: what people wrote is changed by them alone, and decided on by moderators."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from community.groups.admin import ModeratedRows
from community.posts.models import Post
from e_learning.core.back_office import ReadOnly


@admin.register(Post)
class PostAdmin(ReadOnly, ModeratedRows):
    list_display = [
        "__str__",
        "community",
        "author",
        "status",
        "is_reply",
        "is_pinned",
        "reply_count",
        "view_count",
        "created_at",
        "deleted_at",
    ]
    list_filter = [
        "status",
        "is_pinned",
        ("deleted_at", admin.EmptyFieldListFilter),
        "created_at",
        ("community", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["community", "author"]
    search_fields = ["title", "content", "author__email", "author__full_name"]
    date_hierarchy = "created_at"
    fields = [
        "community",
        "author",
        "parent",
        "title",
        "content",
        "status",
        "is_pinned",
        "view_count",
        "reply_count",
        "created_at",
        "updated_at",
        "active_at",
        "deleted_at",
    ]

    @admin.display(description=_("reply"), boolean=True, ordering="parent_id")
    def is_reply(self, post: Post) -> bool:
        return post.parent_id is not None
