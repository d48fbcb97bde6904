"""Telling people: a row each, and what carries it beyond the app, in the transaction of what is told."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise

from accounts.api import PublicUserSerializer, User
from community.notifications.frames import Actor, Notified
from community.notifications.models import Notification
from community.notifications.selectors import Listener, listeners_among, unread_counts
from community.notifications.services.mailing import mail_soon
from community.notifications.services.pushing import queue_pushes
from e_learning.core import inserting
from e_learning.core.realtime import Push, encoded, push_on_commit

#: What somebody is told: a text that is the same for all, a lazy one, or a function that makes it. The last two are
#: asked once for each language and time zone among the readers, while both are the active ones.
Said = str | Promise | Callable[[], str]

Kind = Notification.Kind
#: So many people are told with one set of statements.
BATCH = 500
_TITLE, _MESSAGE = 200, 500
#: Payments and refunds have mails of their own, which come with the money and can't be switched off.
_MAILED_ELSEWHERE = frozenset({Kind.PAYMENT, Kind.REFUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is told, whoever hears it.

    ``title`` (cut at 200 characters) and ``message`` (at 500) are stored in each person's language, with times as
    their clock shows them. ``key`` names what is told, in at most 100 characters: ``post.7``, ``refund.3``.
    """

    kind: str
    key: str
    title: Said
    message: Said = ""
    actor_id: int | None = None
    community_id: int | None = None
    post_id: int | None = None
    room_id: int | None = None


def notify(*, user_ids: Collection[int], news: News) -> list[Notification]:
    """Tell each of these people once; returns the rows of those who had not been told under this ``key`` before.

    Belongs into the transaction of what it tells; what leaves (frames, wake-ups) leaves after the commit. Nobody hears
    of their own doings, of somebody they blocked, or once their account is closed; whether they may hear of the
    community is the caller's to ask (``awake``). The row is always made; mail and push follow the person's settings
    and, with a ``community_id``, what they chose there. The number of statements is the same for one person and for
    ``BATCH``.
    """
    chosen = sorted(set(user_ids) - {news.actor_id})
    with transaction.atomic():
        return [row for at in range(0, len(chosen), BATCH) for row in _tell(chosen[at : at + BATCH], news)]


def _tell(user_ids: Sequence[int], news: News) -> list[Notification]:
    listeners = listeners_among(user_ids, actor_id=news.actor_id, community_id=news.community_id)
    told = _tell_listeners(listeners, news)
    push_frames(told)
    return told


def _tell_listeners(listeners: Sequence[Listener], news: News) -> list[Notification]:
    """Write the rows, and the wishes for mail and push; returns those that are new. No frame is sent."""
    said = _said_to(listeners, news)
    now = timezone.now()
    told = insert_new(
        [
            Notification(
                user_id=listener.user_id,
                notification_type=news.kind,
                title=said[listener.language, listener.timezone][0],
                message=said[listener.language, listener.timezone][1],
                actor_id=news.actor_id,
                community_id=news.community_id,
                post_id=news.post_id,
                room_id=news.room_id,
                key=news.key,
                created_at=now,
                waits_for_mail=listener.wants_mail and news.kind not in _MAILED_ELSEWHERE,
            )
            for listener in listeners
        ]
    )
    new_to = {row.user_id for row in told}
    carry_on([listener for listener in listeners if listener.user_id in new_to], told)
    return told


def _said_to(listeners: Sequence[Listener], news: News) -> dict[tuple[str | None, str], tuple[str, str]]:
    """Return title and message in each language (None is the platform's own) and time zone of ``listeners``."""
    said = {}
    for language, zone in {(listener.language, listener.timezone) for listener in listeners}:
        with translation.override(language or "en"), timezone.override(zone):
            said[language, zone] = (_text(news.title)[:_TITLE], _text(news.message)[:_MESSAGE])
    return said


def filled(text: str | Promise, words: Mapping[str, object], at: datetime | None = None) -> str:
    """Return ``text`` with its ``words``, and with ``day`` and ``time`` as the clock of its reader shows ``at``."""
    if at is None:
        return str(text) % words
    clock = timezone.localtime(at)
    shown = {"day": date_format(clock, "DATE_FORMAT"), "time": date_format(clock, "TIME_FORMAT")}
    return (str(text) % {**words, **shown}).strip()


def _text(said: Said) -> str:
    return said() if callable(said) else str(said)


def insert_new(rows: Sequence[Notification]) -> list[Notification]:
    """Insert all in one statement and return those that went in, with their ids."""
    ids = dict(inserting.insert_new(rows, returning=["user", "id"]))
    told = [row for row in rows if row.user_id in ids]
    for row in told:
        row.pk = ids[row.user_id]
    return told


def carry_on(listeners: Sequence[Listener], told: Sequence[Notification]) -> None:
    """Let mail and push follow, for those who want them."""
    wanting = {listener.user_id for listener in listeners if listener.wants_push}
    queue_pushes([row for row in told if row.user_id in wanting])
    waiting = {row.user_id for row in told if row.waits_for_mail}
    mail_soon([one.user_id for one in listeners if one.user_id in waiting and one.digest == "instant"])


def push_frames(told: Sequence[Notification]) -> None:
    """Send each reader the notification after the commit, with the number of their unread ones as it is now."""
    if not told:
        return
    unread, actors = unread_counts([row.user_id for row in told]), _actors({row.actor_id for row in told})
    push_on_commit(
        *[
            Push(group=f"user.{row.user_id}", text=encoded(_frame(row, actors, unread.get(row.user_id, 0))))
            for row in told
        ]
    )


def _actors(ids: Collection[int | None]) -> dict[int | None, Actor]:
    people = User.objects.filter(pk__in=[one for one in ids if one is not None])
    return {person.pk: Actor(**PublicUserSerializer(person).data) for person in people}


def _frame(row: Notification, actors: dict[int | None, Actor], unread_count: int) -> Notified:
    return Notified(
        notification_id=row.pk,
        notification_type=row.notification_type,
        title=row.title,
        message=row.message,
        actor=actors.get(row.actor_id),
        community_id=row.community_id,
        post_id=row.post_id,
        timestamp=row.created_at,
        unread_count=unread_count,
    )
