"""Storing messages under the next numbers of their rooms, without a gap."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from community.chat.models import Attachment, ChatRoom, Message
from community.chat.services.drafts import Draft
from e_learning.core.api.renderers import to_json
from e_learning.core.statements import row_of, rows_of


class Stored(NamedTuple):
    """A message and its number. ``readers_knew``: of all that was said in the room before."""

    message_id: int
    seq: int
    readers_knew: bool


_ROOMS, _MESSAGES = ChatRoom._meta.db_table, Message._meta.db_table
# The rooms' rows are held for this one round trip, taken in the order of their ids, so that two who write in the same
# rooms wait and never meet. Whoever waits for a row reads, once it is free, what the other made of it; and nothing gets
# an id before its room is held, because every row that is inserted comes out of ``numbered``. So ids grow with numbers,
# and what is committed has no number above one that is not.
_NUMBER_AND_STORE = f"""
    WITH draft AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(drafts)s::jsonb) AS draft
            (place integer, room_id bigint, nth integer, sender_id bigint, text text, message_type text,
             client_id uuid, reply_to_id bigint)
    ),
    held AS MATERIALIZED (
        SELECT id FROM {_ROOMS} WHERE id = ANY(%(rooms)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
    ),
    numbered AS (
        UPDATE {_ROOMS} room SET last_seq = last_seq + said.number, last_message_at = %(now)s
        FROM held JOIN (SELECT room_id, MAX(nth) AS number FROM draft GROUP BY room_id) said ON said.room_id = held.id
        WHERE room.id = held.id
        RETURNING room.id, room.last_seq - said.number AS before, room.told_seq
    ),
    stored AS (
        INSERT INTO {_MESSAGES}
            (room_id, seq, sent_seq, sender_id, text, message_type, client_id, reply_to_id, created_at)
        SELECT draft.room_id, numbered.before + draft.nth, numbered.before + draft.nth, draft.sender_id, draft.text,
               draft.message_type, draft.client_id, draft.reply_to_id, %(now)s
        FROM numbered JOIN draft ON draft.room_id = numbered.id
        ORDER BY draft.place
        RETURNING id, room_id, sent_seq
    )
    SELECT draft.place, stored.id, stored.sent_seq, numbered.told_seq = numbered.before
    FROM stored JOIN numbered ON numbered.id = stored.room_id
    JOIN draft ON draft.room_id = stored.room_id AND draft.nth = stored.sent_seq - numbered.before
"""  # noqa: S608 - no value is written into the text
_NUMBERED = f"""
    UPDATE {_ROOMS} SET last_seq = last_seq + %(number)s, last_message_at = %(now)s
    WHERE id = %(room)s RETURNING last_seq - %(number)s AS before, told_seq
"""  # noqa: S608 - no value is written into the text


def store(*, drafts: Sequence[Draft], now: datetime) -> list[Stored | None]:
    """Store the drafts, of any rooms, under the next numbers of these; those of one room in order.

    Returns what became of each, in order; None where its room has gone. Raises IntegrityError, and has then stored none
    of them, where a ``client_id`` is already there or what a draft points at has gone meanwhile.
    """
    number_and_store = _by_postgresql if connection.vendor == "postgresql" else _step_by_step
    with _undone_alone():
        stored = number_and_store(drafts, now)
        _attach(drafts, stored)
    return stored


def _undone_alone() -> AbstractContextManager[Any]:
    """One statement is a transaction of its own; inside the caller's it gets a savepoint, so that theirs goes on."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _by_postgresql(drafts: Sequence[Draft], now: datetime) -> list[Stored | None]:
    said: Counter[int] = Counter()
    rows = []
    for place, draft in enumerate(drafts):
        said[draft.room_id] += 1
        rows.append(
            {
                "place": place,
                "room_id": draft.room_id,
                "nth": said[draft.room_id],
                "sender_id": draft.sender_id,
                "text": draft.text,
                "message_type": draft.message_type,
                "client_id": draft.client_id,
                "reply_to_id": draft.reply_to_id,
            }
        )
    values = {"rooms": list(said), "drafts": to_json(rows).decode(), "now": now}
    stored = {place: Stored(*rest) for place, *rest in rows_of(_NUMBER_AND_STORE, values)}
    return [stored.get(place) for place in range(len(drafts))]


def _step_by_step(drafts: Sequence[Draft], now: datetime) -> list[Stored | None]:
    at = connection.ops.adapt_datetimefield_value(now)
    rooms: dict[int, tuple[int, bool]] = {}
    for room_id, number in Counter(draft.room_id for draft in drafts).items():
        row = row_of(_NUMBERED, {"room": room_id, "number": number, "now": at})
        if row is not None:
            before, told_seq = row
            rooms[room_id] = before, told_seq == before
    said: Counter[int] = Counter()
    messages: dict[int, Message] = {}
    for place, draft in enumerate(drafts):
        if draft.room_id in rooms:
            said[draft.room_id] += 1
            messages[place] = _message(draft, rooms[draft.room_id][0] + said[draft.room_id], now)
    Message.objects.bulk_create(messages.values())
    return [
        Stored(messages[place].pk, messages[place].seq, rooms[draft.room_id][1]) if place in messages else None
        for place, draft in enumerate(drafts)
    ]


def _message(draft: Draft, seq: int, now: datetime) -> Message:
    return Message(
        room_id=draft.room_id,
        seq=seq,
        sent_seq=seq,
        sender_id=draft.sender_id,
        text=draft.text,
        message_type=draft.message_type,
        client_id=draft.client_id,
        reply_to_id=draft.reply_to_id,
        created_at=now,
    )


def _attach(drafts: Sequence[Draft], stored: Sequence[Stored | None]) -> None:
    attachments = [
        Attachment(
            message_id=message.message_id,
            file=draft.attachment.stored_as,
            name=draft.attachment.name,
            content_type=draft.attachment.content_type,
            size=draft.attachment.size,
        )
        for draft, message in zip(drafts, stored, strict=True)
        if message and draft.attachment
    ]
    if attachments:
        Attachment.objects.bulk_create(attachments)
