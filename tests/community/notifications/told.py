"""What tests of notifications share."""

from typing import Any

from accounts.models import CustomUser, UserSettings
from community.models import Message, Notification
from community.notifications.services import News, notify


def tell(*people: CustomUser, **values: Any) -> list[Notification]:
    """Tell these people something."""
    news = News(**{"kind": "system", "key": "news.1", "title": "News"} | values)
    return notify(user_ids=[person.pk for person in people], news=news)


def choose(person: CustomUser, **wishes: Any) -> None:
    """Let ``person`` have these settings."""
    UserSettings.objects.filter(user=person).update(**wishes)


def say(person: CustomUser, room: Any, text: str = "Hello", **fields: Any) -> Message:
    """Store a message as the chat does, without the chat: the next number of its room."""
    room.last_seq += 1
    room.save(update_fields=["last_seq"])
    return Message.objects.create(
        room=room, seq=room.last_seq, sent_seq=room.last_seq, sender=person, text=text, **fields
    )


def told_of(person: CustomUser) -> list[tuple[str, str]]:
    """Return kind and title of everything that ``person`` was told, oldest first."""
    rows = Notification.objects.filter(user=person).order_by("created_at", "id")
    return list(rows.values_list("notification_type", "title"))
