"""The end of an answer: what was written is kept, and of the day's budget what was not used is given back.

An answer is settled once: whoever finds it pending does it, and nobody after them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from chatbot.conversations.frames import TutorCitation
from chatbot.conversations.models import Citation, Message
from chatbot.conversations.services.budgets import give_back
from e_learning.core.statements import row_of

#: A pending answer older than this is nobody's any more. No answer is written for so long.
LEFT_AFTER = timedelta(minutes=3)
_BATCH = 500
#: The same as ``_settle_by_steps`` in one statement, which on PostgreSQL is its own transaction.
_SETTLE = """
    WITH settled AS (
        UPDATE chatbot_message SET state = %(state)s, content = %(content)s, model = %(model)s,
            prompt_tokens = %(prompt_tokens)s, completion_tokens = %(completion_tokens)s, reserved_tokens = 0
        WHERE id = %(id)s AND state = 'pending' RETURNING id
    ), given_back AS (
        UPDATE chatbot_daybudget SET tokens = tokens - %(tokens_back)s, messages = messages - %(messages_back)s
        FROM settled WHERE user_id = %(user_id)s AND day = %(day)s
    ), cited AS (
        INSERT INTO chatbot_citation (message_id, number, content_id, course_id, title, quote, start_seconds)
        SELECT settled.id, row.* FROM settled, jsonb_to_recordset(%(citations)s::jsonb) AS row(
            number smallint, content_id bigint, course_id bigint, title text, quote text, start_seconds integer
        )
        JOIN courses_content ON courses_content.id = row.content_id
    )
    SELECT id FROM settled
"""


@dataclass(slots=True)
class Outcome:
    """What an answer came to. Tokens are what the provider read and wrote. ``is_free``: its message does not count."""

    state: str = Message.State.BROKEN
    text: str = ""
    citations: Sequence[TutorCitation] = field(default_factory=list)
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    is_free: bool = False

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


def settle_answer(*, answer_id: int, user_id: int, day: date, reserved_tokens: int, outcome: Outcome) -> bool:
    """Keep ``outcome`` as the answer and settle the budget; False where somebody else did, or it was deleted.

    One statement on PostgreSQL; up to four in a transaction on SQLite. Contents deleted meanwhile are not cited.
    """
    back, messages_back = reserved_tokens - outcome.tokens, int(outcome.is_free)
    if connection.vendor == "postgresql":
        values = {
            "state": str(outcome.state),
            "content": outcome.text,
            "model": outcome.model[:100],
            "prompt_tokens": outcome.prompt_tokens,
            "completion_tokens": outcome.completion_tokens,
            "id": answer_id,
            "user_id": user_id,
            "day": day,
            "tokens_back": back,
            "messages_back": messages_back,
            "citations": json.dumps(msgspec.to_builtins(outcome.citations)),
        }
        return row_of(_SETTLE, values) is not None
    return _settle_by_steps(answer_id, outcome, user_id=user_id, day=day, tokens=back, messages=messages_back)


@transaction.atomic
def _settle_by_steps(answer_id: int, outcome: Outcome, *, user_id: int, day: date, tokens: int, messages: int) -> bool:
    settled = Message.objects.filter(pk=answer_id, state=Message.State.PENDING).update(
        state=outcome.state,
        content=outcome.text,
        model=outcome.model[:100],
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        reserved_tokens=0,
    )
    if settled:
        give_back(user_id=user_id, day=day, tokens=tokens, messages=messages)
        _cite(answer_id, outcome.citations)
    return bool(settled)


def _cite(answer_id: int, citations: Sequence[TutorCitation]) -> None:
    if citations:
        contents: Any = Citation._meta.get_field("content").related_model
        cited = contents.objects.filter(pk__in={one.content_id for one in citations})
        there = set(cited.values_list("pk", flat=True))
        Citation.objects.bulk_create(
            Citation(message_id=answer_id, **msgspec.to_builtins(one)) for one in citations if one.content_id in there
        )


def settle_pending(*, now: datetime | None = None) -> int:
    """Settle answers that a crash left pending, and give back all that they had taken; returns how many."""
    return _settle_left(Message.objects.all(), now or timezone.now())


def settle_left_in(conversation_id: int, *, now: datetime) -> int:
    """The same in one conversation, for whoever finds its answer in the way."""
    return _settle_left(Message.objects.filter(conversation=conversation_id), now)


def _settle_left(rows: QuerySet[Message], now: datetime) -> int:
    left = rows.filter(state=Message.State.PENDING, created_at__lt=now - LEFT_AFTER).order_by("created_at")
    found = list(left.values_list("pk", "conversation__user", "reserved_on", "reserved_tokens")[:_BATCH])
    return sum(
        settle_answer(
            answer_id=answer_id, user_id=user_id, day=day, reserved_tokens=tokens, outcome=Outcome(is_free=True)
        )
        for answer_id, user_id, day, tokens in found
        if day is not None
    )
