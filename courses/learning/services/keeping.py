"""Rows of progress, held, folded into and written back.

The order in which everybody takes locks: an attempt, the enrolments by id, the progress rows, their
quarters of an hour, and contents last. Enrolments are locked ``FOR NO KEY UPDATE``: a new progress
row must be able to name its enrolment (``KEY SHARE``, at its commit) while another transaction
holds it, or the two would wait for each other.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max, Q, QuerySet

from courses.events import ContentCompleted, ContentsCompleted, CourseCompleted
from courses.learning.completion import CourseStanding
from courses.learning.folding import BEFORE_ALL, Folded, ProgressUpdate, Quarter, Standard, conclude, earliest, fold
from courses.learning.models import Enrollment, Progress, ProgressSlot
from courses.learning.services.telling import show_progress
from e_learning.core.events import publish_on_commit

#: Which enrolment, and which content.
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of updates: which told more than was known, the states they ended in, and where courses moved to."""

    told: list[bool]
    states: dict[Key, Folded]
    moved: dict[int, CourseStanding]


_STATE = ["time_spent", "last_position", "position_at", "watched", "is_completed", "completed_at"]


def hold_enrollments(rows: QuerySet[Enrollment]) -> dict[int, Enrollment]:
    """Lock the enrolments by id until the commit; returns them by id."""
    held = rows.select_for_update(no_key=True, of=("self",)).order_by("id")
    return {enrollment.pk: enrollment for enrollment in held}


def keep_updates(
    held: Mapping[int, Enrollment],
    updates: Sequence[tuple[int, ProgressUpdate]],
    standards: Mapping[int, Standard],
    *,
    now: datetime,
) -> Kept:
    """Fold ``updates`` (each with its enrolment's id) and complete what they complete.

    In the caller's transaction, with the enrolments held. ``standards`` is by content.
    """
    states = hold_states({(enrollment_id, update.content_id) for enrollment_id, update in updates}, now=now)
    told = [
        fold(states[enrollment_id, update.content_id], update, standards[update.content_id])
        for enrollment_id, update in updates
    ]
    return Kept(told, states, conclude_states(held, states, standards, now=now))


def conclude_states(
    held: Mapping[int, Enrollment], states: Mapping[Key, Folded], standards: Mapping[int, Standard], *, now: datetime
) -> dict[int, CourseStanding]:
    """Complete what is complete, write the states, and bring the enrolments in line; each completion is told once.

    Returns where those enrolments stand of which something was completed, or completed earlier than known.
    """
    before = {key: state.completed_at for key, state in states.items()}
    newly = [key for key, state in states.items() if conclude(state, standards[key[1]])]
    _write(states, now=now)
    for enrollment_id, content_id in newly:
        at = states[enrollment_id, content_id].completed_at
        assert at is not None  # concluded
        publish_on_commit(ContentCompleted(enrollment_id=enrollment_id, content_id=content_id, at=at))
    if newly:
        publish_on_commit(ContentsCompleted(tuple(newly)))
    moved = sorted({key[0] for key, state in states.items() if state.completed_at != before[key]})
    newly_in: dict[int, list[int]] = defaultdict(list)
    for enrollment_id, content_id in newly:
        newly_in[enrollment_id].append(content_id)
    counts = {enrollment_id: len(content_ids) for enrollment_id, content_ids in newly_in.items()}
    standings = settle_enrollments([held[id_] for id_ in moved], counts) if moved else {}
    for id_, content_ids in newly_in.items():
        whose = {"user_id": held[id_].user_id, "course_id": held[id_].course_id}
        show_progress(**whose, content_ids=content_ids, standing=standings[id_])
    return standings


def settle_enrollments(held: Sequence[Enrollment], newly: Mapping[int, int]) -> dict[int, CourseStanding]:
    """Count ``newly`` completed contents, complete the courses that are, and return where they stand.

    The enrolments are held by the caller, so that what is read here is what stands until the commit.
    """
    latest = Max("progress__completed_at", filter=Q(progress__is_completed=True))
    rows = Enrollment.objects.filter(pk__in=[enrollment.pk for enrollment in held])
    facts = {
        id_: rest for id_, *rest in rows.annotate(latest=latest).values_list("pk", "course__content_count", "latest")
    }
    for enrollment in held:
        content_count, enrollment.latest_completion_at = facts[enrollment.pk]
        enrollment.completed_count += newly.get(enrollment.pk, 0)
        if enrollment.completed_count >= content_count:
            _complete_course(enrollment)
    Enrollment.objects.bulk_update(held, ["completed_count", "latest_completion_at", "completed_at"])
    return {row.pk: CourseStanding(row.completed_count, facts[row.pk][0]) for row in held}


def _complete_course(enrollment: Enrollment) -> None:
    """Complete the course when its last content was, once; a content found complete earlier may move that earlier."""
    at = earliest(enrollment.completed_at, enrollment.latest_completion_at)
    if enrollment.completed_at is None and at is not None:
        publish_on_commit(
            CourseCompleted(
                user_id=enrollment.user_id, course_id=enrollment.course_id, enrollment_id=enrollment.pk, at=at
            )
        )
    enrollment.completed_at = at


def hold_states(keys: Collection[Key], *, now: datetime) -> dict[Key, Folded]:
    """Return the states of ``keys``, their rows locked until the commit; those of which nothing was told yet are blank.

    A blank row is written where rows can be locked: a live update of the same content then waits for
    us, instead of being overwritten by us.
    """
    states = _locked(keys)
    missing = sorted(set(keys) - set(states))
    if missing and connection.features.has_select_for_update:
        blanks = [
            Progress(enrollment_id=enrollment_id, content_id=content_id, position_at=BEFORE_ALL, updated_at=now)
            for enrollment_id, content_id in missing
        ]
        Progress.objects.bulk_create(blanks, ignore_conflicts=True)
        states |= _locked(missing)
    for key in missing:
        states.setdefault(key, Folded())
    for slot in ProgressSlot.objects.filter(_of(keys)):
        kept = states[slot.enrollment_id, slot.content_id]
        kept.quarters[slot.starts_at] = Quarter(slot.time_spent, slot.watched)
    return states


def _of(keys: Collection[Key]) -> Q:
    # A learner has one enrolment in a content's course, so the two lists name no row beside the keys.
    return Q(enrollment__in={key[0] for key in keys}, content__in={key[1] for key in keys})


def _locked(keys: Collection[Key]) -> dict[Key, Folded]:
    rows = Progress.objects.filter(_of(keys)).select_for_update(no_key=True).order_by("enrollment_id", "content_id")
    return {
        (row.enrollment_id, row.content_id): Folded(**{name: getattr(row, name) for name in _STATE}) for row in rows
    }


def _write(states: Mapping[Key, Folded], *, now: datetime) -> None:
    rows = [
        Progress(
            enrollment_id=enrollment_id,
            content_id=content_id,
            updated_at=now,
            **{name: getattr(state, name) for name in _STATE},
        )
        for (enrollment_id, content_id), state in _in_order(states)
        if state.is_changed
    ]
    Progress.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["enrollment", "content"],
        update_fields=[*_STATE, "updated_at"],
    )
    slots = [
        ProgressSlot(
            enrollment_id=enrollment_id,
            content_id=content_id,
            starts_at=starts_at,
            time_spent=state.quarters[starts_at].time_spent,
            watched=state.quarters[starts_at].watched,
        )
        for (enrollment_id, content_id), state in _in_order(states)
        for starts_at in sorted(state.touched)
    ]
    ProgressSlot.objects.bulk_create(
        slots,
        update_conflicts=True,
        unique_fields=["enrollment", "content", "starts_at"],
        update_fields=["time_spent", "watched"],
    )


def _in_order(states: Mapping[Key, Folded]) -> list[tuple[Key, Folded]]:
    return sorted(states.items(), key=lambda entry: entry[0])
