"""Notifications as their people see them, and who is to be told of what."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from accounts.api import User
from community.chat.selectors import terms_of_rooms
from community.groups.access import entering
from community.groups.models import Block, Membership
from community.notifications.models import Notification
from community.posts.models import Post
from e_learning.core.api.errors import NotThere

#: A decision about somebody reaches them whether they may still enter or not: a ban above all.
ABOUT_ONESELF = (Notification.Kind.MODERATOR_ACTION, Notification.Kind.POST_APPROVED, Notification.Kind.POST_REJECTED)


class Listener(NamedTuple):
    """Somebody who is told, and how they want to be; None where they never said."""

    user_id: int
    timezone: str
    language: str | None
    notifications: bool | None
    mail: bool | None
    push: bool | None
    digest: str | None
    community_mail: bool | None
    community_push: bool | None

    @property
    def wants_mail(self) -> bool:
        wishes = (self.notifications, self.mail, self.community_mail)
        return False not in wishes and self.digest != "off"

    @property
    def wants_push(self) -> bool:
        return False not in (self.notifications, self.push, self.community_push)


def listeners_among(
    user_ids: Collection[int], *, actor_id: int | None = None, community_id: int | None = None
) -> list[Listener]:
    """Return those of ``user_ids`` who are there to hear it, in one statement: the active ones who did not block the
    actor. With a community, as they chose for it.
    """
    people = User.objects.filter(pk__in=user_ids, is_active=True)
    if actor_id is not None:
        people = people.exclude(blocks__blocked=actor_id)
    mine = Membership.objects.filter(user=OuterRef("pk"), community=community_id)
    rows = people.values_list(
        "pk",
        "timezone",
        "settings__locale",
        "settings__notifications_enabled",
        "settings__email_notifications",
        "settings__push_notifications",
        "settings__email_digest",
        Subquery(mine.values("email_notifications")[:1]),
        Subquery(mine.values("push_notifications")[:1]),
    )
    return [Listener._make(row) for row in rows.order_by("pk")]


def readers_of(community_id: int) -> QuerySet[Membership]:
    """Return the memberships of those who may read in the community now, by person."""
    return entering().filter(community=community_id).order_by("user_id")


def notifications_of(
    user_id: int, *, is_read: bool | None = None, notification_type: str | None = None
) -> QuerySet[Notification]:
    """Return what this person was told, latest first, each with its actor and its post."""
    rows = Notification.objects.filter(user=user_id).with_seen_at().select_related("actor", "post")
    rows = rows.order_by("-created_at", "-id")
    if is_read is not None:
        rows = rows.filter(seen_at__isnull=not is_read)  # type: ignore[misc]  # annotated
    return rows.filter(notification_type=notification_type) if notification_type else rows


def notification_of(user_id: int, notification_id: int) -> Notification:
    """Return one of this person's own; 404 for anybody else's."""
    found = notifications_of(user_id).filter(pk=notification_id).first()
    if found is None:
        raise NotThere
    return found


def unread_count_of(user_id: int) -> int:
    return Notification.objects.filter(user=user_id).unread().count()


def unread_counts(user_ids: Collection[int]) -> dict[int, int]:
    """Return how many unread notifications each of these has, in one statement; who has none is left out."""
    unread = Notification.objects.filter(user__in=user_ids).unread()
    return dict(unread.order_by().values_list("user").annotate(Count("pk")))


# --- what may leave ------------------------------------------------------------------------------
def deliverable() -> QuerySet[Notification]:
    """Return what may leave by mail or push: unread, to somebody active who may see what it is about *now*.

    Asked at the moment of sending: who has left, was banned, blocked the actor, has read the room or is no longer
    enrolled gets nothing of what was queued before, and nobody gets what was removed meanwhile.
    """
    reader = OuterRef("user_id")
    inside = entering().order_by().filter(user=reader, community=OuterRef("community_id"))
    talking = terms_of_rooms().filter(pk=OuterRef("room_id"), are_acquainted=True, is_blocked=False)
    of_two = Q(room__isnull=False, community__isnull=True)
    blocked = Block.objects.filter(blocker=reader, blocked=OuterRef("actor_id"))
    may_see = Q(
        Q(community__isnull=True) | Q(Exists(inside)),
        ~of_two | Q(Exists(talking)),
        Q(post__isnull=True) | Q(post__status=Post.Status.PUBLISHED, post__deleted_at__isnull=True),
        ~Exists(blocked),
    )
    about_oneself = Q(notification_type__in=ABOUT_ONESELF)
    return Notification.objects.unread().filter(about_oneself | may_see, user__is_active=True)


def to_carry(mail_id: int) -> list[Notification]:
    """Return what this mail still has to say, oldest first: what its reader may see and wants mailed now."""
    refused = Membership.objects.filter(
        user=OuterRef("user_id"), community=OuterRef("community_id"), email_notifications=False
    )
    carried = deliverable().filter(~Exists(refused), mail=mail_id)
    return list(carried.select_related("community").order_by("created_at", "id"))


def wants_mail(user: User) -> bool:
    """Say whether this person wants to be mailed at all, whatever it is about."""
    return any(listener.wants_mail for listener in listeners_among([user.pk]))


def is_push_wanted(notification: Notification) -> bool:
    """Say whether its reader may see it, has not read it and wants it on the device, as things are now."""
    chosen = listeners_among([notification.user_id], community_id=notification.community_id)
    return any(listener.wants_push for listener in chosen) and deliverable().filter(pk=notification.pk).exists()
