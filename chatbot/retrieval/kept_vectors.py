"""Vectors in memory, a course at a time, compared by numpy: where the database doesn't do it.

A course's are read when it is asked about first, and again when ``IndexedCourse.vectors`` says that they changed. Each
process keeps so much at most, those asked about last; what doesn't fit is read for every question.

Imported where a model is configured only: numpy is no part of the embedded default.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import QuerySet

from chatbot.providers.embedding import Vector
from chatbot.retrieval.models import IndexedCourse
from e_learning.core.statements import rows_of

#: In one process: 125,000 chunks by wordllama, or 20,000 by a model of 1,536 numbers.
MOST_BYTES = 128 * 2**20
#: Courses that are read by one statement.
_COURSES_AT_ONCE = 100

_STATEMENT = """
    SELECT course_id, chunk_id, {numbers} FROM chatbot_chunkvector
    WHERE model = %s AND size = %s AND course_id IN ({courses}) ORDER BY course_id, chunk_id
"""
# As bytes: read as numbers one by one they would take a hundred times as long.
_NUMBERS = {"postgresql": "array_send(numbers)", "sqlite": "numbers"}
#: What PostgreSQL sends of an array of one dimension before its numbers: dimensions, nulls, type, length, start.
_HEAD_BYTES = 20


#: When a course's vectors changed last (``IndexedCourse.vectors``), by which model they are, and of which size.
_Stamp = tuple[UUID | None, str, int]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The vectors of a course as they were at ``stamp``: a row of ``matrix`` for each of ``chunk_ids``."""

    stamp: _Stamp
    chunk_ids: Any
    matrix: Any

    @property
    def bytes(self) -> int:
        return int(self.matrix.nbytes + self.chunk_ids.nbytes)


_kept: OrderedDict[int, _Kept] = OrderedDict()
_lock = Lock()


def nearest(vector: Vector, *, model: str, courses: QuerySet[Any, int], most: int) -> dict[int, float]:
    """Return the ids of those chunks of ``courses`` that lie nearest to ``vector``, each with its cosine.

    One statement, and one more for each hundred courses that are not here as they are now. Vectors by another model, or
    of another size, are not looked at.
    """
    asked = np.frombuffer(vector, dtype=np.float32)
    stamps = {
        course_id: (stamp, model, len(vector))
        for course_id, stamp in IndexedCourse.objects.filter(course__in=courses, vectors__isnull=False).values_list(
            "course_id", "vectors"
        )
    }
    compared = [(kept.chunk_ids, kept.matrix @ asked) for kept in _as_they_are(stamps)]
    if not compared:
        return {}
    ids, cosines = (np.concatenate(parts) for parts in zip(*compared, strict=True))
    best = np.argsort(-cosines, kind="stable")[:most]
    return dict(zip(ids[best].tolist(), cosines[best].tolist(), strict=True))


def _as_they_are(stamps: dict[int, _Stamp]) -> Iterator[_Kept]:
    """Yield the vectors of the courses, from memory where they are there with the same stamp."""
    missing = []
    for course_id, stamp in stamps.items():
        with _lock:
            kept = _kept.get(course_id)
            if kept is not None and kept.stamp == stamp:
                _kept.move_to_end(course_id)
        if kept is None or kept.stamp != stamp:
            missing.append(course_id)
        else:
            yield kept
    for first in range(0, len(missing), _COURSES_AT_ONCE):
        for course_id, kept in _read(missing[first : first + _COURSES_AT_ONCE], stamps):
            _keep(course_id, kept)
            yield kept


def _read(course_ids: Sequence[int], stamps: dict[int, _Stamp]) -> Iterator[tuple[int, _Kept]]:
    _stamp, model, size = stamps[course_ids[0]]
    statement = _STATEMENT.format(numbers=_NUMBERS[connection.vendor], courses=", ".join(["%s"] * len(course_ids)))
    rows: dict[int, list[tuple[int, bytes]]] = {course_id: [] for course_id in course_ids}
    for course_id, chunk_id, numbers in rows_of(statement, [model, size, *course_ids]):
        rows[course_id].append((chunk_id, bytes(numbers)))
    for course_id, found in rows.items():
        ids = np.array([chunk_id for chunk_id, _numbers in found], dtype=np.int64)
        yield course_id, _Kept(stamps[course_id], ids, _matrix([numbers for _id, numbers in found], size))


def _matrix(rows: list[bytes], size: int) -> Any:
    if connection.vendor == "sqlite":
        return np.frombuffer(b"".join(rows), dtype=np.float32).reshape(len(rows), size)
    number = np.dtype([("bytes", ">i4"), ("value", ">f4")])
    row = np.dtype([("head", f"V{_HEAD_BYTES}"), ("numbers", number, (size,))])
    return np.frombuffer(b"".join(rows), dtype=row)["numbers"]["value"].astype(np.float32)


def _keep(course_id: int, kept: _Kept) -> None:
    with _lock:
        _kept.pop(course_id, None)
        _kept[course_id] = kept
        while len(_kept) > 1 and sum(each.bytes for each in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
