"""The words of the contract for posts."""

from typing import Any, Final

from rest_framework import serializers

from accounts.api import PublicUserSerializer
from community.posts.models import Post, Reaction
from e_learning.core.api.paths import MOST_ID

#: ``?ordering=``: what the feed's pages are ordered by.
ORDERINGS: Final = {
    "recent": ("-is_pinned", "-created_at"),
    "active": ("-active_at",),
    "popular": ("-reply_count",),
    "oldest": ("created_at",),
}
_ORDERING_HELP = (
    "`recent`: pinned first, then the newest; `active`: what was answered last; `popular`: what was answered most; "
    "`oldest`: in the order written. Without it `oldest` for replies, else `recent`. "
    "A post that is pinned, or answered, while its list is read moves towards the head as a new one does."
)


class _IdField(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_ID, **kwargs)


class ListAskedSerializer(serializers.Serializer[Any]):
    """The query of a community's list."""

    parent = _IdField(required=False, help_text="Direct replies to this post; else posts that begin a discussion.")  # type: ignore[assignment]  # a name of the contract, taken by the base class
    status = serializers.ChoiceField(
        choices=Post.Status.choices,
        default=Post.Status.PUBLISHED,
        help_text="Others than `published` are for their authors and for moderators, and hold replies too.",
    )
    ordering = serializers.ChoiceField(choices=list(ORDERINGS), required=False, help_text=_ORDERING_HELP)


class PostsAskedSerializer(ListAskedSerializer):
    """The query of the list of all communities."""

    community = _IdField(required=False)


class _ContentField(serializers.CharField):
    """Markdown, kept as it came, outer space and all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=20_000, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if isinstance(data, str) and not data.strip():
            self.fail("blank")
        return super().run_validation(data)


class PostWriteSerializer(serializers.Serializer[Any]):
    """What an author may change. A discussion's title may not be empty."""

    title = serializers.CharField(max_length=200, allow_blank=True, required=False)
    content = _ContentField()


class ReplyWriteSerializer(PostWriteSerializer):
    """What is posted where the address names the community."""

    parent_post_id = _IdField(required=False, allow_null=True, help_text="The post that this one answers.")


class PostCreateSerializer(ReplyWriteSerializer):
    community_id = _IdField()


class ReactSerializer(serializers.Serializer[Any]):
    reaction_type = serializers.ChoiceField(choices=Reaction.Kind.choices)


class PostSerializer(serializers.ModelSerializer[Post]):
    """A post as its readers see it. What is shown beside the row comes from ``selectors.with_reactions``."""

    author = PublicUserSerializer(allow_null=True, help_text="Null where the author's account was erased.")
    parent_post_id = serializers.IntegerField(source="parent_id", allow_null=True)
    reactions = serializers.DictField(child=serializers.IntegerField(), help_text="How many of each type.")
    my_reaction = serializers.ChoiceField(choices=Reaction.Kind.choices, allow_null=True)

    class Meta:
        model = Post
        fields = [
            "id",
            "community_id",
            "author",
            "title",
            "content",
            "content_html",
            "status",
            "parent_post_id",
            "is_pinned",
            "view_count",
            "reply_count",
            "reactions",
            "my_reaction",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields
