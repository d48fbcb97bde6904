"""Who has seen a post: each person once a day (UTC)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.api import User
from community.posts.models import Post, PostView
from community.posts.selectors import post_for
from e_learning.core.statements import row_of

_FIRST_TODAY = """
    INSERT INTO community_postview (post_id, user_id, day) VALUES (%(post)s, %(user)s, %(day)s)
    ON CONFLICT (post_id, user_id, day) DO NOTHING RETURNING id
"""


def see_post(*, user: User, post_id: int) -> Post:
    """Return the post for a reader who opens it, and count them; seeing it again on the same day writes nothing.

    Refuses as ``post_for`` does. What is not published is not counted: only its author and moderators see it.
    """
    post, _standing = post_for(user, post_id)
    if post.is_counted and not post.seen_today:  # type: ignore[attr-defined]  # annotated
        with transaction.atomic():
            if _is_first_today(post, user):
                Post.objects.filter(pk=post.pk).update(view_count=F("view_count") + 1)
                post.view_count += 1
    return post


def forget_views() -> int:
    """Delete who saw what before yesterday: it is counted, and nobody's business any more. Returns how many."""
    return PostView.objects.filter(day__lt=timezone.now().date() - timedelta(days=1)).delete()[0]


def _is_first_today(post: Post, user: User) -> bool:
    """Write the view down. Of two at once the constraint lets one in, and the other counts nothing."""
    values = {"post": post.pk, "user": user.pk, "day": timezone.now().date().isoformat()}
    return row_of(_FIRST_TODAY, values) is not None
