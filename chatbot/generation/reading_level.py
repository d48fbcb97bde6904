"""How hard a text is to read. Pure.

English: the grade of Flesch and Kincaid (Kincaid et al., 1975), 0.39 × words a sentence + 11.8 × syllables a word −
15.59, with groups of vowels for syllables. Other languages, whose syllables nobody here counts: the index of Björnsson
(LIX, 1968), words a sentence + percent of long words.
"""

import re
from collections.abc import Collection
from functools import lru_cache

from chatbot.generation.lesson import WORD
from chatbot.providers.offline import language_of
from e_learning.core.words import words_of

_VOWELS = re.compile(r"[aeiouy]+")
_ENDS = re.compile(r"[.!?…।॥]+(?=\s|$|[\"'”’)])")
_LONG_WORD = 7
#: A formula says nothing of a text of fewer words.
LEAST_WORDS = 8
#: By how much a question may be harder than what it is made from: some four years of school, or as much of LIX.
MARGIN = {"en": 4.0, "hi": 16.0}


def level_of(text: str, *, familiar: Collection[str] = (), language: str = "") -> float:
    """Return how hard ``text`` is; higher is harder, and levels are compared within a language only.

    A word of ``familiar`` (as ``words_of`` cuts it) is not what makes a text hard, however long it is.
    """
    words = [match[0] for match in WORD.finditer(text)]
    if not words:
        return 0.0
    sentences = len(_ENDS.findall(text)) or 1
    strange = [word for word in words if not familiar or not set(words_of(word)) <= set(familiar)]
    if (language or language_of(text)) == "en":
        syllables = len(words) - len(strange) + sum(_syllables(word) for word in strange)
        return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59
    long = sum(len(word) >= _LONG_WORD for word in strange)
    return len(words) / sentences + 100 * long / len(words)


def is_harder(text: str, *, than: str) -> bool:
    """Whether ``text`` is harder than ``than`` by more than the margin, its words counted as familiar."""
    if len(WORD.findall(text)) < LEAST_WORDS:
        return False
    language = language_of(text)
    familiar, level = _measured(than, language)
    return level_of(text, familiar=familiar, language=language) > level + MARGIN[language]


@lru_cache(maxsize=4)
def _measured(text: str, language: str) -> tuple[frozenset[str], float]:
    """Return the words of a content and its level. Every question about it asks."""
    return frozenset(words_of(text)), level_of(text, language=language)


def _syllables(word: str) -> int:
    lowered = word.lower()
    silent = lowered.endswith("e") and not lowered.endswith(("le", "ee"))
    return max(1, len(_VOWELS.findall(lowered)) - silent)
