"""One course as its reader sees it: bytes kept per process under the course's version, and what is the reader's own.

What everybody sees alike is encoded once per version; what differs (locks, ticks, ``my``) is put
between the kept pieces. Which version is the current one, and all that is the reader's own, comes
with every request from one statement, so a write by the owner is seen at once in every process.
"""

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.api import LIVE_CALLER_SQL
from courses.catalogue.models import Content, Course, Module
from courses.catalogue.serializers import course_summary
from courses.learning.completion import percent_of
from e_learning.core.api.conditional import etag_of
from e_learning.core.api.errors import NotThere
from e_learning.core.api.renderers import to_json
from e_learning.core.api.tokens import AccessClaims, BadToken
from e_learning.core.statements import row_of

_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class ShownPage:
    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class _PageContent:
    """One content in the three forms that readers can see it in."""

    id: int
    closed: bytes
    open: bytes
    done: bytes


@dataclass(frozen=True, slots=True)
class _Page:
    """One version of one course.

    ``for_anyone`` is the answer without a token, ``closed`` all but ``my`` for readers whom nothing was
    opened to; for others ``pieces`` are put together, each bytes that all see alike or a content.
    """

    version: int
    for_anyone: ShownPage
    closed: bytes
    pieces: tuple[bytes | _PageContent, ...]
    content_ids: tuple[int, ...]


@dataclass(slots=True)
class _Reader:
    """What the one statement says of the course now and of who reads it."""

    version: int
    is_public: bool
    owner_id: int
    content_count: int
    caller_id: int | None = None
    is_admin: bool = False
    enrollment_id: int | None = None
    completed_count: int = 0
    is_bookmarked: bool = False
    completed_ids: Any = None

    @property
    def opens_all(self) -> bool:
        return bool(self.enrollment_id or self.is_admin or (self.caller_id and self.caller_id == self.owner_id))


_ANONYMOUS = """
    SELECT co.version, co.is_published AND co.archived_at IS NULL, co.instructor_id, co.content_count
    FROM courses_course co WHERE co.id = %(course_id)s
"""
_FOR_READER = """
    WITH caller AS ({live_caller})
    SELECT co.version, co.is_published AND co.archived_at IS NULL, co.instructor_id, co.content_count,
           caller.id, caller.is_admin, e.id, e.completed_count, b.id IS NOT NULL,
           CASE WHEN e.id IS NULL THEN NULL ELSE (
               SELECT {json_array}(p.content_id) FROM courses_progress p WHERE p.enrollment_id = e.id AND p.is_completed
           ) END
    FROM (SELECT 1) AS always
    LEFT JOIN caller ON TRUE
    LEFT JOIN courses_course co ON co.id = %(course_id)s
    LEFT JOIN courses_enrollment e ON e.course_id = co.id AND e.user_id = caller.id AND e.is_active
        AND (e.expiry_date IS NULL OR e.expiry_date > %(now)s)
    LEFT JOIN courses_bookmark b ON b.course_id = co.id AND b.user_id = caller.id
"""
_SIGNED_IN = {
    "postgresql": _FOR_READER.format(live_caller=LIVE_CALLER_SQL, json_array="json_agg"),
    "sqlite": _FOR_READER.format(live_caller=LIVE_CALLER_SQL, json_array="json_group_array"),
}

_kept: OrderedDict[int, _Page] = OrderedDict()
_lock = threading.Lock()


def course_page(*, course_id: int, caller: AccessClaims | None, now: datetime) -> ShownPage:
    """Return the JSON of ``GET courses/{id}/`` for this reader. No body of any content is in it.

    Refuses with 401 (the caller's session has ended) and 404 (absent, or a draft of somebody else's).
    One statement where this process has the course's version, five where it has not.
    """
    reader = _reader(course_id, caller, now)
    if not (reader.is_public or reader.opens_all):
        raise NotThere
    page = _kept.get(course_id)
    if page is None or page.version != reader.version:
        page = _keep(course_id)
    if reader.caller_id is None:
        return page.for_anyone
    done = _completed(reader)
    seen = _opened(page, done) if reader.opens_all else page.closed
    return _shown(seen, _my(page, reader, done))


def _shown(seen: bytes, my: bytes) -> ShownPage:
    body = b"".join((seen, b',"my":', my, b"}"))
    return ShownPage(body, etag_of(body))


def _reader(course_id: int, caller: AccessClaims | None, now: datetime) -> _Reader:
    values: dict[str, Any] = {"course_id": course_id}
    statement = _ANONYMOUS
    if caller is not None:
        statement = _SIGNED_IN[connection.vendor]
        values |= {
            "session_id": caller.session_id,
            "user_id": caller.user_id,
            "now": connection.ops.adapt_datetimefield_value(now),
        }
    row = row_of(statement, values)
    if caller is not None and (row is None or row[4] is None):
        raise BadToken
    if row is None or row[0] is None:
        raise NotThere
    return _Reader(*row)


def _opened(page: _Page, done: set[int]) -> bytes:
    return b"".join(
        [piece if isinstance(piece, bytes) else piece.done if piece.id in done else piece.open for piece in page.pieces]
    )


def _completed(reader: _Reader) -> set[int]:
    ids = reader.completed_ids
    return set(json.loads(ids) if isinstance(ids, str) else ids or ())


def _my(page: _Page, reader: _Reader, done: set[int]) -> bytes:
    enrolled = reader.enrollment_id is not None
    following = next((content_id for content_id in page.content_ids if content_id not in done), None)
    return to_json(
        {
            "is_enrolled": enrolled,
            "progress_percent": percent_of(reader.completed_count, reader.content_count) if enrolled else 0.0,
            "is_bookmarked": bool(reader.is_bookmarked),
            "next_content_id": following if enrolled else None,
        }
    )


def _keep(course_id: int) -> _Page:
    page = _built(course_id)
    with _lock:
        _kept[course_id] = page
        _kept.move_to_end(course_id)
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return page


def _built(course_id: int) -> _Page:
    # The version is read with the first of these statements and the rest after it: a write in between
    # leaves newer rows under an older version, which the next request sees as stale and builds again.
    course = Course.objects.select_related("category", "instructor").filter(pk=course_id).first()
    if course is None:
        raise NotThere
    prerequisites = list(course.prerequisites.order_by("id").values("id", "title"))
    modules: list[Any] = list(
        Module.objects.filter(course=course).order_by("order", "id").values("id", "title", "description", "order")
    )
    contents = Content.objects.filter(module__course=course).order_by("order", "id")
    by_module: dict[int, list[Any]] = {}
    for row in contents.values(
        "id", "module_id", "title", "section", "content_type", "video_duration", "is_preview", "order"
    ):
        by_module.setdefault(row["module_id"], []).append(row)
    head = course_summary(course) | {
        "description": course.description,
        "learning_objectives": course.learning_objectives,
        "prerequisites": prerequisites,
        "version": course.version,
    }
    pieces, ids = _pieces(head, modules, by_module)
    closed = b"".join([piece if isinstance(piece, bytes) else piece.closed for piece in pieces])
    return _Page(course.version, _shown(closed, b"null"), closed, tuple(pieces), tuple(ids))


def _pieces(
    head: dict[str, Any], modules: list[Any], by_module: dict[int, list[Any]]
) -> tuple[list[bytes | _PageContent], list[int]]:
    pieces: list[bytes | _PageContent] = [to_json(head)[:-1] + b',"modules":[']
    ids: list[int] = []
    for number, module in enumerate(modules):
        pieces.append((b"," if number else b"") + to_json(module)[:-1] + b',"contents":[')
        for place, row in enumerate(by_module.get(module["id"], [])):
            ids.append(row["id"])
            pieces.append(_page_content(row, first=place == 0))
        pieces.append(b"]}")
    pieces.append(b"]")
    return pieces, ids


def _page_content(row: dict[str, Any], *, first: bool) -> _PageContent:
    shown = {
        "id": row["id"],
        "title": row["title"],
        "section": row["section"],
        "content_type": row["content_type"],
        "duration": row["video_duration"],
        "is_preview": row["is_preview"],
        "order": row["order"],
    }
    start = (b"" if first else b",") + to_json(shown)[:-1] + b',"is_locked":'
    undone = b',"is_completed":false}'
    opened = start + b"false"
    closed = opened if row["is_preview"] else start + b"true"
    return _PageContent(row["id"], closed + undone, opened + undone, opened + b',"is_completed":true}')
