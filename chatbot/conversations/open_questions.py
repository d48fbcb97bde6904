"""Whether a message asks what an open attempt of a quiz asks: then the tutor keeps off it.

Pure. Compared by terms, so that a question told in another order, in part or a little differently is known again.
"""

from collections.abc import Collection, Sequence

from chatbot.terms import is_same_term, terms_of

#: So much of a question's terms in a message is that question; of one with so few terms all must be there.
_SHARE, _FEW = 0.6, 2


def asks_one_of(questions: Sequence[str], *, said: str, before: Sequence[str] = ()) -> bool:
    """Say whether ``said`` asks one of ``questions``, by itself or together with what was said ``before``."""
    now = frozenset(terms_of(said))
    whole = now.union(*(terms_of(text) for text in before))
    return any(_is_asked(frozenset(terms_of(question)), now, whole) for question in questions)


def _is_asked(question: frozenset[str], now: Collection[str], whole: Collection[str]) -> bool:
    """A message that adds no term of the question asks something else, whatever was said before it."""
    if not question or not _shared(question, now):
        return False
    share = 1.0 if len(question) <= _FEW else _SHARE
    return _shared(question, whole) >= share * len(question)


def _shared(question: Collection[str], said: Collection[str]) -> int:
    return sum(term in said or any(is_same_term(term, word) for word in said) for term in question)
