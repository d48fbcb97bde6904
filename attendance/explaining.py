"""Why a record says what it says, in sentences of the reader's language. Pure: no database, no clock."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attendance.folding import (
    BY_HAND,
    CONTENT_COMPLETED,
    EXCUSED,
    LATE,
    NOT_THERE,
    ON_TIME,
    TOO_SHORT,
    Kind,
    Seen,
    Standing,
    arrival,
    fold,
    in_order,
    is_offline,
    least_time,
    seen_of,
)
from attendance.models import AttendanceEvent, LiveSession, Status

#: What is said of a refused check-in, by its code.
_REFUSALS: dict[str, str | Promise] = {
    "too_far": gettext_lazy("it was made too far away"),
    "device_in_use": gettext_lazy("somebody else had checked in with the same device"),
    "second_device": gettext_lazy("it was made with another device than the first"),
}

#: Rules that one event decides: what is said, the event's kind and status.
_OF_AN_EVENT: dict[str, tuple[str | Promise, Kind, str]] = {
    CONTENT_COMPLETED: (
        gettext_lazy("Completed the content of this class at %(time)s, which counts as being there."),
        Kind.AUTO,
        Status.PRESENT,
    ),
    EXCUSED: (gettext_lazy("The absence was excused at %(time)s."), Kind.EXCUSE, ""),
    NOT_THERE: (gettext_lazy("Had not been seen when absences were noted at %(time)s."), Kind.AUTO, Status.ABSENT),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told: times are those of the clock in ``zone``; ``names`` says who made an event."""

    zone: ZoneInfo
    names: Callable[[AttendanceEvent], str]


def explained(session: LiveSession, events: Iterable[AttendanceEvent], reader: Reader) -> list[str]:
    """Return what decided, then what else was noted: one sentence each."""
    return list(_Explanation(session, in_order(events), reader).sentences())


class _Explanation:
    def __init__(self, session: LiveSession, noted: Sequence[AttendanceEvent], reader: Reader) -> None:
        self.session, self.noted, self.reader = session, noted, reader
        self.counted = [event for event in noted if not event.refusal]
        self.standing: Standing = fold(session, noted)
        self.seen: Seen = seen_of(session, self.counted)

    def sentences(self) -> Iterator[str]:
        if self.standing.reason == BY_HAND:
            yield self._set_by_hand()
            yield from self._by_itself()
        else:
            yield from self._taken_back()
            yield self._rule()
        yield from self._time_there()
        yield from self._checked_in_offline()
        yield from self._refused()

    def _set_by_hand(self) -> str:
        mark = self._marks()[-1]
        return _("Set to “%(status)s” by hand: %(who)s, %(time)s.") % {
            "status": Status(mark.status).label, "who": self.reader.names(mark), "time": self._clock(mark.at),
        }  # fmt: skip

    def _by_itself(self) -> Iterator[str]:
        rest = _Explanation(self.session, [event for event in self.noted if event.kind != Kind.MANUAL], self.reader)
        if rest.standing.status:
            yield _("By itself it would be “%(status)s”.") % {"status": Status(rest.standing.status).label}
            yield rest._rule()

    def _taken_back(self) -> Iterator[str]:
        marks = self._marks()
        if any(mark.status for mark in marks):
            yield _("What was set by hand was taken back: %(who)s, %(time)s.") % {
                "who": self.reader.names(marks[-1]), "time": self._clock(marks[-1].at),
            }  # fmt: skip

    def _rule(self) -> str:
        """Return the sentence of what decided, where nothing was set by hand."""
        reason = self.standing.reason
        if reason in (ON_TIME, LATE):
            return self._came(reason)
        if reason == TOO_SHORT:
            return _("Minutes there: %(minutes)d; at least %(least)d are asked for.") % {
                "minutes": self.standing.minutes, "least": -(-least_time(self.session) // timedelta(minutes=1)),
            }  # fmt: skip
        if reason in _OF_AN_EVENT:
            text, kind, status = _OF_AN_EVENT[reason]
            noted = [event for event in self.counted if event.kind == kind and (not status or event.status == status)]
            return str(text) % {"time": self._clock(noted[0].at)}
        return _("Nothing decides yet.")

    def _came(self, reason: str) -> str:
        came_at = arrival(self.session, self.seen)
        assert came_at is not None, "nobody is in time or late who has not come"
        limit = self.session.late_after
        # Of two times in the same minute the seconds tell which came first.
        with_seconds = abs(came_at - limit) < timedelta(minutes=1)
        text = (
            _("Came at %(time)s; whoever came by %(limit)s was in time.")
            if reason == ON_TIME
            else _("Came at %(time)s; whoever came after %(limit)s was late.")
        )
        return text % {
            "time": self._clock(came_at, with_seconds=with_seconds),
            "limit": self._clock(limit, with_seconds=with_seconds),
        }

    def _time_there(self) -> Iterator[str]:
        if not self.seen.spells:
            return
        if arrival(self.session, self.seen) is None:
            yield _("Left before the start at %(time)s.") % {"time": self._clock(self.session.starts_at)}
        elif self.standing.reason != TOO_SHORT:
            yield _("Minutes there: %(minutes)d.") % {"minutes": self.standing.minutes}
        if not self.seen.is_measured and any(spell.left_at is None for spell in self.seen.spells):
            yield _("Nobody saw them leave: the time counts until the end.")

    def _checked_in_offline(self) -> Iterator[str]:
        for event in filter(is_offline, self.counted):
            yield _("Checked in without a connection at %(time)s; it arrived at %(arrived)s.") % {
                "time": self._clock(event.at), "arrived": self._clock(event.recorded_at),
            }  # fmt: skip

    def _refused(self) -> Iterator[str]:
        for event in self.noted:
            if event.refusal:
                yield _("A check-in at %(time)s did not count: %(why)s.") % {
                    "time": self._clock(event.at), "why": _REFUSALS.get(event.refusal, event.refusal),
                }  # fmt: skip

    def _marks(self) -> list[AttendanceEvent]:
        return [event for event in self.counted if event.kind == Kind.MANUAL]

    def _clock(self, at: datetime, *, with_seconds: bool = False) -> str:
        """Return the time as the reader's clock shows it, with the day where it isn't the session's."""
        local = at.astimezone(self.reader.zone)
        time = f"{local:%H:%M:%S}" if with_seconds else f"{local:%H:%M}"
        if local.date() == self.session.starts_at.astimezone(self.reader.zone).date():
            return time
        return f"{date_format(local, 'DATE_FORMAT')}, {time}"
