"""Messages as their readers see them, and the rooms they stand in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.api import IS_ADMIN, User
from community.chat.frames import AttachmentShown, DeletedMessage, MessageShown, Synced
from community.chat.models import Attachment, ChatRoom, Message, ReadMark
from community.groups.access import entering, hidden_from
from community.groups.models import Block

Shown = MessageShown | DeletedMessage


def moment(at: datetime) -> str:
    """Return the time as the contract writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sender_name(user: User | None) -> str:
    return (user.full_name or user.username) if user else ""


def attachment_address(message_id: int) -> str:
    """Return where a message's file is asked for: the same for ever, whereas signed addresses pass."""
    return f"/api/community/messages/{message_id}/attachment/"


def message_shown(message: Message) -> MessageShown:
    """Return the message as it is now. Its sender, room and attachment are best fetched with it (``whole``)."""
    attachment: Attachment | None = getattr(message, "attachment", None)
    return MessageShown(
        message_id=message.pk,
        seq=message.seq,
        client_id=message.client_id,
        community_id=message.room.community_id,
        message=message.text,
        message_type=message.message_type,  # type: ignore[arg-type]  # one of the column's choices
        sender_id=message.sender_id,
        sender_name=sender_name(message.sender),
        reply_to_id=message.reply_to_id,
        attachment=AttachmentShown(
            attachment.name, attachment.content_type, attachment.size, attachment_address(message.pk)
        )
        if attachment
        else None,
        status="sent",
        created_at=moment(message.created_at),
        edited_at=moment(message.edited_at) if message.edited_at else None,
    )


def shown_to(messages: Iterable[Message], hidden: Collection[int]) -> list[Shown]:
    """Return each message, or its stub where it is deleted or said by one of ``hidden``."""
    return [
        DeletedMessage(message.pk, message.seq)
        if message.deleted_at or message.sender_id in hidden
        else message_shown(message)
        for message in messages
    ]


def whole() -> QuerySet[Message]:
    """Messages with everything that showing them takes, in one statement."""
    return Message.objects.select_related("room", "sender", "attachment")


def changes_since(*, room_id: int, after_seq: int, most: int = 100, hidden: Collection[int] = ()) -> Synced:
    """Return what changed in the room after ``after_seq``, by ``seq``, at most ``most`` messages. One statement.

    ``hidden`` are senders whom the reader has blocked: theirs come as stubs, so that no number is missing.
    """
    found = list(whole().filter(room=room_id, seq__gt=after_seq).order_by("seq")[: most + 1])
    return Synced(messages=shown_to(found[:most], hidden), has_more=len(found) > most)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a room. ``next`` and ``previous`` are the queries of its neighbours, where there can be any."""

    results: list[Shown]
    has_more: bool
    next: dict[str, int] | None
    previous: dict[str, int] | None


def page_of_room(
    *, room_id: int, reader: User, after_seq: int | None = None, before_seq: int | None = None, page_size: int
) -> Page:
    """Return a page of the room as the reader sees it. Two statements.

    Plainly, what was said, latest first, in the order in which it was sent: an edit moves nothing, and ``before_seq``
    is compared with the number a message was sent under. With ``after_seq``, what changed since, by its latest number
    (then ``before_seq`` says nothing): the next page of the plain list leads back, and of this one ahead.
    """
    hidden = blocked_by(reader.pk)
    if after_seq is not None:
        synced = changes_since(room_id=room_id, after_seq=after_seq, most=page_size, hidden=hidden)
        following = {"after_seq": synced.messages[-1].seq} if synced.has_more else None
        return Page(synced.messages, synced.has_more, following, {"before_seq": after_seq + 1})
    said = whole().filter(room=room_id).order_by("-sent_seq")
    if before_seq is not None:
        said = said.filter(sent_seq__lt=before_seq)
    found = list(said[: page_size + 1])
    has_more = len(found) > page_size
    following = {"before_seq": found[page_size - 1].sent_seq} if has_more else None
    preceding = {"after_seq": before_seq - 1} if before_seq is not None else None
    return Page(shown_to(found[:page_size], hidden), has_more, following, preceding)


def blocked_by(user_id: int) -> frozenset[int]:
    """Return the ids of those whom this person does not want to hear."""
    return frozenset(hidden_from(user_id))


# --- rooms of two -----------------------------------------------------------------------------------
def terms_of_rooms() -> QuerySet[Any]:
    """Rooms; those of two with ``are_acquainted``, both being awake in one community, and ``is_blocked``, by either."""
    theirs = entering().order_by().filter(user=OuterRef(OuterRef("high_user_id"))).values("community_id")
    ours = entering().order_by().filter(user=OuterRef("low_user_id"), community__in=theirs)
    low, high = OuterRef("low_user_id"), OuterRef("high_user_id")
    blocks = Block.objects.filter(Q(blocker=low, blocked=high) | Q(blocker=high, blocked=low)).order_by()
    return ChatRoom.objects.annotate(are_acquainted=Exists(ours), is_blocked=Exists(blocks))


def acquaintance(*, user: User, other_id: int) -> User | None:
    """Return the person of this id if both are awake in one community now, else None. One statement."""
    mine = entering().order_by().filter(user=user).values("community_id")
    return User.objects.filter(
        Exists(entering().order_by().filter(user=OuterRef("pk"), community__in=mine)), ~Q(pk=user.pk), pk=other_id
    ).first()


def senders() -> QuerySet[Any]:
    """Whoever may say something at all, with ``runs_platform``: the SQL of ``User.is_admin``."""
    return User.objects.filter(is_active=True).annotate(runs_platform=IS_ADMIN)


def conversations_of(user: User) -> QuerySet[ChatRoom]:
    """Return the rooms of two in which something was said to or by ``user``.

    Each with ``last_message_id`` and ``unread_count``: what the other said past the user's mark and still stands.
    """
    said = Message.objects.filter(room=OuterRef("pk")).order_by("-sent_seq")
    marks = ReadMark.objects.filter(room=OuterRef("room_id"), user=user).values("message_id")
    unread = (
        Message.objects.filter(room=OuterRef("pk"), deleted_at=None, pk__gt=Coalesce(Subquery(marks), 0))
        .exclude(sender=user)
        .order_by()
        .values("room")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        ChatRoom.objects.filter(Q(low_user=user) | Q(high_user=user), last_message_at__isnull=False)
        .select_related("low_user", "high_user")
        .annotate(last_message_id=Subquery(said.values("pk")[:1]), unread_count=Coalesce(Subquery(unread), 0))
    )


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person's conversation with another, as it stands."""

    user: User
    last_message: Shown
    unread_count: int
    last_message_at: datetime


def as_conversations(rooms: Iterable[Any], *, reader: User) -> list[Conversation]:
    """Return rooms of ``conversations_of`` as their reader sees them. Two statements, however many they are."""
    rooms = list(rooms)
    hidden = blocked_by(reader.pk)
    last = whole().in_bulk([room.last_message_id for room in rooms])
    return [
        Conversation(
            user=room.high_user if room.low_user_id == reader.pk else room.low_user,
            last_message=shown_to([last[room.last_message_id]], hidden)[0],
            unread_count=room.unread_count,
            last_message_at=room.last_message_at,
        )
        for room in rooms
    ]
