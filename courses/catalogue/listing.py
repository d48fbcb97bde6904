"""The course list: which courses, in which order, and what would narrow them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, OrderBy, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower
from django.utils.translation import get_language_info

from accounts.api import User
from courses.catalogue.models import Course, CourseRows
from courses.catalogue.search import ask, found_by, ranked
from e_learning.core.api.paths import MOST_ID

# UNION without ALL: it ends also where somebody has tied the tree into a ring.
_CATEGORY_AND_BELOW = """
    WITH RECURSIVE below AS (
        SELECT id FROM courses_category WHERE {column} = %s
        UNION SELECT c.id FROM courses_category c JOIN below ON c.parent_id = below.id
    ) SELECT id FROM below
"""
_COUNTS = """
    WITH matching AS ({matching})
    SELECT 'total', NULL, NULL, count(*) FROM matching
    UNION ALL SELECT 'category', CAST(c.id AS varchar(100)), c.name, count(*)
        FROM matching m JOIN courses_category c ON c.id = m.category_id GROUP BY c.id, c.name
    UNION ALL SELECT 'level', level, NULL, count(*) FROM matching GROUP BY level
    UNION ALL SELECT 'language', language, NULL, count(*) FROM matching GROUP BY language
    UNION ALL SELECT 'subject', subject, NULL, count(*) FROM matching WHERE subject <> '' GROUP BY subject
    UNION ALL SELECT 'grade', grade, NULL, count(*) FROM matching WHERE grade <> '' GROUP BY grade
"""
_FACETS = ("category", "level", "language", "subject", "grade")
#: Best first; a minus sign turns each round. A draft has no date yet and is the latest of all.
_ORDERS: dict[str, tuple[OrderBy, OrderBy]] = {
    "popularity": (F("enrolled_count").desc(), F("enrolled_count").asc()),
    "rating": (F("rating").desc(), F("rating").asc()),
    "recent": (F("published_at").desc(nulls_first=True), F("published_at").asc(nulls_last=True)),
    "title": (Lower("title").asc(), Lower("title").desc()),
    "price": (F("price_paise").asc(), F("price_paise").desc()),
}


@dataclass(frozen=True, slots=True)
class CourseQuery:
    """What the list is asked; an empty value asks nothing. ``category`` is an id or a slug and takes in those below."""

    search: str = ""
    category: str = ""
    level: str = ""
    language: str = ""
    subject: str = ""
    grade: str = ""
    is_free: bool | None = None
    is_trending: bool | None = None
    min_rating: Decimal | None = None
    ordering: str = ""


def courses_asked_for(user: User | AnonymousUser, query: CourseQuery) -> CourseRows:
    """Return the courses that ``user`` may see listed and ``query`` asks for, in its order, ready to be shown.

    One statement is run here when there is a search (for the words meant), and none otherwise.
    """
    courses = Course.objects.listed_for(user).filter(_narrowed(query))
    shown = courses.select_related("category", "instructor")
    if not query.search.strip():
        return _in_order(shown, query.ordering or "recent")
    question = ask(query.search)
    found = shown.filter(found_by(question, within=courses))
    return _in_order(found, query.ordering) if query.ordering else ranked(question, found)


def _narrowed(query: CourseQuery) -> Q:
    wanted = Q()
    for name in _FACETS[1:]:
        if value := getattr(query, name):
            wanted &= Q(**{name: value})
    if query.category:
        wanted &= _category_and_below(query.category)
    if query.is_free is not None:
        wanted &= Q(price_paise=0) if query.is_free else Q(price_paise__gt=0)
    if query.is_trending is not None:
        wanted &= Q(is_trending=query.is_trending)
    if query.min_rating is not None:
        wanted &= Q(rating__gte=query.min_rating)
    return wanted


def _category_and_below(category: str) -> Q:
    by_id = category.isascii() and category.isdigit()
    if by_id and int(category) > MOST_ID:
        return Q(pk__in=[])
    statement = _CATEGORY_AND_BELOW.format(column="id" if by_id else "slug")
    return Q(category_id__in=RawSQL(statement, [int(category) if by_id else category]))  # noqa: S611 - two constants


def _in_order(courses: CourseRows, ordering: str) -> CourseRows:
    backwards = ordering.startswith("-")
    return courses.order_by(_ORDERS[ordering.removeprefix("-")][backwards], "-id")


def counts_of(courses: CourseRows) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Return how many courses there are and the contract's ``filters``, frequent values first, in one statement."""
    total = 0
    filters: dict[str, list[dict[str, Any]]] = {name: [] for name in _FACETS}
    columns = courses.order_by().values("category_id", *_FACETS[1:])
    try:
        matching, values = columns.query.sql_with_params()
    except EmptyResultSet:  # nothing can match, a search of no words for one: there is no statement to ask
        return total, filters
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(matching=matching), values)
        rows = cursor.fetchall()
    for kind, value, label, count in rows:
        if kind == "total":
            total = count
        else:
            filters[kind].append(_counted(kind, value, label, count))
    for entries in filters.values():
        entries.sort(key=lambda entry: (-entry["count"], entry["label"]))
    return total, filters


def _counted(kind: str, value: str, label: str | None, count: int) -> dict[str, Any]:
    if kind == "category":
        return {"value": int(value), "label": label, "count": count}
    if kind == "level":
        return {"value": value, "label": str(Course.Level(value).label), "count": count}
    if kind == "language":
        return {"value": value, "label": _language_label(value), "count": count}
    return {"value": value, "label": value, "count": count}


def _language_label(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
