"""Completing a content, once, and with the last one the course, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from courses.catalogue.models import Content
from courses.events import ContentCompleted, ContentsCompleted, CourseCompleted
from courses.learning.completion import WATCHED_PERCENT, CourseStanding
from courses.learning.folding import Standard, fold_completion
from courses.learning.models import Enrollment
from courses.learning.selectors import standing_of
from courses.learning.services.keeping import conclude_states, hold_enrollments, hold_states, settle_enrollments
from courses.learning.services.telling import show_progress
from e_learning.core.events import publish_on_commit

# watched_enough_at of folding.py, as SQL: the frame of the window ends with the quarter of its row.
_REACHED = f"""
    SELECT CASE WHEN before.enrollment_date < quarter.starts_at + interval '15 minutes'
        THEN GREATEST(quarter.starts_at, before.enrollment_date) ELSE quarter.starts_at END
    FROM (
        SELECT s.starts_at, range_agg(int4range((pair->>0)::int, (pair->>1)::int)) OVER (ORDER BY s.starts_at) AS seen
        FROM courses_progressslot s, jsonb_array_elements(s.watched) AS pair
        WHERE s.enrollment_id = %(enrollment_id)s AND s.content_id = %(content_id)s
    ) AS quarter
    WHERE 100 * (
        SELECT sum(upper(piece) - lower(piece))
        FROM unnest(quarter.seen * int4multirange(int4range(0, %(duration)s::int))) AS piece
    ) >= {WATCHED_PERCENT} * %(duration)s::bigint
    ORDER BY quarter.starts_at LIMIT 1
"""  # noqa: S608 - no value is written into the text, only a constant

# One statement, so it is atomic also where the caller has no transaction. The enrolment is locked before the progress
# row, as everywhere; the locked row is also what lets RETURNING tell it as it was: without it nobody could say who
# completed the course. Its latest_completion_at is read under that lock, where the other progress rows could not be:
# the statement's snapshot is older than the wait for it. So the enrolment is written by ON CONFLICT, which goes
# to the row as it is now: an UPDATE goes to the row of the snapshot first, and where others queue for that older
# version while we hold the newer, PostgreSQL finds a deadlock.
_MARK_AND_COUNT = f"""
    WITH before AS (
        SELECT * FROM courses_enrollment WHERE id = %(enrollment_id)s FOR NO KEY UPDATE
    ),
    done AS (
        INSERT INTO courses_progress AS p
            (enrollment_id, content_id, time_spent, last_position, position_at, watched,
             is_completed, completed_at, updated_at)
        SELECT before.id, %(content_id)s, 0, 0, %(at)s, '[]', TRUE,
            COALESCE(LEAST(%(own_at)s::timestamptz, ({_REACHED})), %(at)s), %(now)s
        FROM before
        ON CONFLICT (enrollment_id, content_id) DO UPDATE
            SET is_completed = TRUE, completed_at = EXCLUDED.completed_at, updated_at = EXCLUDED.updated_at,
                last_position = CASE
                    WHEN EXCLUDED.position_at > p.position_at THEN EXCLUDED.last_position ELSE p.last_position END,
                position_at = GREATEST(EXCLUDED.position_at, p.position_at)
            WHERE NOT p.is_completed
        RETURNING completed_at
    )
    INSERT INTO courses_enrollment AS e SELECT before.* FROM before
    ON CONFLICT (id) DO UPDATE
    SET completed_count = EXCLUDED.completed_count + (SELECT count(*) FROM done),
        latest_completion_at = GREATEST(EXCLUDED.latest_completion_at, (SELECT completed_at FROM done)),
        completed_at = CASE
            WHEN EXCLUDED.completed_count + (SELECT count(*) FROM done)
                >= (SELECT content_count FROM courses_course WHERE id = EXCLUDED.course_id)
            THEN COALESCE(
                EXCLUDED.completed_at, GREATEST(EXCLUDED.latest_completion_at, (SELECT completed_at FROM done)))
            ELSE EXCLUDED.completed_at END
    RETURNING (SELECT completed_at FROM done), e.completed_count,
        (SELECT content_count FROM courses_course WHERE id = e.course_id), e.user_id, e.course_id,
        CASE WHEN (SELECT completed_at FROM before) IS NULL THEN e.completed_at END
"""  # noqa: S608 - no value is written into the text, only the statement above


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a content is complete. ``at`` is when the update in hand was true.

    ``own_at`` is the same where the update completes by itself, None where all that was watched does.
    ``duration`` is the video's length where what was watched is to be asked, else None.
    """

    at: datetime
    own_at: datetime | None
    duration: int | None = None

    def standard(self, enrolled_at: datetime) -> Standard:
        return Standard(Content.Type.VIDEO if self.duration else Content.Type.QUIZ, self.duration, enrolled_at)


@dataclass(frozen=True, slots=True)
class _Counted:
    """``content_at`` and ``course_at``: when they were completed, if it was by this call."""

    content_at: datetime | None
    completed_count: int
    content_count: int
    user_id: int
    course_id: int
    course_at: datetime | None


def complete_content(*, enrollment_id: int, content_id: int, at: datetime) -> CourseStanding:
    """Mark the content complete for the enrolment, at ``at``, and return where the course stands now.

    Any number of times, also at once from several devices and in any order: the content counts once,
    at the earliest time it was complete at, the course is completed once, with the latest of its
    contents, and each is announced once, by the call that did it. The caller has decided that it is
    complete and that the enrolment is open.
    """
    return complete_by(Evidence(at, at), enrollment_id=enrollment_id, content_id=content_id, now=timezone.now())


def complete_by(evidence: Evidence, *, enrollment_id: int, content_id: int, now: datetime) -> CourseStanding:
    """Do what ``complete_content`` says, by ``evidence``; in one statement on PostgreSQL if this call completes it."""
    if connection.vendor == "postgresql":
        counted = _counted_by_postgresql(evidence, enrollment_id, content_id, now)
        if counted.content_at is not None:
            _tell(counted, enrollment_id, content_id)
            return CourseStanding(counted.completed_count, counted.content_count)
    # Complete already: maybe later than this evidence says.
    return complete_earlier(evidence, enrollment_id=enrollment_id, content_id=content_id, now=now)


@transaction.atomic(savepoint=False)
def complete_earlier(evidence: Evidence, *, enrollment_id: int, content_id: int, now: datetime) -> CourseStanding:
    """Complete the content, or move its completion to an earlier time, step by step with the rows held."""
    held = hold_enrollments(Enrollment.objects.filter(pk=enrollment_id))
    states = hold_states({(enrollment_id, content_id)}, now=now)
    [state] = states.values()
    fold_completion(state, at=evidence.at, own_at=evidence.own_at)
    standards = {content_id: evidence.standard(held[enrollment_id].enrollment_date)}
    moved = conclude_states(held, states, standards, now=now)
    return moved.get(enrollment_id) or standing_of(enrollment_id=enrollment_id)


@transaction.atomic
def complete_course(*, enrollment_id: int) -> CourseStanding:
    """Complete a course all of whose contents are complete: it shrank in the moment its last one was completed."""
    held = hold_enrollments(Enrollment.objects.filter(pk=enrollment_id))
    return settle_enrollments(list(held.values()), {})[enrollment_id]


def _counted_by_postgresql(evidence: Evidence, enrollment_id: int, content_id: int, now: datetime) -> _Counted:
    values: dict[str, Any] = {
        "enrollment_id": enrollment_id,
        "content_id": content_id,
        "at": evidence.at,
        "own_at": evidence.own_at,
        "duration": evidence.duration,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MARK_AND_COUNT, values)
        return _Counted(*cursor.fetchone())


def _tell(counted: _Counted, enrollment_id: int, content_id: int) -> None:
    assert counted.content_at is not None  # the caller asked
    publish_on_commit(ContentCompleted(enrollment_id=enrollment_id, content_id=content_id, at=counted.content_at))
    publish_on_commit(ContentsCompleted(((enrollment_id, content_id),)))
    standing = CourseStanding(counted.completed_count, counted.content_count)
    show_progress(user_id=counted.user_id, course_id=counted.course_id, content_ids=[content_id], standing=standing)
    if counted.course_at is not None:
        publish_on_commit(
            CourseCompleted(
                user_id=counted.user_id,
                course_id=counted.course_id,
                enrollment_id=enrollment_id,
                at=counted.course_at,
            )
        )
