"""Whether what was found holds an answer at all. Where it doesn't, the tutor says so instead of guessing. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.providers.base import Passage
from chatbot.terms import WEAK_TERMS, is_same_term, terms_of

#: What one passage must hold of what was asked, by weight. Tuned on half of the questions of benchmarks/tutor.
ENOUGH = 0.6
#: And of one that means nearly what was asked: it may say the rest in other words.
ENOUGH_WHERE_CLOSE = 0.45
_WEAK, _PLAIN = 0.3, 1.0
#: A name in the middle of a sentence; the first word of one is written large whatever it is.
_NAME = re.compile(r"(?<=[\w,;:] )([A-Z][a-z]{2,})\b")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question asks for: the weight of each term, and the terms without which nothing answers it."""

    weights: dict[str, float]
    needed: frozenset[str]


def is_answered_by(question: str, passages: Sequence[Passage]) -> bool:
    """Return whether one of ``passages`` speaks of what ``question`` asks: of every name and number in it, and of most
    of its other words, of which those in which any question is wrapped count little.
    """
    asked = _asked_in(question)
    return any(
        _coverage(asked, passage) >= (ENOUGH_WHERE_CLOSE if passage.is_close else ENOUGH) for passage in passages
    )


def _asked_in(question: str) -> _Asked:
    weights = {term: _WEAK if term in WEAK_TERMS else _PLAIN for term in terms_of(question)}
    named = {term for name in _NAME.findall(question) for term in terms_of(name)}
    needed = {term for term in weights if term in named or term.isdigit() or len(term) == 1}
    return _Asked(weights, frozenset(needed - WEAK_TERMS))


def _coverage(asked: _Asked, passage: Passage) -> float:
    """Return how much of what was asked the passage holds, 0 to 1; 0 where something needed is missing."""
    written = set(terms_of(f"{passage.title}\n{passage.text}"))
    held = {term for term in asked.weights if term in written or any(is_same_term(term, word) for word in written)}
    whole = sum(asked.weights.values())
    return sum(asked.weights[term] for term in held) / whole if whole and asked.needed <= held else 0.0
