"""Writing courses."""

from collections.abc import Collection
from typing import Any, TypedDict

from django.db import connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from courses.catalogue.models import PRICE_TOO_SMALL, Category, Course
from courses.catalogue.search import index_course
from courses.catalogue.selectors import course_to_change
from courses.catalogue.services.counting import hold_contents_of, refresh_course
from courses.events import CoursePublished
from e_learning.core.api.errors import InvalidInput, NotAllowed
from e_learning.core.events import publish_on_commit
from e_learning.core.money import LEAST_PAISE
from e_learning.core.owned_files import dropped_on_error
from e_learning.core.uploads import JudgedFile

_EDGES_LOCK = 7_204_101


class CourseValues(TypedDict, total=False):
    """What an author may set. ``price_paise`` is in paise, ``category`` an id, ``prerequisites`` ids of courses."""

    title: str
    summary: str
    description: str
    price_paise: int
    category: int | None
    level: str
    language: str
    subject: str
    grade: str
    learning_objectives: list[str]
    prerequisites: list[int]
    access_days: int | None
    is_published: bool
    is_trending: bool
    thumbnail: JudgedFile | None


class NotATeacher(NotAllowed):
    message = _("Only instructors can make courses.")


class TrendingIsForAdmins(NotAllowed):
    code = "admin_only"
    message = _("Only administrators decide what is trending.")


class UnknownCategory(InvalidInput):
    code = "does_not_exist"
    message = _("There is no such category.")


class UnknownPrerequisite(InvalidInput):
    code = "does_not_exist"
    message = _("There is no such course among those that you may see.")


class PrerequisiteLoop(InvalidInput):
    code = "prerequisite_loop"
    message = _("A course can't come before itself, also not through others.")


class PriceTooSmall(InvalidInput):
    code = "price_too_small"
    message = PRICE_TOO_SMALL


@transaction.atomic
def create_course(*, author: User, values: CourseValues) -> Course:
    """Make a course of ``author``. Refuses: 403 for who doesn't teach, then as ``update_course``."""
    if not author.may_teach:
        raise NotATeacher
    course = Course(instructor=author)
    with dropped_on_error(course):
        _apply(course, author, values)
        course.save(force_insert=True)
        _set_prerequisites(course, values.get("prerequisites", []))
        index_course(course.pk)
    _announce(course, values)
    return course


@transaction.atomic
def update_course(*, editor: User, course_id: int, values: CourseValues) -> Course:
    """Change what ``values`` names. Publishing sets ``published_at`` once, and brings an archived course back.

    Refuses: 404 for a course that is not the editor's to see, 403 for one that is not theirs to
    change or where ``is_trending`` would change and the editor is no admin, 400 for a price that can't be
    paid, an unknown category or prerequisite, and prerequisites that would lead back to the course.
    """
    course = course_to_change(editor, course_id)
    with dropped_on_error(course):
        changed = _apply(course, editor, values)
        if not {"grade", "subject"}.isdisjoint(values):
            hold_contents_of(course.pk)
        course.save(update_fields=changed)
        if "prerequisites" in values:
            _set_prerequisites(course, values["prerequisites"])
        refresh_course(course.pk)
        course.refresh_from_db(fields=["version"])
    _announce(course, values)
    return course


@transaction.atomic
def delete_or_archive_course(*, editor: User, course_id: int) -> None:
    """Remove a course that nobody was ever enrolled in or paid for; archive any other: its learners keep it,
    nobody else finds it.

    Refuses as ``update_course`` does.
    """
    course_to_change(editor, course_id)
    # The row's lock keeps out an enrolment between the question and the deletion.
    course = Course.objects.select_for_update().get(pk=course_id)
    if not _is_deleted(course):
        _archive(course)


def _is_deleted(course: Course) -> bool:
    try:
        course.delete()
    except ProtectedError:  # rooms and apps above keep what must outlive a course: enrolments, payments
        return False
    return True


def _archive(course: Course) -> None:
    course.is_published = False
    course.archived_at = course.archived_at or timezone.now()
    course.save(update_fields=["is_published", "archived_at"])
    refresh_course(course.pk)


def _apply(course: Course, editor: User, values: CourseValues) -> list[str]:
    """Set the columns that ``values`` names, and return all that may have changed."""
    if "is_trending" in values and values["is_trending"] != course.is_trending and not editor.is_admin:
        raise TrendingIsForAdmins
    if 0 < values.get("price_paise", 0) < LEAST_PAISE:
        raise PriceTooSmall(attr="price")
    columns: dict[str, Any] = {
        name: value for name, value in values.items() if name not in {"category", "prerequisites"}
    }
    if "category" in values:
        columns["category"] = _category(values["category"])
    if columns.get("is_published"):
        columns["published_at"] = course.published_at or timezone.now()
        columns["archived_at"] = None
    for name, value in columns.items():
        setattr(course, name, value)
    return list(columns)


def _announce(course: Course, values: CourseValues) -> None:
    if values.get("is_published"):
        publish_on_commit(CoursePublished(course.pk, at=timezone.now()))


def _category(category_id: int | None) -> Category | None:
    if category_id is None:
        return None
    category = Category.objects.filter(pk=category_id).first()
    if category is None:
        raise UnknownCategory(attr="category")
    return category


def _set_prerequisites(course: Course, ids: Collection[int]) -> None:
    # Seen by the course's instructor, not by the editor: an admin must not put a draft of somebody else's on show.
    wanted = set(ids)
    if wanted:
        one_edit_at_a_time()
    if leads_back(course, wanted):
        raise PrerequisiteLoop(attr="prerequisites")
    if Course.objects.visible_to(course.instructor).filter(pk__in=wanted).count() < len(wanted):
        raise UnknownPrerequisite(attr="prerequisites")
    course.prerequisites.set(wanted)


def one_edit_at_a_time() -> None:
    """Wait for any other edit of prerequisites, until the end of the transaction.

    Two courses made to need each other at the same moment would each see no loop. SQLite has one
    writer at a time by itself.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [_EDGES_LOCK])


def leads_back(course: Course, prerequisites: Collection[int]) -> bool:
    """Say whether ``course`` would have to be completed before itself if it needed these."""
    return course.pk in _needed_by(prerequisites)


def _needed_by(ids: Collection[int]) -> set[int]:
    """Return the given courses and every one that must be completed before them; a statement a step."""
    edges = Course.prerequisites.through.objects
    seen, frontier = set(ids), set(ids)
    while frontier:
        before = edges.filter(from_course_id__in=frontier).values_list("to_course_id", flat=True)
        frontier = set(before) - seen
        seen |= frontier
    return seen
