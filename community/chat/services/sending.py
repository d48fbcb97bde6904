"""Sending: the hot path of talk, the same for REST and sockets, one message or many."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from community.chat.frames import AttachmentShown, MessageShown
from community.chat.gate import Asked, Verdict, ask
from community.chat.models import ChatRoom
from community.chat.selectors import attachment_address, message_shown, moment, whole
from community.chat.services.drafts import Draft, Posted, check
from community.chat.services.judging import require_entry, require_voice
from community.chat.services.storing import store
from community.chat.services.telling import as_sent, pushes_to
from community.events import RoomSpokeIn
from e_learning.core.api.errors import ApiError, NotThere, TooMany
from e_learning.core.events import publish_on_commit
from e_learning.core.limits import Limit
from e_learning.core.realtime import Push, encoded, push_on_commit

Outcome = Posted | ApiError
#: A draft waits for another round only when its ``client_id`` was stored by another, or stands in the batch twice.
_MOST_ROUNDS = 20


def post_messages(drafts: Sequence[Draft]) -> list[Outcome]:
    """Store the drafts, of any senders and rooms, and push what is new; returns one outcome for each, in order.

    On PostgreSQL two statements for all of them; those of one room are numbered in the order given. One refused leaves
    the others as they are. Refusals of a draft:

    - 401: its session has ended, or its sender may not sign in
    - 404, 403 ``membership_required``, ``banned``, ``muted``; between two people ``blocked``, ``not_acquainted``
    - 400: blank, too long, no text, a ``reply_to_id`` that is not of this room
    - 429: past ``LIMIT_CHAT`` in all rooms together. Two processes that ask at once may let through a batch more.

    A ``client_id`` that this sender used in this room is neither stored nor counted: the first acknowledgement again.
    """
    outcomes: dict[int, Outcome] = {place: refusal for place, draft in enumerate(drafts) if (refusal := check(draft))}
    # SQLite has one writer: asked and stored in one transaction, nothing comes between.
    with transaction.atomic() if connection.vendor == "sqlite" else nullcontext():
        for _round in range(_MOST_ROUNDS):
            waiting = {place: draft for place, draft in enumerate(drafts) if place not in outcomes}
            if not waiting:
                return [outcomes[place] for place in range(len(drafts))]
            outcomes |= _decided(waiting)
    raise RuntimeError("messages that the gate lets through are refused by the database, round after round")


def _decided(waiting: Mapping[int, Draft]) -> dict[int, Outcome]:
    """Ask the gate and store what it lets through; what is missing in the answer waits for the next round."""
    limit, now = Limit.of("chat"), timezone.now()
    verdicts = ask([_asked(draft) for draft in waiting.values()], now=now, window=timedelta(seconds=limit.seconds))
    judged = _Judged(limit)
    for (place, draft), verdict in zip(waiting.items(), verdicts, strict=True):
        judged.judge(place, draft, verdict)
    let_through = {place: waiting[place] for place in judged.verdicts}
    return judged.outcomes | _stored(let_through, judged.verdicts, now) | _acknowledged(judged.known)


def _asked(draft: Draft) -> Asked:
    return Asked(draft.room_id, draft.sender_id, draft.session_id, draft.client_id, draft.reply_to_id)


class _Judged:
    """A round of judging: what is refused, what is known already, and the verdicts on what is to be stored."""

    def __init__(self, limit: Limit) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self.known: dict[int, int] = {}
        self.verdicts: dict[int, Verdict] = {}
        self._limit = limit
        self._let_through: Counter[int] = Counter()
        self._begun: set[tuple[object, ...]] = set()

    def judge(self, place: int, draft: Draft, verdict: Verdict) -> None:
        try:
            require_entry(draft, verdict)
            if verdict.known_id is not None:
                self.known[place] = verdict.known_id
            elif not self._is_twice_in_batch(draft):
                require_voice(verdict)
                self._require_patience(draft, verdict)
                self.verdicts[place] = verdict
        except ApiError as refusal:
            self.outcomes[place] = refusal

    def _is_twice_in_batch(self, draft: Draft) -> bool:
        """Say whether the same was met in this round; then it waits, and the gate knows it in the next."""
        name = (draft.room_id, draft.sender_id, draft.client_id)
        if draft.client_id is None or name not in self._begun:
            self._begun.add(name)
            return False
        return True

    def _require_patience(self, draft: Draft, verdict: Verdict) -> None:
        if verdict.said_lately + self._let_through[draft.sender_id] >= self._limit.count:
            raise TooMany(self._limit.seconds)
        self._let_through[draft.sender_id] += 1


def _stored(drafts: Mapping[int, Draft], verdicts: Mapping[int, Verdict], now: datetime) -> dict[int, Outcome]:
    """Store the drafts together; where one of them is in the way, those of each room on their own.

    Without an outcome stay those of a room where somebody was quicker with a ``client_id``: the gate knows it by now.
    """
    try:
        return _stored_together(drafts, verdicts, now) if drafts else {}
    except IntegrityError:
        rooms: defaultdict[int, dict[int, Draft]] = defaultdict(dict)
        for place, draft in drafts.items():
            rooms[draft.room_id][place] = draft
    outcomes: dict[int, Outcome] = {}
    if len(rooms) > 1:
        for together in rooms.values():
            outcomes |= _stored(together, verdicts, now)
    return outcomes


def _stored_together(drafts: Mapping[int, Draft], verdicts: Mapping[int, Verdict], now: datetime) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    pushes: list[Push] = []
    untold: dict[int, None] = {}
    stored = store(drafts=list(drafts.values()), now=now)
    for (place, draft), message in zip(drafts.items(), stored, strict=True):
        if message is None:
            outcomes[place] = NotThere()
            continue
        room = _room(draft.room_id, verdicts[place])
        shown = _shown(draft, verdicts[place], message.message_id, message.seq, now)
        told = pushes_to(room, as_sent(shown, room), author_id=draft.sender_id)
        pushes += told
        outcomes[place] = Posted(message.message_id, room.pk, message.seq, told[0].text, True, shown)
        if message.readers_knew:
            untold[room.pk] = None
    push_on_commit(*pushes)
    for room_id in untold:
        publish_on_commit(RoomSpokeIn(room_id))
    return outcomes


def _room(room_id: int, verdict: Verdict) -> ChatRoom:
    return ChatRoom(
        id=room_id,
        community_id=verdict.community_id,
        low_user_id=verdict.low_user_id,
        high_user_id=verdict.high_user_id,
    )


def _shown(draft: Draft, verdict: Verdict, message_id: int, seq: int, now: datetime) -> MessageShown:
    file = draft.attachment
    return MessageShown(
        message_id=message_id,
        seq=seq,
        client_id=draft.client_id,
        community_id=verdict.community_id,
        message=draft.text,
        message_type=draft.message_type,  # type: ignore[arg-type]  # the faces let no other in
        sender_id=draft.sender_id,
        sender_name=verdict.sender_name or "",
        reply_to_id=draft.reply_to_id,
        attachment=AttachmentShown(file.name, file.content_type, file.size, attachment_address(message_id))
        if file
        else None,
        status="sent",
        created_at=moment(now),
        edited_at=None,
    )


def _acknowledged(known: Mapping[int, int]) -> dict[int, Outcome]:
    """Return what stands under the client_ids that were sent again, numbered as it was sent. No statement for none."""
    messages = whole().in_bulk(list(known.values())) if known else {}
    again: dict[int, Outcome] = {}
    for place, message_id in known.items():
        message = messages[message_id]
        shown = message_shown(message)
        frame = as_sent(msgspec.structs.replace(shown, seq=message.sent_seq), message.room)
        again[place] = Posted(message.pk, message.room_id, message.sent_seq, encoded(frame), False, shown)
    return again
