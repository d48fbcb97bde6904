"""Events into the register: the only writer of both tables.

Whoever adds events of a learner holds the session and that learner's record first, so two who add at once fold one
after the other, and the second sees what the first noted and the times that the session has by then. The order in
which everybody takes locks: the session, then its records by their learner's id.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

from django.db import transaction

from attendance.folding import Standing, fold
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.telling import tell_count_on_commit

_FOLDED = list(Standing.__dataclass_fields__)
#: What decides whether somebody may come to a session, and what the fold asks of it.
_TIMES = [
    "state",
    "starts_at",
    "ends_at",
    "check_in_opens",
    "late_after",
    "check_in_closes",
    "minimum_minutes",
    "minimum_percent",
]
BATCH = 500


def keep_events(session: LiveSession, events: Sequence[AttendanceEvent]) -> dict[int, AttendanceRecord]:
    """Note ``events``, all of ``session``, and return the records of the learners they are about, by user id.

    An event that a constraint refuses (noted before) is left out in silence. Six statements in one transaction,
    however many learners: one holds the session, two the records, one notes, one reads all of theirs, and one writes
    the records that have changed.
    """
    if not events:
        return {}
    with transaction.atomic():
        held = hold_records(session, {event.user_id for event in events})
        return keep_held(session, held, events)


def hold_records(session: LiveSession, user_ids: Collection[int]) -> dict[int, AttendanceRecord]:
    """Return the learners' records, by user id, held until the transaction ends; who had none gets an empty one.

    ``session`` has from here on the times that it has in the database, and keeps them until then.
    """
    hold_session(session)
    empty = [AttendanceRecord(session=session, user_id=user_id) for user_id in sorted(user_ids)]
    AttendanceRecord.objects.bulk_create(empty, ignore_conflicts=True, batch_size=BATCH)
    rows = AttendanceRecord.objects.filter(session=session, user__in=user_ids).order_by("user_id")
    return {row.user_id: row for row in rows.select_for_update()}


def hold_session(session: LiveSession) -> None:
    """Read again what the fold asks of ``session``, and hold it until the transaction ends.

    Who changes its times comes before, and then they are read here, or after, and then folds this learner anew.
    ``NO KEY``: new rows go on naming the session meanwhile.
    """
    session.refresh_from_db(
        fields=_TIMES, from_queryset=LiveSession.objects.select_for_update(no_key=True, of=("self",))
    )


def keep_held(
    session: LiveSession, held: Mapping[int, AttendanceRecord], events: Sequence[AttendanceEvent]
) -> dict[int, AttendanceRecord]:
    """``keep_events`` for records that the caller holds already."""
    AttendanceEvent.objects.bulk_create(events, ignore_conflicts=True, batch_size=BATCH)
    return refold_held(session, held)


def keep_first(event: AttendanceEvent) -> AttendanceRecord:
    """Note the first event of a learner whose session the caller holds, in two statements, and return their record.

    Raises IntegrityError where they have a record already, or a constraint refuses the event.
    """
    record = set_standing(AttendanceRecord(session=event.session, user=event.user), fold(event.session, [event]))
    # The record first, as everywhere: whoever has it may add events, and who has an event waits for no record.
    record.save(force_insert=True)
    event.save(force_insert=True)
    tell_count_on_commit(event.session)
    return record


def refold_held(session: LiveSession, held: Mapping[int, AttendanceRecord]) -> dict[int, AttendanceRecord]:
    """Fold the records anew from all their events, write those that changed, and return all of them."""
    standings = standings_of(session, held)
    changed = [
        set_standing(record, standings[user_id])
        for user_id, record in held.items()
        if standing_in(record) != standings[user_id]
    ]
    if changed:
        _write(session, changed)
        tell_count_on_commit(session)
    return dict(held)


def _write(session: LiveSession, changed: Sequence[AttendanceRecord]) -> None:
    """Write what the records say. As an upsert of rows that are there: ``bulk_update`` asks a CASE of every value."""
    rows = [
        AttendanceRecord(session=session, user_id=record.user_id, **{name: getattr(record, name) for name in _FOLDED})
        for record in changed
    ]
    AttendanceRecord.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["session", "user"], update_fields=_FOLDED, batch_size=BATCH
    )


def refold_session(session: LiveSession) -> None:
    """Fold the whole register of a session anew: its times, which have been saved, are others than before."""
    with transaction.atomic():
        hold_session(session)
        noted = AttendanceEvent.objects.filter(session=session).values_list("user_id", flat=True)
        refold_held(session, hold_records(session, set(noted)))


def standings_of(session: LiveSession, user_ids: Collection[int]) -> dict[int, Standing]:
    """Return what follows from the events of each of the learners, by user id, in one statement."""
    noted = AttendanceEvent.objects.filter(session=session, user__in=list(user_ids)).order_by("user_id", "id")
    standings = {user_id: fold(session, theirs) for user_id, theirs in groupby(noted, key=lambda event: event.user_id)}
    return {user_id: standings.get(user_id, Standing()) for user_id in user_ids}


def standing_in(record: AttendanceRecord) -> Standing:
    """Return what the record says."""
    fields = {name: getattr(record, name) for name in _FOLDED}
    return Standing(**fields | {"flags": tuple(record.flags)})


def set_standing(record: AttendanceRecord, standing: Standing) -> AttendanceRecord:
    """Put what was folded into the record's fields, and return it; nothing is saved."""
    for name in _FOLDED:
        setattr(record, name, getattr(standing, name))
    record.flags = list(standing.flags)
    return record
