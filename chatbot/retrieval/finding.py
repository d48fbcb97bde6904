"""The one statement that finds chunks by their words, for each database.

A word that is rare in what the asker may open says more than one that is in all of it (idf), and a chunk with many of
the words says more than one with one of them often; in the title a word counts double, in the names of course and
module little. PostgreSQL doesn't rank words by how rare they are, and FTS5 does by all that is indexed, also what the
asker may not open. So both are asked for each word by itself, and what the words say together is summed up here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from e_learning.core.statements import planned_for_their_values, rows_of

#: Of the chunks with a word so many are looked at. A word that more have finds nothing, unless all are such.
MOST_OF_A_WORD = 300
#: Chunks of which it is asked how well they have the words, and of them those that are returned.
_CANDIDATES, _RETURNED = 60, 30
#: Chunks that are counted to know how rare a word is.
_MOST_COUNTED = 2_000
#: What is said in the content that the conversation is about counts so much more.
_HERE = 1.3

_STATEMENT = """
    WITH open_courses (course_id) AS MATERIALIZED ({open_courses}),
    hits AS MATERIALIZED ({hits}),
    size AS (
        SELECT count(*) AS chunks FROM (SELECT 1 FROM chatbot_chunk c WHERE {within} LIMIT {most_counted}) AS counted
    ),
    asked AS (
        SELECT n, count(*) AS hits,
            ln(1 + CAST({greatest}((SELECT chunks FROM size), count(*)) - count(*) + 0.5 AS double precision)
                / CAST(count(*) + 0.5 AS double precision)) AS idf
        FROM hits GROUP BY n
    ),
    best AS MATERIALIZED (
        SELECT hits.id, sum(asked.idf) *
            CASE WHEN hits.id IN (SELECT id FROM chatbot_chunk WHERE content_id = %s) THEN {here} ELSE 1.0 END AS weight
        FROM hits JOIN asked ON asked.n = hits.n
        WHERE asked.hits <= {most} OR NOT EXISTS (SELECT 1 FROM asked WHERE hits <= {most})
        GROUP BY hits.id ORDER BY weight DESC, hits.id LIMIT {candidates}
    ),
    strengths AS ({strengths}),
    scores AS (
        SELECT id, sum(idf * (0.5 + 0.5 * strength / greatest_strength)) AS score
        FROM (
            SELECT id, idf, strength, max(strength) OVER (PARTITION BY n) AS greatest_strength FROM strengths
        ) AS compared
        WHERE strength > 0 GROUP BY id
    )
    SELECT c.id, c.content_id, c.course_id, c.title, c.text, c.start_seconds,
        scores.score * CASE WHEN c.content_id = %s THEN {here} ELSE 1.0 END AS score
    FROM scores JOIN chatbot_chunk c ON c.id = scores.id
    ORDER BY score DESC, c.content_id, c."order" LIMIT {returned}
"""
_WITHIN = "c.course_id IN (SELECT open_courses.course_id FROM open_courses)"
_HIT = {
    "postgresql": """(SELECT {n} AS n, c.id FROM chatbot_chunk c
        WHERE c.lexemes @@ plainto_tsquery('english', %s) AND {within} LIMIT {most} + 1)""",
    # By the index of courses alone: no chunk is read that isn't among the best. The plus keeps the word in the lead.
    "sqlite": """SELECT * FROM (
        SELECT {n} AS n, rowid AS id, -bm25(chatbot_chunkindex, 2.0, 1.0, 0.2) AS strength FROM chatbot_chunkindex
        WHERE chatbot_chunkindex MATCH %s AND +rowid IN (SELECT c.id FROM chatbot_chunk c WHERE {within})
        LIMIT {most} + 1)""",
}
# The weights are those of D, C, B and A in the migration.
_STRENGTHS = {
    "postgresql": """
        SELECT best.id, asked.n, asked.idf,
            ts_rank('{{0.1, 0.1, 0.5, 1.0}}', c.lexemes, plainto_tsquery('english', words.word)) AS strength
        FROM best JOIN chatbot_chunk c ON c.id = best.id CROSS JOIN asked
        JOIN unnest(%s::text[]) WITH ORDINALITY AS words (word, place) ON words.place = asked.n + 1
    """,
    "sqlite": """
        SELECT hits.id, hits.n, asked.idf, hits.strength
        FROM hits JOIN best ON best.id = hits.id JOIN asked ON asked.n = hits.n
    """,
}


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A chunk and how well it has the words: the greater the better, and good for comparing within one answer."""

    id: int
    content_id: int
    course_id: int
    title: str
    text: str
    start_seconds: int | None
    score: float


def chunks_with(words: Sequence[str], *, courses: QuerySet[Any, int], content_id: int | None) -> list[FoundChunk]:
    """Return the chunks of ``courses`` (a queryset of ids) that have any of ``words``, the best first; one statement.

    ``words`` are cut by ``asked_words``: letters, digits and marks. None of them is written into the statement.
    """
    if not words:
        return []
    try:
        open_courses, of_asker = courses.query.sql_with_params()
    except EmptyResultSet:  # nothing is open
        return []
    vendor = connection.vendor
    on_postgresql = vendor == "postgresql"
    each = [_HIT[vendor].format(n=n, within=_WITHIN, most=MOST_OF_A_WORD) for n in range(len(words))]
    statement = _STATEMENT.format(
        open_courses=open_courses, hits=" UNION ALL ".join(each), within=_WITHIN, strengths=_STRENGTHS[vendor].format(),
        here=_HERE, greatest="greatest" if on_postgresql else "max",
        most=MOST_OF_A_WORD, most_counted=_MOST_COUNTED, candidates=_CANDIDATES, returned=_RETURNED,
    )  # fmt: skip
    # Between quotes a word is a word to FTS5, whatever it is.
    asked = list(words) if on_postgresql else [f'"{word}"' for word in words]
    about = content_id or 0
    values = [*of_asker, *asked, about, *([asked] if on_postgresql else []), about]
    with planned_for_their_values():
        return [FoundChunk(*row) for row in rows_of(statement, values)]
