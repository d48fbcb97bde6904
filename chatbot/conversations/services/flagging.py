"""What no model may answer: staff is to know of it, and the child hears where to turn."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone, translation

from accounts.api import User
from chatbot.conversations.models import Flag, Message
from chatbot.conversations.services.beginning import spoken_in
from chatbot.conversations.texts import KIND_WORDS
from chatbot.events import SevereContentSaid
from e_learning.core.events import publish_on_commit

_WORDS = 1000
#: For so long staff is told again of a flag that nobody has seen; telling the same twice tells once.
_TOLD_FOR = timedelta(days=2)


@transaction.atomic
def flag_message(*, user: User, conversation_id: int, said: str, kind: Flag.Kind, language: str) -> Message:
    """Store what was ``said``, its flag and an answer that names people who help; returns the answer.

    It takes nothing of the budget and waits for no other answer: who needs help is never turned away. Refuses with
    404 a conversation that is not the user's. What was said does not become the conversation's title.
    """
    now = timezone.now()
    spoken_in(user_id=user.pk, conversation_id=conversation_id, now=now, title="")
    message = Message.objects.create(conversation_id=conversation_id, role="user", content=said, created_at=now)
    flag = Flag.objects.create(user=user, message=message, kind=kind, words=said[:_WORDS], raised_at=now)
    publish_on_commit(SevereContentSaid(flag_id=flag.pk, user_id=user.pk, kind=str(kind), at=now))
    with translation.override(language):
        words = str(KIND_WORDS[kind])
    return Message.objects.create(
        conversation_id=conversation_id,
        role="assistant",
        state=Message.State.DECLINED,
        answers=message,
        content=words,
        created_at=now,
    )


def mark_seen(*, staff: User, flag_ids: Iterator[int] | list[int]) -> int:
    """Note that ``staff`` has looked at these flags; returns how many nobody had seen before."""
    unseen = Flag.objects.filter(pk__in=list(flag_ids), seen_at__isnull=True)
    return unseen.update(seen_at=timezone.now(), seen_by=staff)


def tell_of_unseen_flags(*, now: datetime | None = None) -> int:
    """Announce again flags that nobody has seen, in case their announcement was lost; returns how many."""
    since = (now or timezone.now()) - _TOLD_FOR
    unseen = Flag.objects.filter(seen_at__isnull=True, raised_at__gte=since).order_by("pk")
    rows = list(unseen.values_list("pk", "user_id", "kind", "raised_at"))
    for flag_id, user_id, kind, raised_at in rows:
        publish_on_commit(SevereContentSaid(flag_id=flag_id, user_id=user_id, kind=kind, at=raised_at))
    return len(rows)
