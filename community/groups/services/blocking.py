"""Whom somebody does not want to hear."""

from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.groups.models import Block, Membership
from e_learning.core.api.errors import InvalidInput, NotThere


class BlockingOneself(InvalidInput):
    code = "blocking_oneself"
    message = _("You can't block yourself.")


def block_user(*, user: User, user_id: int) -> Block:
    """Return ``user``'s block of the other, made if there was none.

    Refuses: 400 for oneself; 404 for anybody with whom they never shared a community, whether such a person exists or
    not. Two who write to each other did share one: memberships are kept when they end.
    """
    if user_id == user.pk:
        raise BlockingOneself
    if not _shared_a_community(user.pk, user_id):
        raise NotThere
    return Block.objects.select_related("blocked").get_or_create(blocker=user, blocked_id=user_id)[0]


def _shared_a_community(one_id: int, other_id: int) -> bool:
    communities = Membership.objects.filter(user=one_id).order_by().values("community")
    return Membership.objects.filter(user=other_id, community__in=communities).exists()


def unblock_user(*, user: User, user_id: int) -> None:
    """Take the block back; where there is none, nothing happens."""
    Block.objects.filter(blocker=user, blocked=user_id).delete()
