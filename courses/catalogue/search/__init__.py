"""Finding courses and contents by what people type: full text, led past typing errors, on both databases.

``words`` cuts texts and questions into the same words; ``indexing`` writes them down with a course;
``asking`` turns what was typed into a question of those words; ``matching`` and ``finding`` are the places
that know how each database answers it, for the course list and for a search over everything; ``excerpts``
shows where; ``remembering`` keeps what was asked.
"""

from courses.catalogue.search.asking import Question, ask, did_you_mean, nearest
from courses.catalogue.search.excerpts import excerpt
from courses.catalogue.search.finding import contents_found, courses_found, rows_of
from courses.catalogue.search.indexing import index_course
from courses.catalogue.search.matching import found_by, ranked
from courses.catalogue.search.remembering import (
    forget_old_searches,
    popular_searches,
    recent_searches,
    remember_search,
    trending_searches,
)
from courses.catalogue.search.words import plain_text

__all__ = [
    "Question",
    "ask",
    "contents_found",
    "courses_found",
    "did_you_mean",
    "excerpt",
    "forget_old_searches",
    "found_by",
    "index_course",
    "nearest",
    "plain_text",
    "popular_searches",
    "ranked",
    "recent_searches",
    "remember_search",
    "rows_of",
    "trending_searches",
]
