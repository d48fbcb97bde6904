"""Search over everything: what each room finds, put together for one caller in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import F, QuerySet, Value
from django.db.models.functions import JSONObject

from accounts.api import Role, User, nearest_in_name
from courses.catalogue.models import Category, Course, CourseRows
from courses.catalogue.search import (
    Question,
    ask,
    contents_found,
    courses_found,
    did_you_mean,
    excerpt,
    nearest,
    plain_text,
    popular_searches,
    recent_searches,
    remember_search,
    rows_of,
    trending_searches,
)
from courses.catalogue.serializers import course_summary
from courses.learning.access import courses_known_to, courses_open_to
from courses.learning.models import Enrollment
from e_learning.core.words import words_of

_NO_COLUMNS = {"category", "instructor", "is_public", "match"}
SECTIONS = ("courses", "contents", "vocabulary", "users")
#: People whose names are compared with what was typed: the likest by trigrams, where the database knows those.
_MOST_PEOPLE = {"postgresql": 60, "sqlite": 2_000}


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is searched for. No sections, and no words, find nothing; ``language`` is a course's."""

    typed: str = ""
    sections: Collection[str] = SECTIONS
    language: str = ""
    limit: int = 10


def search_page(*, user: User | AnonymousUser, query: SearchQuery, at: datetime) -> dict[str, Any]:
    """Return the body of ``GET search/``: of each section the best ``limit``, in what ``user`` may see.

    Three statements on PostgreSQL: the words meant, what is found, and for somebody signed in who found
    something the keeping of the question. ``vocabulary`` is empty as long as no room has words to learn.
    """
    question = ask(query.typed)
    rows = rows_of(_sections(user, query, question)) if question.words else {}
    found = {
        "courses": [_course(question, row) for row in rows.get("courses", [])],
        "contents": [_content(question, row) for row in rows.get("contents", [])],
        "vocabulary": [],
        "users": _called(question, rows.get("users", []))[: query.limit],
    }
    if user.is_authenticated and any(found.values()):
        remember_search(user=user, typed=query.typed, is_public=_is_public(rows), at=at)
    return {**found, "suggestions": did_you_mean(question)}


def suggestions_page(*, user: User, beginning: str, at: datetime) -> dict[str, list[str]]:
    """Return the body of ``GET search/suggestions/``: ten of each at most, of those that begin with ``beginning``."""
    return {
        "recent": recent_searches(user, beginning=beginning),
        "popular": popular_searches(beginning=beginning),
        "trending": trending_searches(at=at, beginning=beginning),
    }


def people_findable_by(viewer: User) -> QuerySet[User]:
    """Return whom ``viewer`` may find by name: who teaches, and for a teacher the learners of their own courses.

    Learners, children among them, are nobody else's to look up, also not those of the same course: anybody
    can join a free one. An admin finds everybody.
    """
    people = User.objects.filter(is_active=True)
    if viewer.is_admin:
        return people
    teachers = User.objects.filter(role=Role.INSTRUCTOR).order_by().values("pk")
    own_learners = Enrollment.objects.filter(course__instructor=viewer, is_active=True).order_by().values("user_id")
    return people.filter(pk__in=teachers.union(own_learners))


def _sections(user: User | AnonymousUser, query: SearchQuery, question: Question) -> list[QuerySet[Any, Any]]:
    visible = _in_language(courses_known_to(user), query)
    # To an admin everything visible is open.
    opened = None if user.is_authenticated and user.is_admin else courses_open_to(user)
    sections: list[QuerySet[Any, Any]] = []
    if "courses" in query.sections:
        sections.append(courses_found(question, visible=visible, opened=opened, limit=query.limit))
    if "contents" in query.sections:
        sections.append(contents_found(question, visible=visible, opened=opened, limit=query.limit))
    if "users" in query.sections and isinstance(user, User):
        sections.append(_people_found(user, question))
    return sections


def _in_language(courses: CourseRows, query: SearchQuery) -> CourseRows:
    return courses.filter(language=query.language) if query.language else courses


def _people_found(viewer: User, question: Question) -> QuerySet[Any, Any]:
    people = nearest_in_name(people_findable_by(viewer), " ".join(asked.word for asked in question.words))
    row = JSONObject(id="id", username="username", full_name="full_name", profile_image="profile_image", role="role")
    nearness = Value(0.0) - F("name_distance")
    return people.values_list(Value("users"), "id", nearness, row)[: _MOST_PEOPLE[connection.vendor]]


def _course(question: Question, row: dict[str, Any]) -> dict[str, Any]:
    """Return a course as the list shows it, by the same function: from the row as JSON, without a statement."""
    fields = {name: value for name, value in row.items() if name not in _NO_COLUMNS}
    category, teacher = row["category"], row["instructor"]
    course = Course(
        **fields | {"is_trending": bool(row["is_trending"])},
        instructor=User(**teacher),
        category=Category(**category) if category else None,
    )
    text = plain_text(course.description)
    return course_summary(course) | {"snippet": excerpt(question, course.summary, text)}


def _content(question: Question, row: dict[str, Any]) -> dict[str, Any]:
    """Return a content as found. The excerpt of a locked one comes from its section or title."""
    names = ("id", "title", "content_type", "course_id", "course_title", "module_id")
    return {name: row[name] for name in names} | {
        "is_locked": not row["is_open"],
        "is_preview": bool(row["is_preview"]),
        "snippet": excerpt(question, plain_text(row["text"]), row["section"], row["title"]),
    }


def _called(question: Question, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the people whose name has all the words asked for, misspelt or begun, the exactly named first."""
    placed = []
    for place, row in enumerate(rows):
        name = words_of(f"{row['full_name']} {row['username']}")
        if all(_names(asked.word, name) for asked in question.words):
            exact = sum(asked.word in name for asked in question.words)
            placed.append((-exact, place, row))
    return [_person(row) for _exact, _place, row in sorted(placed, key=lambda found: found[:2])]


def _names(word: str, name: list[str]) -> bool:
    return any(part.startswith(word) for part in name) or bool(nearest(word, name))


def _person(row: dict[str, Any]) -> dict[str, Any]:
    image = User(profile_image=row["profile_image"]).profile_image
    return {
        "id": row["id"],
        "username": row["username"],
        "full_name": row["full_name"],
        "profile_image": image.url if image else None,
        "role": row["role"],
    }


def _is_public(rows: dict[str, list[dict[str, Any]]]) -> bool:
    """Say whether a stranger finds something by the same words: a text that only its learners read is no answer."""
    courses = [row for row in rows.get("courses", []) if row["match"] > 0]
    contents = [row for row in rows.get("contents", []) if row["is_preview"] or not row["is_open"]]
    return any(row["is_public"] for row in [*courses, *contents])
