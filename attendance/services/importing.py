"""What an export of a meeting says, into the register of a session."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.api import User, normalized_email
from attendance.access import SessionCancelled
from attendance.exports import Participation
from attendance.folding import fold
from attendance.matching import ANOTHER_TIME, WAITING_ROOM, ClassList, Host
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.selectors.classes import class_of
from attendance.services.keeping import BATCH, keep_events
from courses.api import LearnerRow
from e_learning.core.api.errors import Conflict


class NotThisMeeting(Conflict):
    code = "not_this_meeting"
    message = _("Nobody in this file was in the meeting while the session was.")


@dataclass(frozen=True, slots=True)
class Unmatched:
    name: str
    email: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the register says of a learner before and after; empty where it decides nothing."""

    user_id: int
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Imported:
    """``read`` is the number of stays, each of them matched or unmatched. ``learners``: everybody who was matched."""

    session_id: int
    read: int
    new_events: int
    learners: tuple[Change, ...]
    unmatched: tuple[Unmatched, ...]

    @property
    def matched(self) -> int:
        return self.read - len(self.unmatched)

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.learners if change.before != change.after]


def import_participations(
    *,
    session: LiveSession,
    participations: Sequence[Participation],
    provider: str,
    actor: User | None = None,
    dry_run: bool = False,
) -> Imported:
    """Note who was in the meeting as events, and return what that changed; with ``dry_run`` what it would change.

    Nobody outside the session's class is ever matched; who isn't is listed with the reason. Read again, the same lines
    change nothing. Refuses: 409 ``session_cancelled``; 409 ``not_this_meeting`` where none of the stays was while the
    session is: they are of another day, or were read by another clock than they were written by.
    """
    with transaction.atomic():
        # As it is now, and until the end: a session that is moved meanwhile waits, and folds these events anew.
        rows = LiveSession.objects.select_related("course__instructor").filter(pk=session.pk)
        session = rows.select_for_update(of=("self",), no_key=True).get()
        if not session.is_standing:
            raise SessionCancelled
        learners = class_of(session)
        matched, unmatched = _match(session, learners, participations)
        events = _new_events(session, matched, provider, actor)
        return Imported(
            session_id=session.pk,
            read=len(participations),
            new_events=len(events),
            learners=_change(session, learners, {user_id for user_id, _stay in matched}, events, dry_run=dry_run),
            unmatched=tuple(unmatched),
        )


Matched = list[tuple[int, Participation]]


def _match(
    session: LiveSession, learners: Sequence[LearnerRow], participations: Sequence[Participation]
) -> tuple[Matched, list[Unmatched]]:
    """Return each stay with the learner it was, and those that are nobody's or of another time."""
    if not any(_is_within(session, each) for each in participations if not each.has_waited):
        raise NotThisMeeting(_apart(session, participations))
    teacher = session.course.instructor
    host = Host(email=teacher.email, names=(teacher.full_name, teacher.username))
    class_list = ClassList(learners, host=host, others=_addresses_of_others(learners, participations))
    matched: Matched = []
    unmatched: list[Unmatched] = []
    for each in participations:
        found = class_list.learner_of(each)
        if isinstance(found, int) and not each.has_waited and _is_within(session, each):
            matched.append((found, each))
            continue
        reason = found if isinstance(found, str) else WAITING_ROOM if each.has_waited else ANOTHER_TIME
        unmatched.append(Unmatched(each.name, each.email, each.line, reason))
    return matched, unmatched


def _is_within(session: LiveSession, stay: Participation) -> bool:
    """Whether they were there at some moment of the session. Of totals nobody knows when they were."""
    if stay.joined_at is None:
        return True
    return stay.joined_at <= session.ends_at and (stay.left_at is None or stay.left_at >= session.starts_at)


def _apart(session: LiveSession, participations: Iterable[Participation]) -> Any:
    """Return the refusal that names both times, so that a wrong clock is seen at once; without any stay the plain."""
    joined = [each.joined_at for each in participations if each.joined_at]
    if not joined:
        return None
    first, last, starts, ends = (
        date_format(timezone.localtime(at), "DATETIME_FORMAT")
        for at in (min(joined), max(joined), session.starts_at, session.ends_at)
    )
    return _(
        "Nobody in this file was in the meeting while the session was: they joined from %(first)s to %(last)s, and the "
        "session is from %(starts)s to %(ends)s (UTC). Is it another meeting, another time zone, or a file with its "
        "days before its months?"
    ) % {"first": first, "last": last, "starts": starts, "ends": ends}


def _addresses_of_others(learners: Sequence[LearnerRow], participations: Iterable[Participation]) -> set[str]:
    """Return which addresses of the file are of accounts outside the class."""
    own = {learner.email for learner in learners}
    asked = sorted({normalized_email(each.email) for each in participations if each.email} - own)
    known: set[str] = set()
    for start in range(0, len(asked), BATCH):
        found = User.objects.filter(email__in=asked[start : start + BATCH]).values_list("email", flat=True)
        known.update(found)
    return known


def _new_events(session: LiveSession, matched: Matched, provider: str, actor: User | None) -> list[AttendanceEvent]:
    """Return the events of lines that were not read before, each once."""
    noted = AttendanceEvent.objects.filter(session=session, provider=provider).values_list("user_id", "provider_id")
    known = set(noted)
    events = []
    for user_id, stay in matched:
        provider_id = _digest(stay)
        if (user_id, provider_id) in known:
            continue
        known.add((user_id, provider_id))
        at, until = _spell(session, stay)
        events.append(
            AttendanceEvent(
                session=session,
                user_id=user_id,
                kind=AttendanceEvent.Kind.IMPORT,
                at=at,
                until=until,
                provider=provider,
                provider_id=provider_id,
                actor=actor,
            )
        )
    return events


def _digest(stay: Participation) -> str:
    """Return what names a line for ever: all that it says, and not where it stands in the file."""
    facts = [stay.name, stay.email, *(at.isoformat() if at else "" for at in (stay.joined_at, stay.left_at))]
    return hashlib.sha256("\0".join([*facts, str(stay.minutes)]).encode()).hexdigest()


def _spell(session: LiveSession, stay: Participation) -> tuple[datetime, datetime]:
    """Return from when to when the stay counts.

    Who was not seen leaving stayed until the end, as after a check-in. Totals count from the start of the session:
    nobody is late by a file that doesn't say when they came.
    """
    if stay.joined_at is None:
        return session.starts_at, session.starts_at + timedelta(minutes=stay.minutes or 0)
    return stay.joined_at, stay.left_at or max(stay.joined_at, session.ends_at)


def _change(
    session: LiveSession,
    learners: Sequence[LearnerRow],
    user_ids: set[int],
    events: list[AttendanceEvent],
    *,
    dry_run: bool,
) -> tuple[Change, ...]:
    """Keep the events, or only fold them, and return what the register says of everybody who was matched."""
    records = AttendanceRecord.objects.filter(session=session, user__in=user_ids)
    before = dict(records.values_list("user_id", "status"))
    after = before | (_folded(session, events) if dry_run else _kept(session, events))
    return tuple(
        Change(
            learner.user_id,
            learner.full_name or learner.username,
            before.get(learner.user_id, ""),
            after[learner.user_id],
        )
        for learner in learners
        if learner.user_id in user_ids
    )


def _kept(session: LiveSession, events: list[AttendanceEvent]) -> dict[int, str]:
    return {user_id: record.status for user_id, record in keep_events(session, events).items()}


def _folded(session: LiveSession, events: list[AttendanceEvent]) -> dict[int, str]:
    """Return the statuses that the events would lead to, beside those that are noted already."""
    noted = AttendanceEvent.objects.filter(session=session, user__in={event.user_id for event in events})
    theirs = sorted([*noted, *events], key=lambda event: event.user_id)
    return {user_id: fold(session, each).status for user_id, each in groupby(theirs, key=lambda event: event.user_id)}
