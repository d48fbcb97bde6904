"""Learning, from all enrolments, which courses are taken together."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from chatbot.recommendations.models import CourseNeighbour
from chatbot.recommendations.neighbours import Taking, neighbours_of
from courses.api import course_takings, ids_of_public_courses

#: Who completed a course says more of it than who only enrolled.
_ENROLLED, _COMPLETED = 1.0, 2.0
_AT_ONCE = 1000
#: Any number that no other lock of the database has.
_LEARNING_LOCK = 7_204_102


@dataclass(frozen=True, slots=True)
class Learned:
    """``courses`` have neighbours; ``pairs`` are as many as rows."""

    courses: int
    pairs: int


def learn_neighbours() -> Learned:
    """Write all rows anew from all enrolments: readers see the old ones or the new ones, and never some of both.

    Only courses that are public now are anybody's neighbour; a course taken back still says what goes with it. It is
    reckoned before the transaction, which SQLite's other writers would wait for. Fails whole, and leaves the old rows,
    where a course is deleted meanwhile: the next time does it.
    """
    takings = (
        Taking(user_id, course_id, _COMPLETED if is_completed else _ENROLLED)
        for user_id, course_id, is_completed in course_takings()
    )
    at = timezone.now()
    rows = [
        CourseNeighbour(
            course_id=course, neighbour_id=near.item, score=near.score, together=near.together, learned_at=at
        )
        for course, found in neighbours_of(takings, among=set(ids_of_public_courses()))
        for near in found
    ]
    _write(rows)
    return Learned(courses=len({row.course_id for row in rows}), pairs=len(rows))


@transaction.atomic
def _write(rows: list[CourseNeighbour]) -> None:
    _one_at_a_time()
    CourseNeighbour.objects.all().delete()
    CourseNeighbour.objects.bulk_create(rows, batch_size=_AT_ONCE)


def _one_at_a_time() -> None:
    """Wait for whoever else is writing, until the end of the transaction: two would write the same pairs.

    SQLite has one writer at a time by itself.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [_LEARNING_LOCK])
