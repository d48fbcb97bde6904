"""One progress update, the hottest write of the platform.

On PostgreSQL it is one statement: is the caller's session alive, may they open this content, the
upsert, and what the percent is made of. Only an update that completes something takes another. On
SQLite the same rules run step by step inside one IMMEDIATE transaction.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.api import LIVE_CALLER_SQL
from courses.learning.access import EnrollmentRequired
from courses.learning.completion import CourseStanding, completes_by_itself, is_watched, united
from courses.learning.folding import ProgressUpdate, Standard, quarter_of
from courses.learning.models import Enrollment
from courses.learning.services.completing import Evidence, complete_by, complete_course, complete_earlier
from courses.learning.services.keeping import hold_enrollments, keep_updates
from e_learning.core.api.errors import NotThere
from e_learning.core.api.tokens import AccessClaims, BadToken
from e_learning.core.statements import row_of


@dataclass(frozen=True, slots=True)
class ProgressOutcome:
    """Where content and course stand after an update (the answer of ``progress/update/``)."""

    content_id: int
    course_id: int
    is_completed: bool
    last_position: int
    time_spent: int
    standing: CourseStanding


_TARGET = f"""
    WITH caller AS ({LIVE_CALLER_SQL}),
    target AS (
        SELECT c.id AS content_id, c.content_type, c.video_duration, co.id AS course_id, co.content_count,
               e.id AS enrollment_id, e.completed_count, e.completed_at AS course_completed_at
        FROM caller
        JOIN courses_content c ON c.id = %(content_id)s
        JOIN courses_module m ON m.id = c.module_id
        JOIN courses_course co ON co.id = m.course_id
        LEFT JOIN courses_enrollment e ON e.course_id = co.id AND e.user_id = caller.id AND e.is_active
            AND (e.expiry_date IS NULL OR e.expiry_date > %(now)s)
        WHERE (co.is_published AND co.archived_at IS NULL)
            OR e.id IS NOT NULL OR co.instructor_id = caller.id OR caller.is_admin
    )
"""  # noqa: S608 - no value is written into the text, only a constant of accounts

_UNITED = """(
                SELECT jsonb_agg(jsonb_build_array(lower(piece), upper(piece)) ORDER BY piece)
                FROM unnest((
                    SELECT range_agg(int4range((pair->>0)::int, (pair->>1)::int))
                    FROM jsonb_array_elements({kept} || EXCLUDED.watched) AS pair
                )) AS piece)"""

# folding.py as SQL. The row of the later client time gives the position; at the same time the further one, so that any
# order of the same updates ends in the same row. range_agg unites the intervals. The quarter of an hour reads what was
# saved, so that it is locked after the progress row by everybody.
_SAVED = f"""
    , saved AS (
        INSERT INTO courses_progress AS p
            (enrollment_id, content_id, time_spent, last_position, position_at, watched, is_completed, updated_at)
        SELECT enrollment_id, content_id, %(time_spent)s, %(last_position)s, %(at)s, %(watched)s::jsonb, FALSE, %(now)s
        FROM target WHERE enrollment_id IS NOT NULL
        ON CONFLICT (enrollment_id, content_id) DO UPDATE SET
            time_spent = GREATEST(p.time_spent, EXCLUDED.time_spent),
            last_position = CASE
                WHEN EXCLUDED.position_at > p.position_at THEN EXCLUDED.last_position
                WHEN EXCLUDED.position_at = p.position_at THEN GREATEST(EXCLUDED.last_position, p.last_position)
                ELSE p.last_position END,
            position_at = GREATEST(p.position_at, EXCLUDED.position_at),
            watched = CASE WHEN EXCLUDED.watched = '[]' THEN p.watched ELSE {_UNITED.format(kept="p.watched")} END,
            updated_at = EXCLUDED.updated_at
        RETURNING enrollment_id, content_id, time_spent, last_position, watched, is_completed, completed_at
    ),
    reported AS (
        INSERT INTO courses_progressslot AS s (enrollment_id, content_id, starts_at, time_spent, watched)
        SELECT enrollment_id, content_id, %(quarter)s, %(time_spent)s, %(watched)s::jsonb FROM saved
        ON CONFLICT (enrollment_id, content_id, starts_at) DO UPDATE SET
            time_spent = GREATEST(s.time_spent, EXCLUDED.time_spent),
            watched = CASE WHEN EXCLUDED.watched = '[]' THEN s.watched ELSE {_UNITED.format(kept="s.watched")} END
    )
"""  # noqa: S608 - no value is written into the text, only the columns of the two tables

_ANSWER = """
    SELECT caller.id, target.content_type, target.video_duration, target.course_id, target.content_count,
           target.enrollment_id, target.completed_count, target.course_completed_at{saved}
    FROM (SELECT 1) AS always LEFT JOIN caller ON TRUE LEFT JOIN target ON TRUE{join}
"""
_LOOK_AND_SAVE = (
    _TARGET
    + _SAVED
    + _ANSWER.format(
        saved=", saved.time_spent, saved.last_position, saved.watched::text, saved.is_completed, saved.completed_at",
        join=" LEFT JOIN saved ON TRUE",
    )
)
_LOOK = _TARGET + _ANSWER.format(saved="", join="")


@dataclass(slots=True)
class _Row:
    """One row of ``_LOOK_AND_SAVE``: who asked, what for, and what is kept of it now."""

    caller_id: int | None
    content_type: str | None
    video_duration: int | None
    course_id: int | None
    content_count: int
    enrollment_id: int | None
    completed_count: int
    course_completed_at: datetime | None
    time_spent: int = 0
    last_position: int = 0
    watched: Any = None
    is_completed: bool = False
    completed_at: datetime | None = None

    @property
    def standing(self) -> CourseStanding:
        return CourseStanding(self.completed_count, self.content_count)


def record_progress(*, caller: AccessClaims, update: ProgressUpdate, now: datetime) -> ProgressOutcome:
    """Keep one update and return where content and course stand.

    Refuses with 401 (the caller's session has ended), 404 (no such content, or in a course the caller
    may not know of) and 403 ``enrollment_required``. The same update again changes nothing.
    """
    keep = _kept_by_postgresql if connection.vendor == "postgresql" else _kept_step_by_step
    return keep(caller, update, now)


def _checked(row: _Row) -> tuple[_Row, int]:
    """Return the row and its enrolment, or refuse."""
    if row.caller_id is None:
        raise BadToken
    if row.course_id is None:
        raise NotThere
    if row.enrollment_id is None:
        raise EnrollmentRequired
    return row, row.enrollment_id


def _parameters(caller: AccessClaims, update: ProgressUpdate, now: datetime) -> dict[str, Any]:
    moment = connection.ops.adapt_datetimefield_value
    return {
        "session_id": caller.session_id,
        "user_id": caller.user_id,
        "now": moment(now),
        "content_id": update.content_id,
    }


def _kept_by_postgresql(caller: AccessClaims, update: ProgressUpdate, now: datetime) -> ProgressOutcome:
    values = _parameters(caller, update, now) | {
        "time_spent": update.time_spent,
        "last_position": update.last_position,
        "at": update.at,
        "quarter": quarter_of(update.at),
        "watched": json.dumps(united(update.watched or ())),
    }
    found = row_of(_LOOK_AND_SAVE, values)
    assert found is not None  # the statement always gives one row
    row, enrollment_id = _checked(_Row(*found))
    row.watched = json.loads(row.watched)
    standing = _completed(row, enrollment_id, update, now)
    return ProgressOutcome(
        update.content_id,
        row.course_id or 0,
        row.is_completed,
        row.last_position,
        row.time_spent,
        standing or row.standing,
    )


def _completed(row: _Row, enrollment_id: int, update: ProgressUpdate, now: datetime) -> CourseStanding | None:
    """Complete what the update completes, or completes earlier than was known, and return where the course then stands.

    Should the process die before this, all that was watched completes the content with its next
    update; an update that completes by itself got no answer, and is sent again.
    """
    evidence = _evidence(row, update)
    place = {"enrollment_id": enrollment_id, "content_id": update.content_id}
    if evidence is not None:
        complete = complete_earlier if row.is_completed else complete_by
        row.is_completed = True
        return complete(evidence, **place, now=now)
    if row.course_completed_at is None and row.completed_count >= row.content_count > 0:
        return complete_course(enrollment_id=enrollment_id)
    return None


def _evidence(row: _Row, update: ProgressUpdate) -> Evidence | None:
    """Return why the content is complete, if the update may change that or since when; else None."""
    content_type, duration = str(row.content_type), row.video_duration
    own_at = update.at if completes_by_itself(content_type, duration, update) else None
    seen = is_watched(content_type, duration, row.watched)
    if row.is_completed and row.completed_at is not None:
        own_at = own_at if own_at and own_at < row.completed_at else None
        seen = seen and bool(update.watched) and quarter_of(update.at) < row.completed_at
    return Evidence(update.at, own_at, duration if seen else None) if own_at or seen else None


@transaction.atomic
def _kept_step_by_step(caller: AccessClaims, update: ProgressUpdate, now: datetime) -> ProgressOutcome:
    """The same on SQLite, whose one writer at a time (BEGIN IMMEDIATE) makes reading before writing safe."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, _parameters(caller, update, now))
        row, enrollment_id = _checked(_Row(*cursor.fetchone()))
    held = hold_enrollments(Enrollment.objects.filter(pk=enrollment_id))
    standard = Standard(str(row.content_type), row.video_duration, held[enrollment_id].enrollment_date)
    kept = keep_updates(held, [(enrollment_id, update)], {update.content_id: standard}, now=now)
    [state] = kept.states.values()
    standing = kept.moved.get(enrollment_id, row.standing)
    if held[enrollment_id].completed_at is None and standing.completed_contents >= standing.total_contents:
        standing = complete_course(enrollment_id=enrollment_id)
    return ProgressOutcome(
        update.content_id, row.course_id or 0, state.is_completed, state.last_position, state.time_spent, standing
    )
