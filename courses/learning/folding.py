"""What is kept of a learner's updates about one content: a fold that doesn't know their order.

Each part is a join (the greatest, the latest, the union, the earliest), so any order, splitting,
repetition and device of the same updates ends in the same state. Pure functions; seconds are whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from courses.learning.completion import completes_by_itself, is_watched, unite_into

QUARTER = timedelta(minutes=15)
#: The position of a content that nothing was told of yet: every update comes after it.
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ProgressUpdate:
    """What a client says of one content. Seconds; ``watched`` is None from a client that sends no intervals.

    ``at`` is when it was true on the client, never in the server's future.
    """

    content_id: int
    last_position: int
    time_spent: int
    at: datetime
    watched: Sequence[Sequence[int]] | None = None
    is_completed: bool = False


@dataclass(frozen=True, slots=True)
class Standard:
    """What completes a content for one enrolment: its type, its length where known, and since when it is open."""

    content_type: str
    duration: int | None
    enrolled_at: datetime


@dataclass(slots=True)
class Quarter:
    """What was reported of one content in one quarter of an hour."""

    time_spent: int = 0
    watched: list[list[int]] = field(default_factory=list)


@dataclass(slots=True)
class Folded:
    """The state of one content of one enrolment.

    ``own_at`` is the earliest of the updates folded here that complete by themselves. ``touched`` are the
    quarters of an hour that a fold here changed, ``is_changed`` says whether the rest of it did.
    """

    time_spent: int = 0
    position_at: datetime = BEFORE_ALL
    last_position: int = 0
    watched: list[list[int]] = field(default_factory=list)
    is_completed: bool = False
    completed_at: datetime | None = None
    own_at: datetime | None = None
    quarters: dict[datetime, Quarter] = field(default_factory=dict)
    touched: set[datetime] = field(default_factory=set)
    is_changed: bool = False


def quarter_of(at: datetime) -> datetime:
    """Return the start of the quarter of an hour that ``at`` lies in, in UTC."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def fold(state: Folded, update: ProgressUpdate, standard: Standard) -> bool:
    """Take ``update`` into ``state``; says whether it told more than was known of the content.

    What was reported of its quarter of an hour is taken in either way. Whether all that was watched
    completes the content is for ``conclude``, once after the last update.
    """
    _fold_quarter(state, update)
    known = (state.time_spent, state.position_at, state.last_position, earliest(state.completed_at, state.own_at))
    state.time_spent = max(state.time_spent, update.time_spent)
    state.position_at, state.last_position = max(
        (state.position_at, state.last_position), (update.at, update.last_position)
    )
    if completes_by_itself(standard.content_type, standard.duration, update):
        state.own_at = earliest(state.own_at, update.at)
    now = (state.time_spent, state.position_at, state.last_position, earliest(state.completed_at, state.own_at))
    tells_more = unite_into(state.watched, update.watched or ()) or now != known
    state.is_changed |= tells_more
    return tells_more


def fold_completion(state: Folded, *, at: datetime, own_at: datetime | None) -> None:
    """Take in that the content was complete, by a passed quiz or an update kept before; ``own_at`` as in ``Folded``."""
    position = max((state.position_at, state.last_position), (at, 0))
    state.is_changed |= position != (state.position_at, state.last_position)
    state.position_at, state.last_position = position
    state.own_at = earliest(state.own_at, own_at)


def _fold_quarter(state: Folded, update: ProgressUpdate) -> None:
    starts_at = quarter_of(update.at)
    is_new = starts_at not in state.quarters
    quarter = state.quarters.setdefault(starts_at, Quarter())
    saw_more = unite_into(quarter.watched, update.watched or ())
    if is_new or saw_more or update.time_spent > quarter.time_spent:
        state.touched.add(starts_at)
    quarter.time_spent = max(quarter.time_spent, update.time_spent)


def conclude(state: Folded, standard: Standard) -> bool:
    """Complete ``state`` if its updates do, or move its completion to an earlier time; says whether it is newly so.

    A completion is never undone and never moves to a later time.
    """
    seen = is_watched(standard.content_type, standard.duration, state.watched)
    reached = watched_enough_at(state.quarters, standard) if seen else None
    when = earliest(state.own_at, reached) or (state.position_at if seen and not state.is_completed else None)
    if when is None:
        return False
    newly, before = not state.is_completed, state.completed_at
    state.is_completed = True
    state.completed_at = earliest(before, when)
    state.is_changed |= newly or state.completed_at != before
    return newly


def watched_enough_at(quarters: Mapping[datetime, Quarter], standard: Standard) -> datetime | None:
    """Return the start of the quarter of an hour with whose report enough of a video had been watched.

    None if it never was. Where the enrolment began within that quarter, it is the enrolment's time:
    nobody completes what they are not yet enrolled in.
    """
    union: list[list[int]] = []
    for starts_at in sorted(quarters):
        grew = unite_into(union, quarters[starts_at].watched)
        if grew and is_watched(standard.content_type, standard.duration, union):
            within = standard.enrolled_at < starts_at + QUARTER
            return max(starts_at, standard.enrolled_at) if within else starts_at
    return None


def earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)
