"""What happens to posts: written, moved between states, reacted to, seen. The only place that changes them."""

from community.posts.services.moving import (
    ChangedMeanwhile,
    NotADiscussion,
    give_back,
    locked_post,
    set_pinned,
    set_status,
    take_down,
)
from community.posts.services.reacting import react
from community.posts.services.seeing import forget_views, see_post
from community.posts.services.writing import (
    NotPublished,
    NotTheAuthor,
    PostValues,
    TitleRequired,
    create_post,
    remove_own_post,
    update_post,
)

__all__ = [
    "ChangedMeanwhile",
    "NotADiscussion",
    "NotPublished",
    "NotTheAuthor",
    "PostValues",
    "TitleRequired",
    "create_post",
    "forget_views",
    "give_back",
    "locked_post",
    "react",
    "remove_own_post",
    "see_post",
    "set_pinned",
    "set_status",
    "take_down",
    "update_post",
]
