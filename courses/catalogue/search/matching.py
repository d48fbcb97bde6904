"""How each database answers a question: PostgreSQL by a tsvector and its index, SQLite by FTS5.

Words hold letters, digits and marks only (``words_of``), so that quoting one is always enough.
"""

from django.db import connection
from django.db.models import FloatField, Q
from django.db.models.expressions import RawSQL

from courses.catalogue.models import CourseRows
from courses.catalogue.search.asking import AskedWord, Question

# What any of the documents within has all words of is asked for all of them, anything else for any. The
# question is settled once, before the index is asked, so the index answers it alone.
_MATCH = {
    "postgresql": """SELECT course_id FROM courses_searchdocument
        WHERE vector @@ (CASE WHEN EXISTS ({within}) THEN %s::tsquery ELSE %s::tsquery END)""",
    "sqlite": """SELECT rowid FROM courses_searchindex
        WHERE courses_searchindex MATCH (CASE WHEN EXISTS ({within}) THEN %s ELSE %s END)""",
}
_HAS = {
    "postgresql": "SELECT course_id FROM courses_searchdocument WHERE vector @@ %s::tsquery",
    "sqlite": "SELECT rowid FROM courses_searchindex WHERE courses_searchindex MATCH %s",
}
# The weights put the title before keywords before the body; bm25 is better the lower it is.
_RANK = {
    "postgresql": """(SELECT ts_rank(d.vector, %s::tsquery) + ts_rank(d.vector, %s::tsquery)
        FROM courses_searchdocument d WHERE d.course_id = courses_course.id)""",
    "sqlite": """(SELECT -bm25(courses_searchindex, 10.0, 4.0, 1.0) FROM courses_searchindex
        WHERE courses_searchindex MATCH %s AND rowid = courses_course.id) +
        COALESCE((SELECT -bm25(courses_searchindex, 10.0, 4.0, 1.0) FROM courses_searchindex
        WHERE courses_searchindex MATCH %s AND rowid = courses_course.id), 0)""",
}


def found_by(question: Question, within: CourseRows) -> Q:
    """Return the condition of being found among the courses ``within``, for use on them.

    Found is what has all the words that count; where no course within has, what has any word. What
    lies outside decides nothing: a draft that matches better changes no stranger's answer.
    """
    if not question.words:
        return Q(pk__in=[])
    all_words, any_word = all_of(question), any_of(question)
    if all_words == any_word:
        return Q(pk__in=RawSQL(_HAS[connection.vendor], [any_word]))  # noqa: S611 - constant
    inner, values = having(all_words, within).order_by().values("pk").query.sql_with_params()
    statement = _MATCH[connection.vendor].format(within=inner)
    return Q(pk__in=RawSQL(statement, [*values, all_words, any_word]))  # noqa: S611 - written by the ORM and above


def having(words: str, within: CourseRows) -> CourseRows:
    """Return the courses ``within`` whose documents have ``words``, which are in the database's language."""
    return within.filter(pk__in=RawSQL(_HAS[connection.vendor], [words]))  # noqa: S611 - constant


def relevance(question: Question) -> RawSQL:
    """Return how well a course matches, for use on courses: the title first, words as typed before those like them."""
    statement = _RANK[connection.vendor]
    return RawSQL(statement, [any_of(question), as_typed(question)], output_field=FloatField())  # noqa: S611 - constant


def ranked(question: Question, courses: CourseRows) -> CourseRows:
    """Return ``courses`` with the best match first, then the most enrolled."""
    if not question.words:
        return courses.order_by("-id")
    return courses.annotate(relevance=relevance(question)).order_by("-relevance", "-enrolled_count", "-id")


def all_of(question: Question) -> str:
    """Return the question for all of its words that count, in the database's language."""
    return (" & " if _is_postgresql() else " AND ").join(_alternatives(word) for word in question.needed)


def any_of(question: Question) -> str:
    """Return the question for any of its words, in the database's language."""
    return (" | " if _is_postgresql() else " OR ").join(_alternatives(word) for word in question.words)


def as_typed(question: Question) -> str:
    """Return the question for any of its words with nothing in their place, in the database's language."""
    if _is_postgresql():
        return " | ".join(f"'{asked.word}'" for asked in question.words)
    return " OR ".join(f'"{asked.word}"' for asked in question.words)


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _alternatives(asked: AskedWord) -> str:
    """Return the word, or any of what may stand for it, in the database's language."""
    if _is_postgresql():
        # A beginning (:*) makes PostgreSQL expect half the index: it is asked for only where many words begin so, and
        # then instead of the few of them that are known.
        if asked.is_beginning:
            others = [term for term in asked.instead if not term.startswith(asked.word)]
            written = f"'{asked.word}':*"
        else:
            others, written = list(asked.instead), f"'{asked.word}'"
        return "(" + " | ".join([written, *(f"'{term}'" for term in others)]) + ")"
    return "(" + " OR ".join([f'"{asked.word}" *', *(f'"{term}"' for term in asked.instead)]) + ")"
