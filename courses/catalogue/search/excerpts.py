"""A few words of a text around what was searched for."""

import re
import unicodedata

from courses.catalogue.search.asking import Question
from e_learning.core.words import NASALS, NUKTA

#: Characters of an excerpt, about: it begins and ends between words.
_LENGTH = 160
_BEFORE = 50


def excerpt(question: Question, *texts: str) -> str:
    """Return some 160 characters around the first word found, from the first of ``texts`` that holds one.

    Plain text, never markup: to be shown as text. The beginning of the first text that is not empty
    where no word is found; three dots stand for what is left out.
    """
    composed = [unicodedata.normalize("NFC", text) for text in texts if text]
    pattern = _pattern(question)
    for text in composed:
        if pattern and (match := pattern.search(text)):
            return _around(text, match.start())
    return _around(composed[0], 0) if composed else ""


def _pattern(question: Question) -> re.Pattern[str] | None:
    """Match the beginning of a word: as typed, or any that stands for it; the longer first."""
    words = {word for asked in question.words for word in (asked.word, *asked.instead)}
    if not words:
        return None
    any_word = "|".join(_spelt(word) for word in sorted(words, key=lambda word: (-len(word), word)))
    # A vowel sign is no letter to ``\\b``, so what comes before is asked for by itself.
    return re.compile(rf"(?<![^\W_])(?:{any_word})", re.IGNORECASE)


def _spelt(word: str) -> str:
    """Match ``word``, which ``words_of`` has cut, in a text that nobody has."""
    return "".join(f"[{NASALS}]" if letter in NASALS else re.escape(letter) + f"{NUKTA}?" for letter in word)


def _around(text: str, place: int) -> str:
    start = max(0, place - _BEFORE)
    if start:
        start = text.find(" ", start, place) + 1 or place
    end = min(len(text), start + _LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", start, end), place + 1) if " " in text[start:end] else end
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"
