"""Frequent questions: which are shown, and which one somebody asks."""

import re
import time
from dataclasses import dataclass

from django.db.models import QuerySet

from chatbot.faqs.models import Faq
from chatbot.faqs.placeholders import filled
from chatbot.terms import is_same_term, terms_of

ENGLISH = "en"
#: How alike a question and a way to ask it must be: twice what they share, by all that both have.
_ALIKE = 0.75
#: For so long a process goes by what it read: an edit in the admin is heard of within that time.
_KEPT_SECONDS = 60.0
#: Asks about words, not about the platform, unless the frequent question does so itself.
_OF_LANGUAGE = frozenset(
    terms_of(
        "say mean meaning sign english hindi spell spelling pronounce translate word letter sentence phrase "
        "अंग्रेज़ी हिन्दी हिंदी मतलब अर्थ बोलते कहते शब्द अक्षर वाक्य"
    )
)
#: What a course may be called, where a question names one: "a refund for Alphabet in Signs", "Spoken English का रिफ़ंड".
_COURSE_NAME = re.compile(
    r"\b(?:for|from) [A-Z]\w*(?: (?:[A-Z]\w*|in|of|and|the)\b)*"
    r"|[A-Z]\w*(?: (?:[A-Z]\w*|in|of|and|the))* (?=(?:का|की|के|से)\s)"
)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to ask a frequent question."""

    faq: Faq
    terms: frozenset[str]


_kept: dict[str, tuple[float, list[_Way]]] = {}


def faqs_shown(*, language: str, category: str = "", search: str = "") -> list[Faq]:
    """Return the published questions in ``language``, or in English where there are none in it. One statement.

    ``search``: those that have each of its words, or its beginning. A school has dozens: they are looked through here.
    """
    rows = list(_published().filter(language__in=[language, ENGLISH]))
    in_language = [faq for faq in rows if faq.language == language] or rows
    wanted = terms_of(search) or search.casefold().split()
    return [faq for faq in in_language if category in ("", faq.category) and all(_is_in(term, faq) for term in wanted)]


def faq_for(question: str, language: str) -> Faq | None:
    """Return the frequent question that ``question`` clearly is, its answer filled in; None where there is none.

    However long the question, what it has beyond the frequent one counts against it, but for the name of a course.
    ``language`` decides between equals. One statement, and none for a minute after it.
    """
    asked = frozenset(terms_of(_COURSE_NAME.sub("", question)))
    alike = [(_likeness(asked, way), way.faq.language == language, way.faq) for way in _ways()]
    best = max(alike, key=lambda one: one[:2], default=None)
    if best is None or best[0] < _ALIKE:
        return None
    row = best[2]
    return Faq(
        pk=row.pk,
        question=row.question,
        answer=filled(row.answer),
        other_words=row.other_words,
        category=row.category,
        language=row.language,
        order=row.order,
        is_published=row.is_published,
    )


def _published() -> QuerySet[Faq]:
    return Faq.objects.filter(is_published=True)


def _ways() -> list[_Way]:
    until, ways = _kept.get("ways", (0.0, []))
    if until < time.monotonic():
        ways = [
            _Way(faq, frozenset(terms))
            for faq in _published()
            for way in [faq.question, *faq.other_words.splitlines()]
            if (terms := terms_of(way))
        ]
        _kept["ways"] = time.monotonic() + _KEPT_SECONDS, ways
    return ways


def _likeness(asked: frozenset[str], way: _Way) -> float:
    """Return 0 to 1: how much of both is in both. 0 where it is a language that is asked about."""
    if (asked - way.terms) & _OF_LANGUAGE:
        return 0.0
    shared = sum(any(is_same_term(term, other) for other in way.terms) for term in asked)
    return 2 * shared / (len(asked) + len(way.terms))


def _is_in(term: str, faq: Faq) -> bool:
    written = terms_of(f"{faq.question} {faq.answer} {faq.other_words}")
    return any(word.startswith(term) or is_same_term(term, word) for word in written)
