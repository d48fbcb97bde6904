"""Which posts somebody may read, and what is shown beside them."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import BooleanField, Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.api import User
from community.groups.access import Standing, communities_moderated_by, entering, hidden_from, standing_in
from community.posts.models import Post, PostRows, PostView, Reaction
from e_learning.core.api.errors import NotThere

#: Whether something above the post is gone: then the post is out of reach, however deep below it stands.
_SOMETHING_ABOVE_IS_GONE = """
    EXISTS (
        WITH RECURSIVE above (id, parent_id, is_there) AS (
            SELECT p.id, p.parent_id, TRUE FROM community_post p WHERE p.id = %s
            UNION ALL
            SELECT p.id, p.parent_id, p.deleted_at IS NULL AND p.status = 'published'
            FROM community_post p JOIN above ON p.id = above.parent_id
        )
        SELECT 1 FROM above WHERE NOT is_there
    )
"""


def post_for(user: User, post_id: int) -> tuple[Post, Standing]:
    """Return the post with its author, and the reader's standing in its community; two statements for a member.

    Refuses: 404 where there is none that they may read, or something that it answers is gone; 403 as ``standing_in``.
    """
    post = post_in_reach(user, post_id)
    standing = standing_in(user=user, community_id=post.community_id)
    require_readable(post, standing)
    return post, standing


def post_in_reach(user: User, post_id: int) -> Post:
    """Return the post if nothing above it is gone, else 404. Whether ``user`` may read it is not asked here.

    ``seen_today`` on it says whether their view of this day (UTC) was counted.
    """
    today = PostView.objects.filter(post=OuterRef("pk"), user=user, day=timezone.now().date())
    rows = Post.objects.standing().select_related("author").annotate(seen_today=Exists(today))
    gone = RawSQL(_SOMETHING_ABOVE_IS_GONE, [post_id], output_field=BooleanField())  # noqa: S611 - a text of ours
    post = rows.filter(~gone, pk=post_id).first()
    if post is None:
        raise NotThere
    return post


def require_readable(post: Post, standing: Standing) -> None:
    """Refuse (404) what is not published to all but its author and moderators."""
    if not (post.is_counted or post.author_id == standing.user.pk or standing.moderates):
        raise NotThere


def posts_for(
    user: User, *, community_id: int | None = None, parent_id: int | None = None, status: str = Post.Status.PUBLISHED
) -> PostRows:
    """Return the posts of one list: replies to ``parent_id``, or discussions of one or all of the reader's communities.

    What is not published is for its author and for moderators; without ``parent_id`` those lists hold replies too:
    who waits or decides does so for both. Of those whom the reader has blocked there is nothing.
    Refuses: 404 or 403 for a community, or a post answered, that the reader may not read.
    """
    rows = Post.objects.standing().filter(status=status).exclude(author__in=hidden_from(user.pk))
    rows = rows.select_related("author")
    if parent_id is not None:
        parent, standing = post_for(user, parent_id)
        if community_id not in {None, parent.community_id}:
            raise NotThere
        rows = rows.filter(parent=parent_id)
    elif community_id is not None:
        standing = standing_in(user=user, community_id=community_id)
        rows = rows.filter(community=community_id)
    else:
        return _open_to(user, rows, status)
    if status == Post.Status.PUBLISHED:
        return rows if parent_id else rows.filter(parent__isnull=True)
    return rows if standing.moderates else rows.filter(author=user)


def _open_to(user: User, rows: PostRows, status: str) -> PostRows:
    """Of every community that opens for ``user`` by membership, in one statement with the list itself."""
    rows = rows.filter(community__in=entering().filter(user=user).values("community_id"))
    if status == Post.Status.PUBLISHED:
        return rows.filter(parent__isnull=True)
    return rows.filter(Q(author=user) | Q(community__in=communities_moderated_by(user)))


def with_reactions(posts: Iterable[Post], *, viewer: User) -> list[Post]:
    """Return the posts with ``reactions`` ({type: count}) and the viewer's ``my_reaction``: one statement for all."""
    shown = list(posts)
    felt: dict[int, dict[str, int]] = defaultdict(dict)
    mine: dict[int, str] = {}
    for post_id, kind, count, is_mine in _reaction_counts([post.pk for post in shown], viewer) if shown else ():
        felt[post_id][kind] = count
        if is_mine:
            mine[post_id] = kind
    for post in shown:
        post.reactions, post.my_reaction = felt[post.pk], mine.get(post.pk)  # type: ignore[attr-defined]  # shown beside
    return shown


def _reaction_counts(post_ids: list[int], viewer: User) -> QuerySet[Reaction, tuple[int, str, int, int | None]]:
    mine = Max("user_id", filter=Q(user=viewer))
    counted = Reaction.objects.filter(post__in=post_ids).values("post_id", "reaction_type")
    return (
        counted.annotate(count=Count("id"), mine=mine)
        .order_by("post_id", "reaction_type")
        .values_list("post_id", "reaction_type", "count", "mine")
    )
