"""Posts change their state, and what is counted beside them follows in the same transaction.

Nobody's permission is asked here: authors come through ``writing``, moderators through their own room. Rows are locked
upwards only, the post before what it answers, and a community last, so that no two movers wait for each other.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from community.events import PostPublished
from community.groups.models import CommunityGroup
from community.posts.models import Post, PostRows
from e_learning.core.api.errors import Conflict, NotThere
from e_learning.core.events import publish_on_commit


class ChangedMeanwhile(Conflict):
    code = "changed_meanwhile"
    message = _("Somebody else has changed this meanwhile.")


class NotADiscussion(Conflict):
    code = "not_a_discussion"
    message = _("Only a post that begins a discussion can be pinned.")


def locked_post(post_id: int) -> Post:
    """Return the post, removed or not, with its row locked until the caller's transaction ends. 404 for none."""
    post = Post.objects.select_for_update(of=("self",)).select_related("author").filter(pk=post_id).first()
    if post is None:
        raise NotThere
    return post


def set_status(*, post: Post, status: Post.Status) -> Post:
    """Publish the post, reject it or let it wait. In the state already, it stays as it is."""
    return move(post, status=status)


def take_down(*, post: Post, at: datetime | None = None) -> Post:
    """Remove the post; what answers it is out of reach with it, and comes back with it."""
    return post if post.deleted_at else move(post, deleted_at=at or timezone.now())


def give_back(*, post: Post) -> Post:
    """Undo a removal. The post is in the state in which it was."""
    return move(post, deleted_at=None)


def set_pinned(*, post: Post, is_pinned: bool) -> Post:
    """Pin a discussion to the top of its community's list, or let go of it. A reply: 409 ``not_a_discussion``."""
    if is_pinned and post.parent_id is not None:
        raise NotADiscussion
    return move(post, is_pinned=is_pinned)


def move(post: Post, **changes: Any) -> Post:
    """Write ``changes`` if the post's state is still what the caller saw, and count it in or out.

    The condition decides, whoever locked what: of two at once the second is refused (409 ``changed_meanwhile``).
    """
    was_counted = post.is_counted
    with transaction.atomic():
        if not _as_seen(post).update(**changes):
            raise ChangedMeanwhile
        for name, value in changes.items():
            setattr(post, name, value)
        if post.is_counted and not was_counted:
            let_in(post)
        elif was_counted and not post.is_counted:
            count(post, by=-1)
    return post


def let_in(post: Post) -> None:
    """Count a post that comes before its readers, and announce it after the commit unless they were told of it."""
    count(post, by=1)
    if post.told_at is None:
        publish_on_commit(PostPublished(post_id=post.pk))


def _as_seen(post: Post) -> PostRows:
    return Post.objects.filter(pk=post.pk, status=post.status, deleted_at=post.deleted_at)


def count(post: Post, *, by: int) -> None:
    """Count the post in where it is counted (``by`` 1), or out (-1). One that came in keeps its discussion active."""
    if post.parent_id is None:
        CommunityGroup.objects.filter(pk=post.community_id).update(post_count=F("post_count") + by)
        return
    active = {"active_at": Greatest(F("active_at"), timezone.now())} if by > 0 else {}
    Post.objects.filter(pk=post.parent_id).update(reply_count=F("reply_count") + by, **active)
