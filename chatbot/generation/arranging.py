"""Questions by rule from what stands in rows or is numbered: to be matched, or to be put in order. Pure."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from django.utils import translation
from django.utils.translation import gettext

from chatbot.generation.bodies import matching_body, ordering_body
from chatbot.generation.chance import seeded
from chatbot.generation.lesson import Reading
from chatbot.generation.making import Wanted, Written
from chatbot.providers.offline import language_of

ARRANGING_TYPES = ("matching", "ordering")
#: How many pairs are matched at once, by difficulty.
_MOST_PAIRS = {"easy": 4, "medium": 5, "hard": 7}
_MOST_STEPS = 8
_LONGEST_NAMED = 100


def arranging_questions(reading: Reading, wanted: Wanted, *, title: str) -> Iterator[Written]:
    """Yield a question for each table of two columns, list of terms and numbered list; hard ones have more to match."""
    types = wanted.question_types or ARRANGING_TYPES
    for rows in reading.rows if "matching" in types else ():
        pairs = rows.pairs
        if len(pairs) > _MOST_PAIRS[wanted.difficulty]:
            chosen = sorted(seeded(rows.quote).sample(range(len(pairs)), _MOST_PAIRS[wanted.difficulty]))
            pairs = tuple(pairs[place] for place in chosen)
        with translation.override(language_of(rows.quote)):
            text = gettext("Match each one on the left with what belongs to it: %(lefts)s") % {"lefts": _named(pairs)}
        yield Written(matching_body(wanted, text, pairs), rows.quote)
    for steps in reading.steps if "ordering" in types else ():
        if len(steps.steps) <= _MOST_STEPS:
            with translation.override(language_of(steps.quote)):
                text = gettext("Put the steps in the right order: %(about)s") % {"about": steps.heading or title}
            yield Written(ordering_body(wanted, text, steps.steps), steps.quote)


def _named(pairs: Sequence[tuple[str, str]]) -> str:
    """Return the lefts in short, so that two such questions are told apart."""
    return shorten(", ".join(left for left, _right in pairs), _LONGEST_NAMED, placeholder=" …")
