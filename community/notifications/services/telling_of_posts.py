"""Telling the readers of a post, once each and by what concerns them most: a mention, a reply, a new discussion."""

from collections.abc import Callable, Collection, Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from community.notifications.models import Notification
from community.notifications.selectors import readers_of
from community.notifications.services.telling import BATCH, News, notify
from community.posts.mentions import mentioned_in
from community.posts.models import Post

Kind = Notification.Kind


def tell_of_post(*, post_id: int) -> int:
    """Tell its readers of a published post of which nobody was told yet; returns how many were told.

    Mentioned members first, then who is replied to, then, of a new discussion, everybody else: under one key, so each
    hears of it once, also where a first try broke off half way. Of a reply nobody else is told. Each batch is a
    transaction of its own, and ``told_at`` is set last: a community of thousands holds nothing locked.
    """
    posts = Post.objects.standing().filter(status=Post.Status.PUBLISHED, told_at__isnull=True, pk=post_id)
    post = posts.select_related("author", "community", "parent").first()
    if post is None:
        return 0
    told = sum(_tell(post, *each) for each in _readers(post)) if post.author_id else 0
    Post.objects.filter(pk=post_id, told_at__isnull=True).update(told_at=timezone.now())
    return told


def _readers(post: Post) -> Iterator[tuple[Kind, Callable[[], str], Collection[int]]]:
    """Yield kind, title and readers, the most personal first."""
    who = {"name": str(post.author), "community": post.community.title}
    readers = readers_of(post.community_id)
    mentioned = readers.filter(user_id__in=mentioned_in(post.content, post.community_id)).values_list(
        "user_id", flat=True
    )
    yield Kind.NEW_MENTION, lambda: _("%(name)s mentioned you in %(community)s") % who, list(mentioned)
    if post.parent is not None:
        asked = readers.filter(user_id=post.parent.author_id).values_list("user_id", flat=True)
        yield Kind.NEW_REPLY, lambda: _("%(name)s replied to you in %(community)s") % who, list(asked)
        return
    after = 0
    while batch := list(readers.filter(user_id__gt=after).values_list("user_id", flat=True)[:BATCH]):
        yield Kind.NEW_POST, lambda: _("%(name)s began a discussion in %(community)s") % who, batch
        after = batch[-1]


def _tell(post: Post, kind: Kind, title: Callable[[], str], user_ids: Collection[int]) -> int:
    news = News(
        kind=kind,
        key=f"post.{post.pk}",
        title=title,
        message=post.title or (post.parent.title if post.parent else ""),
        actor_id=post.author_id,
        community_id=post.community_id,
        post_id=post.pk,
    )
    return len(notify(user_ids=user_ids, news=news))


def untold_post_ids(*, most: int = 200) -> list[int]:
    """Return ids of published posts of which nobody was told, oldest first."""
    untold = Post.objects.standing().filter(status=Post.Status.PUBLISHED, told_at__isnull=True)
    return list(untold.order_by("id").values_list("id", flat=True)[:most])
