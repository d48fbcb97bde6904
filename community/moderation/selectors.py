"""What moderators see: what waits for them, and what was done."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Min, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from community.chat.models import Attachment, Message
from community.chat.selectors import whole
from community.groups.access import communities_moderated_by, standing_in
from community.groups.models import CommunityGroup
from community.moderation.models import Flag, ModerationAction
from community.posts.models import Post
from e_learning.core.storage import file_address

PENDING_POST = "pending_post"
FLAGGED_POST = "flagged_post"
FLAGGED_MESSAGE = "flagged_message"
_TITLES = {
    PENDING_POST: _("a post that waits for approval"),
    FLAGGED_POST: _("a post that was complained of"),
    FLAGGED_MESSAGE: _("a message that was complained of"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that waits for a decision: a post held back, or what somebody complained of.

    ``flags`` are the open complaints, oldest first; ``created_at`` is since when it waits.
    """

    kind: str
    post: Post | None
    message: Message | None
    flags: list[Flag]
    created_at: datetime

    @property
    def target(self) -> Post | Message:
        target = self.post or self.message
        assert target is not None
        return target

    @property
    def reference(self) -> str:
        """The thing's name in forms; of a post that waits with the version that is shown, which is decided about."""
        as_read = f"@{self.post.updated_at.isoformat()}" if self.kind == PENDING_POST and self.post else ""
        return f"{self.kind}:{self.target.pk}{as_read}"

    @property
    def title(self) -> Promise:
        return _TITLES[self.kind]

    @property
    def author(self) -> User | None:
        return self.target.author if isinstance(self.target, Post) else self.target.sender

    @property
    def words(self) -> str:
        return words_of(self.target)

    @property
    def file(self) -> Attachment | None:
        return getattr(self.message, "attachment", None)

    @property
    def file_address(self) -> str:
        """Where the file can be looked at: an address that passes."""
        return file_address(self.file.file, called=self.file.name) if self.file else ""

    @property
    def community(self) -> CommunityGroup | None:
        """None for what was said between two people."""
        return (self.target if isinstance(self.target, Post) else self.target.room).community


def words_of(thing: Post | Message) -> str:
    """Return what its author wrote, as it was typed."""
    if isinstance(thing, Post):
        return f"{thing.title}\n{thing.content}".strip()
    return thing.text


def within_reach_of(user: User) -> Q:
    """Return the condition that a flag or an action is of a community in which ``user`` decides.

    What is about a message between two people belongs to no community: it is for admins of the platform.
    """
    return Q() if user.is_admin else Q(community__in=communities_moderated_by(user).values("pk"))


def waiting_in(communities: Q) -> QuerySet[Any, dict[str, Any]]:
    """Return what waits where ``communities`` (a condition on ``community``) holds, oldest first, as references.

    A post that is both held back and complained of stands here once, as held back. What was removed meanwhile
    does not wait.
    """
    open_flags = Flag.objects.filter(communities, state=Flag.State.OPEN).order_by()
    held_back = Post.objects.standing().filter(communities, status=Post.Status.PENDING).order_by()
    posts = open_flags.filter(post__deleted_at__isnull=True).exclude(post__status=Post.Status.PENDING)
    messages = open_flags.filter(message__isnull=False, message__deleted_at__isnull=True)
    references = _references(held_back, PENDING_POST, "pk").union(
        _references(posts.filter(post__isnull=False), FLAGGED_POST, "post_id"),
        _references(messages, FLAGGED_MESSAGE, "message_id"),
        all=True,
    )
    ordered: QuerySet[Any, dict[str, Any]] = references.order_by("since", "kind", "target_id")
    return ordered


def _references(rows: QuerySet[Any], kind: str, target: str) -> QuerySet[Any, dict[str, Any]]:
    """Return ``{kind, target_id, since}`` of each thing once."""
    things: Any = rows.values(kind=Value(kind, CharField()), target_id=F(target))
    since: QuerySet[Any, dict[str, Any]] = things.annotate(since=Min("created_at"))
    return since


def cases_of(references: Iterable[dict[str, Any]]) -> list[Case]:
    """Return the cases that ``waiting_in`` referred to, in its order, in three statements."""
    wanted = list(references)
    posts = Post.objects.select_related("author", "community").in_bulk(_ids(wanted, PENDING_POST, FLAGGED_POST))
    messages = whole().select_related("room__community").in_bulk(_ids(wanted, FLAGGED_MESSAGE))
    flags = _open_flags_of(posts, messages)
    cases = []
    for one in wanted:
        is_message = one["kind"] == FLAGGED_MESSAGE
        post = None if is_message else posts.get(one["target_id"])
        message = messages.get(one["target_id"]) if is_message else None
        if post or message:
            cases.append(Case(one["kind"], post, message, flags[post or message], one["since"]))
    return cases


def _ids(references: list[dict[str, Any]], *kinds: str) -> list[int]:
    return [one["target_id"] for one in references if one["kind"] in kinds]


def _open_flags_of(posts: dict[int, Post], messages: dict[int, Message]) -> dict[Post | Message | None, list[Flag]]:
    flags: dict[Post | Message | None, list[Flag]] = defaultdict(list)
    either = Q(post__in=list(posts)) | Q(message__in=list(messages))
    rows = Flag.objects.filter(either, state=Flag.State.OPEN).select_related("reporter")
    for flag in rows.order_by("created_at", "id"):
        about = posts[flag.post_id] if flag.post_id else messages[flag.message_id or 0]
        flags[about].append(flag)
    return flags


def queue_of(*, moderator: User, community_id: int) -> QuerySet[Any, dict[str, Any]]:
    """Return what waits in this community, as ``waiting_in``. Refuses as ``standing_in``, 403 ``moderators_only``."""
    standing_in(user=moderator, community_id=community_id).require_moderator()
    return waiting_in(Q(community=community_id))


def actions_in(*, moderator: User, community_id: int) -> QuerySet[ModerationAction]:
    """Return what moderators did in this community, latest first, with everybody it names; refuses as ``queue_of``."""
    standing_in(user=moderator, community_id=community_id).require_moderator()
    return ModerationAction.objects.filter(community=community_id).select_related("actor", "membership__user", "undoes")
