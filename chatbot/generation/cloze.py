"""Questions by rule: a sentence of the content with a gap in it, or with one word exchanged. Pure.

The same content gives the same questions. **Difficulty**: easy asks for what the content says most often, with options
that are least alike; hard asks for what it says once, with options that are most alike; medium is in between.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from chatbot.generation.bodies import choice_body, fill_body, numeric_body, true_false_body
from chatbot.generation.chance import seeded
from chatbot.generation.gaps import CERTAIN, Gap, gaps_of, stems_in
from chatbot.generation.lesson import Reading
from chatbot.generation.making import Wanted, Written
from chatbot.generation.standing import is_told_to_do
from chatbot.generation.vocabulary import NUMBERS, Term, Vocabulary
from chatbot.terms import is_same_term, stem

#: The types that are made here; they take turns.
CLOZE_TYPES = ("fill_in_blank", "multiple_choice", "true_false", "numeric")
_WRONG_OPTIONS = 3


def cloze_questions(reading: Reading, vocabulary: Vocabulary, wanted: Wanted) -> Iterator[Written]:
    """Yield questions of the types wanted, in the order of ``gaps_of``; a sentence is asked about once."""
    types = [kind for kind in CLOZE_TYPES if kind in (wanted.question_types or CLOZE_TYPES)]
    made = Counter[str]()
    for gap in gaps_of(reading, vocabulary, wanted.difficulty):
        turns = seeded(gap.quote).sample(types, len(types))
        for kind in sorted(turns, key=lambda kind: made[kind] + _is_open(kind, gap)):
            body = _body(kind, gap, vocabulary, wanted)
            if body:
                made[kind] += 1
                yield Written(body, gap.quote)
                break


def wrong_options(gap: Gap, vocabulary: Vocabulary, difficulty: str) -> list[str]:
    """Return what could stand in the gap and doesn't: up to three terms of the same sort that the content says.

    None of them is said in the question itself, nor is another form of the right one or of each other.
    """
    said = stems_in(gap.quote)
    term, place = gap.term, gap.sentence.place
    fitting = [
        (text, abs(place - where))
        for text, where in vocabulary.of_sort(term.sort)
        if not said & stems_in(text) and _has_its_article(gap, text)
    ]
    fitting.sort(key=lambda one: (-_likeness(term.text, *one), one[0]))
    if difficulty == "easy":
        fitting.reverse()
    elif difficulty == "medium":
        seeded(gap.quote).shuffle(fitting)
    chosen: list[str] = []
    for text, _distance in fitting:
        if not any(is_same_term(stem(text.lower()), stem(other.lower())) for other in [*chosen, term.text]):
            chosen.append(text)
    return chosen[:_WRONG_OPTIONS]


# --- the question -------------------------------------------------------------------------------
def _body(kind: str, gap: Gap, vocabulary: Vocabulary, wanted: Wanted) -> dict[str, Any] | None:
    """Return the question of a type that a gap gives; None where it gives none."""
    if kind == "numeric":
        number = _number(gap.term)
        return None if number is None else numeric_body(wanted, gap.gapped, number)
    if kind == "fill_in_blank":
        return fill_body(wanted, gap.gapped, _accepted(gap.term))
    wrong = wrong_options(gap, vocabulary, wanted.difficulty)
    if kind == "true_false":
        return _true_or_false(gap, wrong, wanted)
    if len(wrong) < 2:
        return None
    options = [(gap.term.text, True), *((text, False) for text in wrong)]
    seeded(gap.quote).shuffle(options)
    return choice_body(wanted, "multiple_choice", gap.gapped, options)


def _true_or_false(gap: Gap, wrong: Sequence[str], wanted: Wanted) -> dict[str, Any] | None:
    """True as it stands, or false with one word exchanged. A noun exchanged may well leave a truth, so none is; and
    what tells somebody to do something is neither, nor is a piece of a sentence."""
    is_certain = gap.term.sort in CERTAIN or gap.term.is_defined
    if not wrong or not is_certain or gap.is_piece or is_told_to_do(gap.sentence):
        return None
    is_true = seeded(gap.quote).random() < 0.5
    statement = gap.quote if is_true else gap.with_term(wrong[0])
    return true_false_body(wanted, statement, is_true=is_true, language=gap.sentence.language)


def _is_open(kind: str, gap: Gap) -> bool:
    """Whether more words than the right one may come to mind: a plain noun is better chosen than filled in."""
    return kind == "fill_in_blank" and gap.term.sort not in CERTAIN and not gap.term.is_defined


def _number(term: Term) -> Decimal | None:
    if term.sort == "numeral":
        return Decimal(term.text.replace(",", ""))
    return Decimal(NUMBERS[term.text]) if term.sort == "number" else None


def _accepted(term: Term) -> list[str]:
    """Return what is right in the gap: a number in digits as well as in words."""
    number = _number(term)
    return list(dict.fromkeys([term.text, *([] if number is None else [f"{number:f}"])]))


def _has_its_article(gap: Gap, text: str) -> bool:
    """Whether ``text`` can follow the "a" or "an" that stands before the gap."""
    before = gap.sentence.text[: gap.term.start].lower().split()
    if not before or before[-1] not in ("a", "an"):
        return True
    return (text[0].lower() in "aeiou") == (before[-1] == "an")


def _likeness(right: str, text: str, distance: int) -> float:
    return fuzz.ratio(right, text) - min(distance, 50)
