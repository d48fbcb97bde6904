"""Telling who is not there of what was said in a room: one row a person, however much it was."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.chat.models import ChatRoom, Message, ReadMark
from community.chat.presence import online_in
from community.groups.models import Block
from community.notifications.models import Notification
from community.notifications.selectors import Listener, listeners_among, readers_of
from community.notifications.services.telling import BATCH, News, carry_on, insert_new, notify, push_frames
from community.posts.mentions import mentioned_in

Kind = Notification.Kind
#: So many messages are told of in one transaction; what is left is found by the next.
MOST_MESSAGES = 500


class Spoken(NamedTuple):
    """A message of which nobody was told yet."""

    id: int
    sent_seq: int
    sender_id: int
    text: str
    answered_id: int | None


@dataclass(slots=True)
class Burst:
    """What was said in a room since its readers were told last, and who did not hear it."""

    room: ChatRoom
    messages: Sequence[Spoken]
    absent: set[int]
    #: Of each reader, the messages that they were told of by name.
    personal: dict[int, list[Spoken]] = field(default_factory=lambda: defaultdict(list))


def tell_of_room(*, room_id: int) -> int:
    """Tell those who are not in the room, and have not read it, of what was said since the last telling.

    Who was mentioned or answered hears of that message; beside that each has one unread row for the room, which counts
    on. Returns how many people were told. ``told_seq`` is moved last, from where it was read: of two tellers at once
    one's work is undone, and the room's row, in which messages are numbered, is held for the commit alone.
    """
    with transaction.atomic():
        room = _untold_rooms().select_related("community", "low_user", "high_user").filter(pk=room_id).first()
        if room is None:
            return 0
        messages = _spoken_in(room)
        told = _tell(Burst(room, messages, _absent_from(room, messages))) if messages else 0
        upto = messages[-1].sent_seq if len(messages) == MOST_MESSAGES else room.last_seq
        if not _moved_on(room, upto):
            transaction.set_rollback(True)
            return 0
    return told


def _moved_on(room: ChatRoom, upto: int) -> bool:
    return bool(ChatRoom.objects.filter(pk=room.pk, told_seq=room.told_seq).update(told_seq=upto))


def _untold_rooms() -> Any:
    return ChatRoom.objects.filter(~Q(told_seq=F("last_seq")))


def untold_room_ids(*, most: int = 200) -> list[int]:
    """Return ids of rooms in which something happened of which nobody was told."""
    return list(_untold_rooms().order_by("id").values_list("id", flat=True)[:most])


def is_untold(room_id: int) -> bool:
    return bool(_untold_rooms().filter(pk=room_id).exists())


# --- what was said, and who missed it -----------------------------------------------------------
def _spoken_in(room: ChatRoom) -> list[Spoken]:
    # The first condition follows from the second, and is what the index of the numbers can use.
    fresh = Message.objects.filter(room=room, seq__gt=room.told_seq, sent_seq__gt=room.told_seq)
    standing = fresh.filter(deleted_at__isnull=True, sender__isnull=False, sent_seq__lte=room.last_seq)
    rows = standing.order_by("sent_seq").values_list("id", "sent_seq", "sender_id", "text", "reply_to__sender_id")
    return [Spoken._make(row) for row in rows[:MOST_MESSAGES]]


def _absent_from(room: ChatRoom, messages: Sequence[Spoken]) -> set[int]:
    if not messages:
        return set()
    if room.community_id:
        readers = set(readers_of(room.community_id).values_list("user_id", flat=True))
    else:
        readers = {one for one in (room.low_user_id, room.high_user_id) if one is not None}
    up_to_date = ReadMark.objects.filter(room=room, message_id__gte=messages[-1].id)
    return readers - online_in([room.pk])[room.pk] - set(up_to_date.values_list("user_id", flat=True))


# --- telling ------------------------------------------------------------------------------------
def _tell(burst: Burst) -> int:
    _close_what_was_read(burst.room)
    for message in burst.messages:
        _tell_by_name(burst, message)
    heard = _heard_by(burst)
    for at in range(0, len(heard), BATCH):
        _count_on(burst, dict(list(heard.items())[at : at + BATCH]))
    return len(heard.keys() | burst.personal.keys())


def _close_what_was_read(room: ChatRoom) -> None:
    """Who has read in the room since a row began has seen what it stood for: what comes now begins another."""
    read_since = ReadMark.objects.filter(room=room, user=OuterRef("user_id"), read_at__gte=OuterRef("created_at"))
    _unread_rows(room).filter(Exists(read_since)).update(read_at=timezone.now())


def _unread_rows(room: ChatRoom) -> Any:
    return Notification.objects.filter(room=room, notification_type=Kind.NEW_MESSAGE, read_at__isnull=True)


def _tell_by_name(burst: Burst, message: Spoken) -> None:
    """Tell who was mentioned, and who was answered; of one message once."""
    community = burst.room.community
    if community is None:
        return
    who = {"community": community.title}
    mentioned = mentioned_in(message.text, community.pk) if "@" in message.text else []
    _tell_of(burst, message, Kind.NEW_MENTION, mentioned, lambda: _("You were mentioned in %(community)s") % who)
    answered = [message.answered_id] if message.answered_id else []
    _tell_of(burst, message, Kind.NEW_REPLY, answered, lambda: _("You were answered in %(community)s") % who)


def _tell_of(burst: Burst, message: Spoken, kind: str, user_ids: Collection[int], title: Callable[[], str]) -> None:
    readers = burst.absent.intersection(user_ids)
    if not readers:
        return
    news = News(
        kind=kind,
        key=f"message.{message.id}",
        title=title,
        actor_id=message.sender_id,
        community_id=burst.room.community_id,
        room_id=burst.room.pk,
    )
    told = notify(user_ids=readers, news=news)
    for row in told:
        burst.personal[row.user_id].append(message)


def _heard_by(burst: Burst) -> dict[int, Counter[int]]:
    """Return, for each who missed something, how many messages of whom: not their own, nor of whom they blocked, nor
    those they were told of by name.
    """
    said = Counter(message.sender_id for message in burst.messages)
    blocks = Block.objects.filter(blocked__in=list(said)).values_list("blocker", "blocked")
    unheard = defaultdict(set)
    for blocker, blocked in blocks:
        unheard[blocker].add(blocked)
    heard = {}
    for reader in sorted(burst.absent):
        rest = said - Counter(message.sender_id for message in burst.personal.get(reader, ()))
        missed = Counter({one: n for one, n in rest.items() if one != reader and one not in unheard[reader]})
        if missed:
            heard[reader] = missed
    return heard


def _count_on(burst: Burst, heard: Mapping[int, Counter[int]]) -> None:
    """Add to the unread rows of these readers, and make one for who has none."""
    listeners = {one.user_id: one for one in listeners_among(list(heard), community_id=burst.room.community_id)}
    # Locked, so that a reader who opens the list at this moment is not told of what follows by a row already read.
    rows = list(_unread_rows(burst.room).filter(user__in=list(listeners)).select_for_update())
    for row in rows:
        missed = heard[row.user_id]
        row.count += missed.total()
        row.actor_id = row.actor_id if set(missed) == {row.actor_id} else None
        row.title = _title(burst.room, listeners[row.user_id], row.count)
    Notification.objects.bulk_update(rows, ["count", "actor", "title"])
    counted = {row.user_id for row in rows}
    told = insert_new(
        [_row(burst.room, one, heard[one.user_id]) for one in listeners.values() if one.user_id not in counted]
    )
    carry_on(list(listeners.values()), told)
    push_frames([*rows, *told])


def _row(room: ChatRoom, listener: Listener, missed: Counter[int]) -> Notification:
    return Notification(
        user_id=listener.user_id,
        notification_type=Kind.NEW_MESSAGE,
        title=_title(room, listener, missed.total()),
        actor_id=next(iter(missed)) if len(missed) == 1 else None,
        community_id=room.community_id,
        room_id=room.pk,
        key=f"room.{room.pk}.{room.last_seq}",
        count=missed.total(),
        waits_for_mail=listener.wants_mail,
    )


def _title(room: ChatRoom, listener: Listener, count: int) -> str:
    with translation.override(listener.language or "en"):
        if room.community:
            text = ngettext("%(count)d new message in %(place)s", "%(count)d new messages in %(place)s", count)
            return (text % {"count": count, "place": room.community.title})[:200]
        other = room.high_user if room.low_user_id == listener.user_id else room.low_user
        text = ngettext("%(count)d new message from %(name)s", "%(count)d new messages from %(name)s", count)
        return (text % {"count": count, "name": str(other)})[:200]
