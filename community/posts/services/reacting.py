"""What people feel about a post: one reaction each."""

from django.db import transaction

from accounts.api import User
from community.posts.models import Post, Reaction
from community.posts.selectors import post_for
from community.posts.services.writing import require_published


def react(*, user: User, post_id: int, reaction_type: str) -> Post:
    """React to a published post: the same again takes it back, another takes its place. Returns the post.

    Refuses as reading the post does, then 403 ``muted`` and 409 ``not_published``.
    """
    post, standing = post_for(user, post_id)
    standing.require_voice()
    require_published(post)
    with transaction.atomic():
        taken_back, _rows = Reaction.objects.filter(post=post, user=user, reaction_type=reaction_type).delete()
        if not taken_back:
            _set_reaction(post, user, reaction_type)
    return post


def _set_reaction(post: Post, user: User, reaction_type: str) -> None:
    """Of two at once the later one stands: the constraint turns its row into a change of the other's."""
    Reaction.objects.bulk_create(
        [Reaction(post=post, user=user, reaction_type=reaction_type)],
        update_conflicts=True,
        unique_fields=["post", "user"],
        update_fields=["reaction_type"],
    )
