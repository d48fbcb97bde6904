"""How a session's times lie to its start. Pure: no database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from attendance.models import AttendancePolicy, LiveSession
from e_learning.core.api.errors import InvalidInput

LONGEST = timedelta(hours=24)
#: Check-in is open at most this long before the start and after the end.
NEAR = timedelta(hours=24)
FURTHEST = timedelta(days=2 * 366)
_COLUMNS = {"ends": "ends_at", "opens": "check_in_opens", "late": "late_after", "closes": "check_in_closes"}


class BadTimes(InvalidInput):
    code = "bad_times"
    message = _("These times don't go together.")


@dataclass(frozen=True, slots=True)
class Times:
    """Everything that happens at a session, as it lies to the start; all sessions of a series have the same.

    ``absent``: when absence is noted, None where nobody is marked absent.
    """

    ends: timedelta
    opens: timedelta
    late: timedelta
    closes: timedelta
    absent: timedelta | None

    @classmethod
    def of(cls, session: LiveSession) -> Self:
        start = session.starts_at
        return cls(
            ends=session.ends_at - start,
            opens=session.check_in_opens - start,
            late=session.late_after - start,
            closes=session.check_in_closes - start,
            absent=None if session.absent_at is None else session.absent_at - start,
        )

    @classmethod
    def planned(cls, values: Mapping[str, Any], policy: AttendancePolicy) -> Self:
        """Return what ``values`` say, and for what they don't say what the policy does."""
        given = distances(values, values["starts_at"])
        opens = given.get("opens", -timedelta(minutes=policy.opens_minutes))
        late = given.get("late", max(opens, timedelta(minutes=policy.late_after_minutes)))
        closes = given.get("closes", max(late, timedelta(minutes=policy.closes_after_minutes)))
        absent = None
        if policy.absent_after_minutes is not None:
            absent = given["ends"] + timedelta(minutes=policy.absent_after_minutes)
        return cls(ends=given["ends"], opens=opens, late=late, closes=closes, absent=absent)

    def changed(self, given: Mapping[str, timedelta]) -> "Times":
        """Return what ``given`` distances make of the times; the others stay, and absence its distance to the end."""
        new = replace(self, **given)
        return new if self.absent is None else replace(new, absent=self.absent + new.ends - self.ends)

    def at(self, starts_at: datetime) -> dict[str, datetime | None]:
        """Return the columns of a session that begins at ``starts_at``."""
        return {
            "starts_at": starts_at,
            "ends_at": starts_at + self.ends,
            "check_in_opens": starts_at + self.opens,
            "late_after": starts_at + self.late,
            "check_in_closes": starts_at + self.closes,
            "absent_at": None if self.absent is None else starts_at + self.absent,
        }

    def refuse_disorder(self) -> None:
        """Refuses: 400 ``bad_times`` under the name of the time that can't be where it is."""
        if not timedelta() < self.ends <= LONGEST:
            raise BadTimes(_("A session ends after its start, and lasts at most 24 hours."), attr="ends_at")
        if not -NEAR <= self.opens <= self.ends:
            raise BadTimes(
                _("Check-in opens at most 24 hours before the start, and before the end."), attr="check_in_opens"
            )
        if self.late < self.opens:
            raise BadTimes(_("Nobody can be late before check-in opens."), attr="late_after")
        if not self.late <= self.closes <= self.ends + NEAR:
            raise BadTimes(
                _("Check-in closes after coming counts as late, and at most 24 hours after the end."),
                attr="check_in_closes",
            )


def refuse_far(starts_at: datetime, now: datetime) -> None:
    """Refuses: 400 ``bad_times`` for a start that is years away."""
    if abs(starts_at - now) > FURTHEST:
        raise BadTimes(_("A session begins within two years of today."), attr="starts_at")


def distances(values: Mapping[str, Any], starts_at: datetime) -> dict[str, timedelta]:
    """Return how the times that ``values`` name lie to ``starts_at``, by their names in ``Times``."""
    return {name: values[column] - starts_at for name, column in _COLUMNS.items() if column in values}
