"""Authors write posts and replies, change them and take them back."""

from typing import TypedDict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.groups.access import Standing, standing_in
from community.posts.models import Post
from community.posts.selectors import post_for, post_in_reach, require_readable
from community.posts.services.moving import let_in, locked_post, move, take_down
from community.posts.text import render_post
from e_learning.core.api.errors import Conflict, InvalidInput, NotAllowed, NotThere

_Status = Post.Status


class PostValues(TypedDict, total=False):
    title: str
    content: str


class TitleRequired(InvalidInput):
    code = "required"
    message = _("A post that begins a discussion needs a title.")


class NotTheAuthor(NotAllowed):
    code = "not_the_author"
    message = _("Only its author may change a post.")


class NotPublished(Conflict):
    code = "not_published"
    message = _("This post is not published.")


def create_post(
    *, author: User, community_id: int, content: str, title: str = "", parent_id: int | None = None
) -> Post:
    """Post in a community, or answer a post there; where posts are held back, a member's waits for approval.

    ``content`` is Markdown and kept as it is. Refuses, in this order: as ``standing_in`` does, 403 ``muted``; for a
    reply 404 where the post answered is not of this community or gone with its thread, 409 ``not_published`` where
    it waits itself; for a discussion 400 without a title.
    """
    standing = standing_in(user=author, community_id=community_id)
    standing.require_voice()
    if parent_id is None:
        _require_title(title)
    else:
        _require_open_thread(standing, parent_id)
    html, now = render_post(content), timezone.now()
    with transaction.atomic():
        post = Post.objects.create(
            community=standing.community,
            author=author,
            parent_id=parent_id,
            title=title,
            content=content,
            content_html=html,
            status=_Status.PENDING if _is_held_back(standing) else _Status.PUBLISHED,
            created_at=now,
            updated_at=now,
            active_at=now,
        )
        if post.is_counted:
            let_in(post)
    return post


def update_post(*, editor: User, post_id: int, values: PostValues) -> Post:
    """Change what is given of an own post. Refuses as reading it does, then 403 ``not_the_author`` or ``muted``.

    Words that a moderator has not seen wait again: after a rejection, and where posts are held back.
    """
    standing = _own_post(editor, post_id)
    standing.require_voice()
    html = render_post(values["content"]) if "content" in values else None
    with transaction.atomic():
        post = locked_post(post_id)
        if post.deleted_at is not None:
            raise NotThere
        title, content = values.get("title", post.title), values.get("content", post.content)
        if (title, content) == (post.title, post.content):
            return post
        if post.parent_id is None:
            _require_title(title)
        waits = post.status == _Status.REJECTED or _is_held_back(standing)
        return move(
            post,
            title=title,
            content=content,
            content_html=post.content_html if html is None else html,
            updated_at=timezone.now(),
            status=_Status.PENDING if waits else post.status,
        )


def remove_own_post(*, author: User, post_id: int) -> Post:
    """Take an own post back, also while muted. Refuses as reading it does, then 403 ``not_the_author``."""
    _own_post(author, post_id)
    with transaction.atomic():
        return take_down(post=locked_post(post_id))


def _own_post(user: User, post_id: int) -> Standing:
    post, standing = post_for(user, post_id)
    if post.author_id != user.pk:
        raise NotTheAuthor
    return standing


def _is_held_back(standing: Standing) -> bool:
    return standing.community.holds_posts_back and not standing.moderates


def _require_title(title: str) -> None:
    if not title:
        raise TitleRequired(attr="title")


def _require_open_thread(standing: Standing, parent_id: int) -> None:
    parent = post_in_reach(standing.user, parent_id)
    if parent.community_id != standing.community.pk:
        raise NotThere
    require_readable(parent, standing)
    require_published(parent)


def require_published(post: Post) -> None:
    """Refuse (409) to answer or to react to what waits or was rejected: only its author and moderators see it."""
    if not post.is_counted:
        raise NotPublished
