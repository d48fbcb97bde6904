"""From what was typed to words that occur, in one statement."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from rapidfuzz.distance import OSA

from courses.catalogue.search.words import LONGEST_TERM, SHORTEST_TERM
from e_learning.core.words import words_of

MOST_WORDS = 8
_MOST_TYPED = 400
_MOST_CORRECTIONS = 8
_MOST_ENDINGS = 30

# Each row is one thing that may stand for one word:
#   begins  a term that begins with the word; one more than are used, to know whether these are all
#   stem    the word's English stem, where some term begins with it
#   near    where no term begins with the word: those nearest to it among the terms of about its length that
#           share a pair of letters with it at about the same place (migration 0004). Of a word of six with
#           two wrong letters or two that changed places there is always one; nearness by trigrams (pg_trgm),
#           which a short word may share none of with what was meant, finds too few.
# The ~>=~ operators compare bytes and so use the pattern index whatever the database's collation.
_LOOK_UP_POSTGRESQL = """
    SELECT w.n, found.kind, found.term
    FROM unnest(%s::text[]) WITH ORDINALITY AS w (word, n)
    CROSS JOIN LATERAL (SELECT EXISTS (
        SELECT 1 FROM courses_searchterm t WHERE t.term ~>=~ w.word AND t.term ~<~ (w.word || chr(1114111))
    ) AS known) k
    CROSS JOIN LATERAL (
        (SELECT 'begins' AS kind, t.term FROM courses_searchterm t
         WHERE t.term ~>=~ w.word AND t.term ~<~ (w.word || chr(1114111)) LIMIT 31)
        UNION ALL
        SELECT 'stem', stem FROM unnest(ts_lexize('english_stem', w.word)) AS stem WHERE EXISTS (
            SELECT 1 FROM courses_searchterm t WHERE t.term ~>=~ stem AND t.term ~<~ (stem || chr(1114111))
        )
        UNION ALL
        (SELECT 'near', t.term FROM courses_searchterm t
         WHERE NOT k.known AND t.pairs && courses_pairs_near(w.word)
           AND char_length(t.term) BETWEEN char_length(w.word) - 2 AND char_length(w.word) + 2
         ORDER BY levenshtein(t.term, w.word) LIMIT 60)
    ) found
"""

# The same, by reading the words of about that length: an embedded school has few. Stems are FTS5's own matter,
# and so are beginnings beyond the first.
_LOOK_UP_SQLITE = """
    WITH w AS MATERIALIZED (
        SELECT key + 1 AS n, value AS word, EXISTS (
            SELECT 1 FROM courses_searchterm t WHERE t.term >= value AND t.term < value || char(1114111)
        ) AS known
        FROM json_each(%s)
    )
    SELECT n, 'begins', word FROM w WHERE known
    UNION ALL
    SELECT w.n, 'near', t.term FROM w JOIN courses_searchterm t
        ON length(t.term) BETWEEN length(w.word) - 2 AND length(w.word) + 2
    WHERE NOT w.known
"""


@dataclass(frozen=True, slots=True)
class AskedWord:
    """One word as it was typed, with the known words that may stand for it in a document.

    ``is_beginning``: so many words begin with it that the index has to be asked for the beginning.
    ``corrections``: where no known word begins with it, those it may be meant for, the nearest first.
    """

    word: str
    instead: tuple[str, ...] = ()
    is_beginning: bool = False
    corrections: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether a document must have it: not so for a word that nothing known is near."""
        return bool(self.instead)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: words, of which a document should have all. No words: nothing is found."""

    words: tuple[AskedWord, ...]

    @property
    def needed(self) -> tuple[AskedWord, ...]:
        return tuple(word for word in self.words if word.counts) or self.words


def ask(typed: str) -> Question:
    """Return the question in ``typed``, in one statement (none where it holds no word).

    Any text is a question: what is no letter or digit only separates words; past eight words and
    400 characters the rest is dropped, and words of one or two letters are, beside longer ones.
    """
    words = list(dict.fromkeys(word[:LONGEST_TERM] for word in words_of(typed[:_MOST_TYPED])))
    long_enough = [word for word in words if len(word) >= SHORTEST_TERM]
    words = (long_enough or words)[:MOST_WORDS]
    return Question(_looked_up(words)) if words else Question(())


def _looked_up(words: list[str]) -> tuple[AskedWord, ...]:
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_LOOK_UP_POSTGRESQL, [words])
        else:
            cursor.execute(_LOOK_UP_SQLITE, [json.dumps(words)])
        for number, kind, term in cursor.fetchall():
            found[number, kind].add(term)
    return tuple(
        _asked(word, found[number, "begins"], found[number, "stem"], found[number, "near"])
        for number, word in enumerate(words, start=1)
    )


def _asked(word: str, begins: set[str], stem: set[str], near: set[str]) -> AskedWord:
    corrections = nearest(word, near)
    instead = {*begins, *stem, *corrections}
    return AskedWord(word, tuple(sorted(instead)), len(begins) > _MOST_ENDINGS, tuple(corrections))


def nearest(word: str, terms: Iterable[str]) -> list[str]:
    """Return the terms fewest typing errors away: at most one for up to four letters, two for more.

    Two neighbours that changed places are one error.
    """
    most = 1 if len(word) <= 4 else 2
    by_distance: dict[int, list[str]] = {}
    for term in terms:
        distance = OSA.distance(word, term, score_cutoff=most)
        if distance <= most:
            by_distance.setdefault(distance, []).append(term)
    return sorted(by_distance[min(by_distance)])[:_MOST_CORRECTIONS] if by_distance else []


def did_you_mean(question: Question, *, most: int = 3) -> list[str]:
    """Return the question with its misspelt words put right, likeliest first; nothing where all are known.

    The first has the nearest word in each place, each further one another word in one place.
    """
    if not any(asked.corrections for asked in question.words):
        return []
    best = [asked.corrections[0] if asked.corrections else asked.word for asked in question.words]
    meant = [" ".join(best)]
    for place, asked in enumerate(question.words):
        meant.extend(" ".join([*best[:place], other, *best[place + 1 :]]) for other in asked.corrections[1:])
    return meant[:most]
