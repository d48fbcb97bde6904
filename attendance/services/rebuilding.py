"""The register folded anew from its events: what the records say has to follow from them, and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from attendance.folding import Standing
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.keeping import hold_records, hold_session, refold_held, standing_in, standings_of

_EVENTS = AttendanceEvent.objects.order_by()
_RECORDS = AttendanceRecord.objects.order_by()


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that did not say what follows from its events. ``before`` None: there were events and no record."""

    session_id: int
    user_id: int
    before: Standing | None
    after: Standing

    @property
    def is_without_record(self) -> bool:
        return self.before is None

    @property
    def is_without_events(self) -> bool:
        return self.after.version == 0


def sessions_with_register(course_id: int | None = None) -> QuerySet[LiveSession]:
    """Return the sessions, of one course or of all, that have a record or an event."""
    sessions = LiveSession.objects.all() if course_id is None else LiveSession.objects.filter(course=course_id)
    noted = [Exists(rows.filter(session=OuterRef("pk"))) for rows in (_EVENTS, _RECORDS)]
    return sessions.filter(noted[0] | noted[1]).order_by("pk")


def rebuild_records(*, course_id: int | None = None, is_check: bool = False) -> Iterator[list[Difference]]:
    """Fold every record anew, session by session; yield for each what differed.

    Each session is a transaction of its own, so that nobody waits for long, and what was done stays done when this is
    stopped. With ``is_check`` it is rolled back: nothing changes, and what is told is as exact.
    """
    for session in sessions_with_register(course_id).iterator(chunk_size=100):
        yield _rebuild(session, is_check=is_check)


@transaction.atomic
def _rebuild(session: LiveSession, *, is_check: bool) -> list[Difference]:
    hold_session(session)
    recorded = set(_RECORDS.filter(session=session).values_list("user_id", flat=True))
    noted = set(_EVENTS.filter(session=session).values_list("user_id", flat=True))
    held = hold_records(session, recorded | noted)
    found = list(_differences(session, held, recorded))
    if is_check:
        transaction.set_rollback(True)
    elif found:
        refold_held(session, held)
    return found


def _differences(
    session: LiveSession, held: Mapping[int, AttendanceRecord], recorded: set[int]
) -> Iterator[Difference]:
    standings = standings_of(session, held)
    for user_id, record in held.items():
        before = standing_in(record) if user_id in recorded else None
        if before != standings[user_id]:
            yield Difference(session.pk, user_id, before, standings[user_id])
