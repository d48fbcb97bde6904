"""The sections of a search, each a statement of its own, asked together as one.

A section is a queryset of four columns: its name, an id, how well the row matches, and the row itself as
JSON. What is best is settled on the documents alone, and of them on the newest that match (``CANDIDATES``):
a beginning of three letters may be in every document, and ranking reads each.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Case, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import JSONObject, Left

from accounts.api import User
from courses.catalogue.models import Category, Content, Course, CourseRows
from courses.catalogue.search.asking import Question
from courses.catalogue.search.matching import all_of, any_of, as_typed
from e_learning.core.statements import planned_for_their_values

CANDIDATES = 100
#: Characters of a text (with its markup) that an excerpt is looked for in.
_MOST_READ = 50_000
_TEACHER = ("id", "username", "full_name", "profile_image")
_COURSE = (
    "id", "title", "summary", "description", "price_paise", "thumbnail", "level", "language", "subject", "grade",
    "rating", "rating_count", "enrolled_count", "duration", "content_count", "is_trending",
)  # fmt: skip

# A document whose course is not to be seen has no weight. The fence keeps PostgreSQL from joining all courses first
# where it takes the few documents it needs one by one. In the order of the key the walk over the documents of a word
# that is everywhere stops early; any other is answered by the index of words.
_CANDIDATES = """
    SELECT id, match, weight FROM (
        SELECT {table}.{answer} AS id, {rank} AS match, ({weight}) AS weight
        FROM {table} WHERE {has} AND {within} ORDER BY {table}.{key} DESC {fence}
    ) AS matching WHERE weight IS NOT NULL LIMIT {most}
"""
# Of several ways to be found, the best counts.
_BEST = """
    SELECT id FROM ({candidates}) AS candidates GROUP BY id ORDER BY max(match) DESC, max(weight) DESC, id LIMIT {limit}
"""
# What has all words; and where nothing has, what has any.
_ALL_ELSE_ANY = """
    WITH having_all AS MATERIALIZED ({having_all})
    SELECT * FROM having_all
    UNION ALL SELECT * FROM ({having_any}) AS having_any WHERE NOT EXISTS (SELECT 1 FROM having_all)
"""
_OBJECTS = {"category", "instructor"}
_FENCE = {"postgresql": "OFFSET 0", "sqlite": ""}


@dataclass(frozen=True, slots=True)
class _Index:
    """One full text index: its documents, and how each database asks it and ranks what it gives.

    ``columns`` limits SQLite's question to a part of the document, where PostgreSQL has a vector of its own.
    """

    table: str
    key: str
    vector: str
    fts: str
    weights: str
    columns: str = ""

    def has(self, words: str) -> tuple[str, list[Any]]:
        if connection.vendor == "postgresql":
            return f"{self.table}.{self.vector} @@ %s::tsquery", [words]
        within = f"SELECT rowid FROM {self.fts} WHERE {self.fts} MATCH %s"  # noqa: S608 - names from below
        return f"{self.table}.{self.key} IN ({within})", [self._limited(words)]

    def rank(self, question: Question, key: str) -> tuple[str, list[Any]]:
        """Return how well the document of ``key`` matches: by title first, what was typed before what is like it."""
        wanted = [any_of(question), as_typed(question)]
        if connection.vendor == "postgresql":
            by = f"ts_rank(d.{self.vector}, %s::tsquery) + ts_rank(d.{self.vector}, %s::tsquery)"
            return f"(SELECT {by} FROM {self.table} d WHERE d.{self.key} = {key})", wanted  # noqa: S608 - names
        one = (
            f"COALESCE((SELECT -bm25({self.fts}, {self.weights}) FROM {self.fts}"  # noqa: S608 - names from below
            f" WHERE {self.fts} MATCH %s AND rowid = {key}), 0)"
        )
        return f"({one} + {one})", [self._limited(words) for words in wanted]

    def _limited(self, words: str) -> str:
        return f"{{{self.columns}}} : ({words})" if self.columns else words


_OF_COURSES = _Index("courses_searchdocument", "course_id", "vector", "courses_searchindex", "10.0, 4.0, 1.0")
#: What anybody may read who knows of the course, and the texts of locked contents too.
_SHOWN = _Index(
    "courses_contentdocument", "content_id", "shown_vector", "courses_contentindex", "10.0, 4.0, 1.0, 1.0",
    columns="title keywords shown",
)  # fmt: skip
_WHOLE = _Index(
    "courses_contentdocument", "content_id", "vector", "courses_contentindex", "10.0, 4.0, 1.0, 1.0"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    """An index that a section asks; ``within`` are the courses it is asked about where these are not all visible.

    ``for_course``: it answers with the course of the document found, after all that match themselves.
    """

    index: _Index
    within: CourseRows | None = None
    for_course: bool = False


def courses_found(
    question: Question, *, visible: CourseRows, opened: CourseRows | None, limit: int
) -> QuerySet[Any, Any]:
    """Return the section ``courses`` of what is found among ``visible``, best first, then the most enrolled.

    After those found by their own texts come those with a content that is found, as in ``contents_found``.
    Rows are what ``courses.catalogue.serializers.course_summary`` shows, with the description.
    """
    best = _best(question, [_Part(_OF_COURSES), *_of_contents(opened, for_course=True)], visible=visible, limit=limit)
    teacher = User.objects.filter(pk=OuterRef("instructor_id")).values(row=JSONObject(**{n: n for n in _TEACHER}))
    category = Category.objects.filter(pk=OuterRef("category_id")).values(
        row=JSONObject(id="id", name="name", slug="slug")
    )
    row = JSONObject(
        **{name: name for name in _COURSE},
        category=Subquery(category),
        instructor=Subquery(teacher),
        is_public=_flag(Q(is_published=True, archived_at__isnull=True)),
    )
    match = _relevance(_OF_COURSES, question, "courses_course.id")
    found = Course.objects.filter(pk__in=best).annotate(relevance=match, row=row)
    ordered = found.order_by("-relevance", "-enrolled_count", "id")
    return ordered.values_list(Value("courses"), "id", "relevance", "row")


def contents_found(
    question: Question, *, visible: CourseRows, opened: CourseRows | None, limit: int
) -> QuerySet[Any, Any]:
    """Return the section ``contents`` of what is found in courses ``visible``, best first.

    The text of a content that is no preview decides nothing, and is not in the row, unless its course is
    among ``opened`` (some of the visible; None: all of them): by title, section and topic alone is it found
    by those who may not open it.
    """
    best = _best(question, _of_contents(opened), visible=visible, limit=limit)
    is_open = ~Q(pk=None) if opened is None else Q(is_preview=True) | Q(search_document__course__in=opened)
    course = Course.objects.filter(pk=OuterRef("search_document__course_id"))
    row = JSONObject(
        id="id",
        title="title",
        section="section",
        content_type="content_type",
        course_id="search_document__course_id",
        course_title=Subquery(course.values("title")),
        module_id="module_id",
        is_preview="is_preview",
        is_open=_flag(is_open),
        is_public=Subquery(course.values(flag=_flag(Q(is_published=True, archived_at__isnull=True)))),
        text=Case(When(is_open, then=Left("text_html", _MOST_READ)), default=Value("")),
    )
    match = Case(
        When(is_open, then=_relevance(_WHOLE, question, "courses_content.id")),
        default=_relevance(_SHOWN, question, "courses_content.id"),
    )
    found = Content.objects.filter(pk__in=best).annotate(relevance=match, row=row)
    ordered = found.order_by("-relevance", Subquery(course.values("enrolled_count")).desc(), "id")
    return ordered.values_list(Value("contents"), "id", "relevance", "row")


def rows_of(sections: Iterable[QuerySet[Any, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each section by its name, best first; one statement for all of them, none for none.

    A row's ``match`` is how well it matches: of a course that only its contents are found by, nothing.
    SQLite's JSON says 0 and 1 where PostgreSQL's says false and true.
    """
    statements: list[str] = []
    values: list[Any] = []
    for section in sections:
        try:
            statement, own_values = section.query.sql_with_params()
        except EmptyResultSet:  # nothing can be found, a caller without any course of their own for one
            continue
        statements.append(f"SELECT * FROM ({statement}) AS section_{len(statements)}")  # noqa: S608 - written by the ORM
        values.extend(own_values)
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if statements:
        with planned_for_their_values(), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements), values)
            # Nothing promises that UNION ALL keeps the order within its parts.
            found = sorted(cursor.fetchall(), key=lambda row: (row[0], -row[2]))
        for name, _id, match, row in found:
            rows[name].append(_from_json(row) | {"match": match})
    return rows


def _from_json(value: Any) -> Any:
    """Return a JSON object of the database's; one within another may come as text from SQLite."""
    if isinstance(value, str):
        value = json.loads(value)
    return {name: _from_json(inner) if name in _OBJECTS and inner else inner for name, inner in value.items()}


def _of_contents(opened: CourseRows | None, *, for_course: bool = False) -> list[_Part]:
    whole = _Part(_WHOLE, opened, for_course=for_course)
    return [whole] if opened is None else [_Part(_SHOWN, for_course=for_course), whole]


def _best(question: Question, parts: list[_Part], *, visible: CourseRows, limit: int) -> RawSQL:
    """Return a statement of the ids of the ``limit`` best of all ``parts``."""
    all_words, any_word = all_of(question), any_of(question)
    scopes = [scope for part in parts if (scope := _scope(part, visible))]
    having_all, values = _together(_candidates(question, all_words, scope) for scope in scopes)
    if all_words == any_word:
        return RawSQL(_BEST.format(candidates=having_all, limit=int(limit)), values)  # noqa: S611 - written by the ORM
    # A course with nothing but a content that has one of several words is no answer.
    themselves = [scope for scope in scopes if not scope.part.for_course]
    having_any, more = _together(_candidates(question, any_word, scope) for scope in themselves)
    candidates = _ALL_ELSE_ANY.format(having_all=having_all, having_any=having_any)
    statement = _BEST.format(candidates=candidates, limit=int(limit))
    return RawSQL(statement, [*values, *more])  # noqa: S611 - written by the ORM and above


def _together(parts: Iterable[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    """Return one statement for several. In brackets by a SELECT: SQLite takes no LIMIT within a UNION otherwise."""
    asked = list(parts)
    bracketed = [f"SELECT * FROM ({statement}) AS part" for statement, _own in asked]  # noqa: S608 - written below
    return " UNION ALL ".join(bracketed), [value for _statement, own in asked for value in own]


@dataclass(frozen=True, slots=True)
class _Scope:
    """A part with the statements of who is asking, which are written once for all words."""

    part: _Part
    weight: str
    weight_values: tuple[Any, ...]
    inside: str = "1 = 1"
    inside_values: tuple[Any, ...] = ()


def _scope(part: _Part, visible: CourseRows) -> _Scope | None:
    """Return the part's scope; None where nothing can be found in it."""
    table = part.index.table
    of_document = RawSQL(f"courses_course.id = {table}.course_id", [], output_field=BooleanField())  # noqa: S611 - constant
    try:
        weight = visible.filter(of_document).order_by().values("enrolled_count").query.sql_with_params()
        if part.within is None:
            return _Scope(part, *weight)
        ids, values = part.within.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return None
    return _Scope(part, *weight, f"{table}.course_id IN ({ids})", values)


def _candidates(question: Question, words: str, scope: _Scope) -> tuple[str, list[Any]]:
    """Return the statement of a part's candidates, and its values."""
    index, for_course = scope.part.index, scope.part.for_course
    rank, rank_values = ("0.0", []) if for_course else index.rank(question, f"{index.table}.{index.key}")
    has, has_values = index.has(words)
    statement = _CANDIDATES.format(
        table=index.table, key=index.key, answer="course_id" if for_course else index.key,
        rank=rank, weight=scope.weight, has=has, within=scope.inside, fence=_FENCE[connection.vendor], most=CANDIDATES,
    )  # fmt: skip
    return statement, [*rank_values, *scope.weight_values, *has_values, *scope.inside_values]


def _relevance(index: _Index, question: Question, key: str) -> RawSQL:
    rank, values = index.rank(question, key)
    return RawSQL(rank, values, output_field=FloatField())  # noqa: S611 - names of this module


def _flag(condition: Q) -> Combinable:
    return Case(When(condition, then=Value(value=True)), default=Value(value=False))
