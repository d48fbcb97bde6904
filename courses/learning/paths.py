"""What comes before a course, and what is in it, as one learner stands to it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.api import User
from courses.catalogue.models import Content, Course
from courses.learning.access import courses_known_to, owns
from courses.learning.models import Enrollment, Progress
from e_learning.core.api.errors import NotThere
from e_learning.core.statements import rows_of

# UNION without ALL: it ends also where courses need each other in a ring.
_NEEDED_BY_WANTED = """
    WITH RECURSIVE needed (wanted_id, course_id) AS (
        SELECT b.course_id, p.to_course_id
        FROM courses_bookmark b
        JOIN courses_course w ON w.id = b.course_id
        JOIN courses_course_prerequisites p ON p.from_course_id = w.id
        WHERE b.user_id = %(user_id)s AND w.is_published AND w.archived_at IS NULL AND w.instructor_id <> %(user_id)s
          AND NOT EXISTS (
            SELECT 1 FROM courses_enrollment e
            WHERE e.course_id = w.id AND e.user_id = %(user_id)s
              AND (e.completed_at IS NOT NULL
                   OR (e.is_active AND (e.expiry_date IS NULL OR e.expiry_date > %(now)s)))
          )
        UNION SELECT n.wanted_id, p.to_course_id
        FROM needed n JOIN courses_course_prerequisites p ON p.from_course_id = n.course_id
    )
    SELECT n.course_id, w.title FROM needed n
    JOIN courses_course w ON w.id = n.wanted_id
    JOIN courses_bookmark b ON b.course_id = n.wanted_id AND b.user_id = %(user_id)s
    ORDER BY b.created_at DESC, b.id DESC, n.course_id
"""
_EDGES = """
    WITH RECURSIVE edge (course_id, needs_id) AS (
        SELECT from_course_id, to_course_id FROM courses_course_prerequisites WHERE from_course_id = %(course_id)s
        UNION SELECT p.from_course_id, p.to_course_id
        FROM edge JOIN courses_course_prerequisites p ON p.from_course_id = edge.needs_id
    )
    SELECT course_id, needs_id FROM edge
"""


class NeededCourse(NamedTuple):
    """A course that has to be completed before another that somebody wants."""

    course_id: int
    wanted_title: str


class PathCourse(NamedTuple):
    """A course on the way. ``is_ready``: every course that it needs is completed."""

    course_id: int
    title: str
    is_completed: bool
    is_taken: bool
    is_ready: bool


class PathContent(NamedTuple):
    content_id: int
    title: str
    module_title: str
    topic: str
    is_quiz: bool
    is_preview: bool
    is_completed: bool


class CoursePath(NamedTuple):
    """``before`` are the courses to complete first, each after those that it needs; ``contents`` in their order.

    ``is_open``: every content opens for the learner.
    """

    course: PathCourse
    before: list[PathCourse]
    contents: list[PathContent]
    is_open: bool


def needed_by_bookmarks(user: User) -> list[NeededCourse]:
    """Return what has to be completed before public courses that ``user`` keeps and has not taken; one statement.

    Also what comes before that. The course kept last first.
    """
    values = {"user_id": user.pk, "now": connection.ops.adapt_datetimefield_value(timezone.now())}
    return [NeededCourse._make(row) for row in rows_of(_NEEDED_BY_WANTED, values)]


def course_path(*, user: User, course_id: int) -> CoursePath:
    """Return the way to and through a course that ``user`` may know of, in four statements; 404 for any other.

    Of what comes before it, courses that ``user`` may not know of are left out.
    """
    course = courses_known_to(user).filter(pk=course_id).first()
    if course is None:
        raise NotThere
    needs: dict[int, set[int]] = defaultdict(set)
    for course_needing, needed in rows_of(_EDGES, {"course_id": course_id}):
        needs[course_needing].add(needed)
    ids = before(course_id, needs)
    known = _path_courses(user, [course_id, *ids], needs)
    own = known.get(course_id)
    if own is None:  # taken back between the two statements
        raise NotThere
    return CoursePath(
        course=own,
        before=[known[id_] for id_ in ids if id_ in known],
        contents=_contents(user, course_id),
        is_open=own.is_taken or owns(user, course),
    )


def before(course_id: int, needs: dict[int, set[int]]) -> list[int]:
    """Return what ``course_id`` needs, each after what it needs itself, by id. Rings are cut open."""
    ordered: dict[int, None] = {}
    seen = {course_id}
    open_ = [(course_id, iter(sorted(needs.get(course_id, ()))))]
    while open_:
        current, rest = open_[-1]
        following = next((id_ for id_ in rest if id_ not in seen), None)
        if following is None:
            ordered[current] = None
            open_.pop()
        else:
            seen.add(following)
            open_.append((following, iter(sorted(needs.get(following, ())))))
    return [id_ for id_ in ordered if id_ != course_id]


def _path_courses(user: User, ids: Collection[int], needs: dict[int, set[int]]) -> dict[int, PathCourse]:
    mine = Enrollment.objects.filter(user=user, course=OuterRef("pk"))
    rows = Course.objects.filter(pk__in=ids).annotate(
        is_completed=Exists(mine.filter(completed_at__isnull=False)),
        is_taken=Exists(mine.current()),
        is_known=Exists(courses_known_to(user).filter(pk=OuterRef("pk"))),
    )
    found: list[Any] = list(rows.values_list("pk", "title", "is_completed", "is_taken", "is_known"))
    completed = {row[0] for row in found if row[2]}
    return {
        id_: PathCourse(id_, title, is_completed, is_taken, _is_ready(needs.get(id_, ()), completed))
        for id_, title, is_completed, is_taken, is_known in found
        if is_known
    }


def _is_ready(needed: Iterable[int], completed: set[int]) -> bool:
    return completed.issuperset(needed)


def _contents(user: User, course_id: int) -> list[PathContent]:
    mine = Progress.objects.filter(
        enrollment__user=user, enrollment__is_active=True, content=OuterRef("pk"), is_completed=True
    )
    rows = (
        Content.objects.filter(module__course=course_id)
        .annotate(is_completed=Exists(mine))
        .order_by("module__order", "module_id", "order", "id")
    )
    columns = ("id", "title", "module__title", "topic", "content_type", "is_preview", "is_completed")
    return [
        PathContent(id_, title, module, topic, kind == Content.Type.QUIZ, is_preview, is_completed)
        for id_, title, module, topic, kind, is_preview, is_completed in rows.values_list(*columns)
    ]
