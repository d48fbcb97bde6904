"""Chunks found by what they mean: those whose vectors lie nearest to the question's, whatever their words.

Every chunk of the courses open to the asker is compared, so none is missed: no approximate index is asked. PostgreSQL
does it by pgvector, where that is there; elsewhere vectors are kept in memory and compared by numpy.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from chatbot.providers.base import ProviderFailed
from chatbot.providers.embedding import WORDLLAMA, Vector, embedding_model, vectors_of
from chatbot.retrieval.finding import FoundChunk
from chatbot.retrieval.models import Chunk
from e_learning.core.statements import planned_for_their_values, rows_of

RETURNED = 30
#: A question doesn't wait longer for its vector: it is answered by its words alone then.
_MOST_SECONDS = 5.0
#: Characters of a question that are read.
_MOST_ASKED = 2_000
#: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion" (SIGIR 2009).
_K = 60
#: What the rank by meaning counts beside the rank by words. The small model is the worse judge of the two: as much as
#: words it would cost one right quotation in thirty (benchmarks/tutor).
_WEIGHTS = {WORDLLAMA: 0.5}

_BY_PGVECTOR = """
    WITH open_courses (course_id) AS MATERIALIZED ({open_courses}),
    near AS (
        SELECT v.chunk_id, -(v.numbers::vector <#> %s::real[]::vector) AS closeness
        FROM chatbot_chunkvector v
        WHERE v.course_id IN (SELECT open_courses.course_id FROM open_courses) AND v.model = %s AND v.size = %s
        ORDER BY closeness DESC, v.chunk_id LIMIT {returned}
    )
    SELECT c.id, c.content_id, c.course_id, c.title, c.text, c.start_seconds, near.closeness
    FROM near JOIN chatbot_chunk c ON c.id = near.chunk_id
    WHERE c.course_id IN (SELECT open_courses.course_id FROM open_courses)
    ORDER BY near.closeness DESC, c.id
"""


def chunks_near(question: str, *, asker_id: int | None, courses: QuerySet[Any, int]) -> list[FoundChunk]:
    """Return the chunks of ``courses`` (a queryset of ids) that mean what is most like ``question``, the nearest first.

    ``score`` is the cosine of both. None without a model, or where its server has no vector for the question by now.
    One statement by pgvector, else two, and one more for courses that are not in memory as they are now.
    """
    if not embedding_model():
        return []
    try:
        [vector] = vectors_of([question[:_MOST_ASKED]], user_id=asker_id, most_seconds=_MOST_SECONDS)
    except ProviderFailed:  # recorded, and logged
        return []
    if not vector:
        return []
    return _by_pgvector(vector, courses) if has_pgvector() else _in_memory(vector, courses)


def fused(by_words: Sequence[FoundChunk], by_meaning: Sequence[FoundChunk]) -> list[FoundChunk]:
    """Return the chunks of both lists, each once, by the sum of their reciprocal ranks; by words first where alike."""
    scores: defaultdict[int, float] = defaultdict(float)
    each: dict[int, FoundChunk] = {}
    for found, weight in ((by_words, 1.0), (by_meaning, _WEIGHTS.get(embedding_model(), 1.0))):
        for rank, chunk in enumerate(found, start=1):
            each.setdefault(chunk.id, chunk)
            scores[chunk.id] += weight / (_K + rank)
    return sorted(each.values(), key=lambda chunk: -scores[chunk.id])


@lru_cache(maxsize=1)
def has_pgvector() -> bool:
    """Whether this database compares vectors by itself; asked once a process."""
    if connection.vendor != "postgresql":
        return False
    [(there,)] = rows_of("SELECT to_regtype('vector') IS NOT NULL", [])
    return bool(there)


def _by_pgvector(vector: Vector, courses: QuerySet[Any, int]) -> list[FoundChunk]:
    try:
        open_courses, of_asker = courses.query.sql_with_params()
    except EmptyResultSet:  # nothing is open
        return []
    statement = _BY_PGVECTOR.format(open_courses=open_courses, returned=RETURNED)
    with planned_for_their_values():
        rows = rows_of(statement, [*of_asker, vector.tolist(), embedding_model(), len(vector)])
    return [FoundChunk(*row) for row in rows]


def _in_memory(vector: Vector, courses: QuerySet[Any, int]) -> list[FoundChunk]:
    from chatbot.retrieval.kept_vectors import nearest

    closeness = nearest(vector, model=embedding_model(), courses=courses, most=RETURNED)
    # Which courses are open is asked of the chunks themselves once more: what is in memory decides nothing.
    rows = Chunk.objects.filter(pk__in=closeness, course__in=courses).values_list(
        "pk", "content_id", "course_id", "title", "text", "start_seconds"
    )
    found = [FoundChunk(*row, closeness[row[0]]) for row in rows]
    return sorted(found, key=lambda chunk: (-chunk.score, chunk.id))
