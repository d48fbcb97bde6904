"""Who may say what where: everything a batch of drafts has to be asked, in one statement, on both databases.

Who may enter is not said again here: the querysets that decide it everywhere are compiled into the statement.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.api import LIVE_CALLER_SQL
from community.chat.models import Message
from community.chat.selectors import senders, terms_of_rooms
from community.groups.access import entering
from e_learning.core.statements import rows_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What the gate is asked about one draft. Ids must fit a bigint."""

    room_id: int
    sender_id: int
    session_id: int | None
    client_id: UUID | None
    reply_to_id: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the database says of one draft, as it stood at one moment.

    ``voice`` is that of a member of the community: 1, or 0 while muted. ``said_lately`` is how many messages the sender
    sent in the window of the limit, in all rooms; ``known_id`` the message that is stored under the ``client_id``.
    """

    sender_name: str | None
    is_signed_in: bool
    runs_platform: bool
    room_is_there: bool
    community_id: int | None
    low_user_id: int | None
    high_user_id: int | None
    are_acquainted: bool
    is_blocked: bool
    voice: int | None
    said_lately: int
    known_id: int | None
    may_reply: bool

    @property
    def is_member(self) -> bool:
        return self.voice is not None

    @property
    def is_muted(self) -> bool:
        return self.voice == 0


# Planning takes longer than running. Each array in a SELECT of its own hides its length, so the plan for any values is
# as good as that for these, and PostgreSQL keeps it: 0.7 ms instead of 1.9 for one draft.
_ASKED = {
    "postgresql": """
        SELECT * FROM unnest((SELECT %s::bigint[]), (SELECT %s::bigint[]), (SELECT %s::bigint[]),
                             (SELECT %s::uuid[]), (SELECT %s::bigint[]))
        WITH ORDINALITY AS draft (room_id, sender_id, session_id, client_id, reply_to_id, place)""",
    "sqlite": """
        SELECT value ->> 0 AS room_id, value ->> 1 AS sender_id, value ->> 2 AS session_id, value ->> 3 AS client_id,
               value ->> 4 AS reply_to_id, key AS place
        FROM json_each(%s)""",
}
_MESSAGES = Message._meta.db_table
_LIVE_SESSION = LIVE_CALLER_SQL % {"session_id": "asked.session_id", "user_id": "asked.sender_id", "now": "%s"}
# What is asked of each draft apart is a subquery with one value: it is looked up by its index for each. An EXISTS, or a
# join, PostgreSQL would rather answer for a batch by reading all of a table first: 150 ms with 100,000 enrolments.
_GATE = f"""
    WITH asked AS ({{asked}}), room AS ({{rooms}}), sender AS ({{senders}})
    SELECT COALESCE(NULLIF(sender.full_name, ''), sender.username),
           asked.session_id IS NULL OR (SELECT live.id FROM ({_LIVE_SESSION}) live) IS NOT NULL,
           COALESCE(sender.runs_platform, FALSE),
           room.id IS NOT NULL, room.community_id, room.low_user_id, room.high_user_id,
           COALESCE(room.are_acquainted, FALSE), COALESCE(room.is_blocked, FALSE),
           ({{voices}}),
           (SELECT COUNT(*) FROM {_MESSAGES} said WHERE said.sender_id = asked.sender_id AND said.created_at > %s),
           (SELECT known.id FROM {_MESSAGES} known WHERE known.room_id = asked.room_id
                AND known.sender_id = asked.sender_id AND known.client_id = asked.client_id),
           asked.reply_to_id IS NULL OR (SELECT answered.id FROM {_MESSAGES} answered
                WHERE answered.id = asked.reply_to_id AND answered.room_id = asked.room_id) IS NOT NULL
    FROM asked
    LEFT JOIN room ON room.id = asked.room_id
    LEFT JOIN sender ON sender.id = asked.sender_id
    ORDER BY asked.place
"""  # noqa: S608 - no value is written into the text, only names of tables and compiled querysets


def ask(drafts: Sequence[Asked], *, now: datetime, window: timedelta) -> list[Verdict]:
    """Return a verdict for each draft, in order. One statement, however many there are."""
    on_postgresql = connection.vendor == "postgresql"
    text, of_rows, of_voices = _composed_once() if on_postgresql else _composed()
    live, window_began = (connection.ops.adapt_datetimefield_value(at) for at in (now, now - window))
    values = [*_asked_in_columns(drafts), *_at(now, of_rows), live, *_at(now, of_voices), window_began]
    return [Verdict(*row) for row in rows_of(text, values)]  # SQLite has 0 and 1 for truths


def _asked_in_columns(drafts: Sequence[Asked]) -> list[Any]:
    """Return the drafts as ``_ASKED`` reads them."""
    rows = [(draft.room_id, draft.sender_id, draft.session_id, draft.client_id, draft.reply_to_id) for draft in drafts]
    if connection.vendor == "postgresql":
        return [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    return [json.dumps(rows, default=lambda client_id: client_id.hex)]


def _at(now: datetime, values: Sequence[Any]) -> list[Any]:
    """On PostgreSQL the querysets were compiled at another moment: every time in them means now."""
    return [now if isinstance(value, datetime) else value for value in values]


def _composed() -> tuple[str, list[Any], list[Any]]:
    """Return the statement, the values of its rows, and those of its voices.

    Rooms and senders are narrowed to what was asked for, in the text: SQLite would else look at all there are.
    """
    rooms = terms_of_rooms().filter(pk__in=RawSQL("SELECT room_id FROM asked", ()))
    who = senders().filter(pk__in=RawSQL("SELECT sender_id FROM asked", ()))
    here = entering().filter(user=RawSQL("asked.sender_id", ()), community=RawSQL("room.community_id", ()))
    may_speak = Case(When(muted_until__gt=timezone.now(), then=Value(0)), default=Value(1))
    compiled = {
        "rooms": _compiled(
            rooms.values("id", "community_id", "low_user_id", "high_user_id", "are_acquainted", "is_blocked")
        ),
        "senders": _compiled(who.values("id", "username", "full_name", "runs_platform")),
        "voices": _compiled(here.values_list(may_speak)),
    }
    text = _GATE.format(asked=_ASKED[connection.vendor], **{name: sql for name, (sql, _values) in compiled.items()})
    return text, [*compiled["rooms"][1], *compiled["senders"][1]], compiled["voices"][1]


_composed_once = cache(_composed)  # compiling takes longer than running


def _compiled(rows: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    text, values = rows.order_by().query.sql_with_params()
    return text, list(values)
