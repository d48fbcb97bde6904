"""Where a content can be asked about by rule: one term of a sentence, left out. Pure.

What can be asked about best comes first. What comes after it needs its owner's eye more, and is there so that who asks
for ten drafts of a lesson is given ten of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chatbot.generation.lesson import WORD, Reading, Sentence, is_whole
from chatbot.generation.standing import (
    is_told_to_do,
    looks_back,
    stands_alone,
    with_what_it_looks_back_to,
)
from chatbot.generation.vocabulary import Term, Vocabulary
from chatbot.terms import stem

GAP = "_____"
#: Sorts of which hardly two stand right in the same gap.
CERTAIN = ("name", "number", "numeral")
_LEAST_WORDS, _LONGEST, _MOST_BEFORE = 6, 420, 3
#: Speech that a machine wrote down has no sentences: so many words before and after the gap are asked about.
_WORDS_AROUND = 9


@dataclass(frozen=True, slots=True)
class Gap:
    """A term of a sentence to be asked for. ``before`` is what has to be read with it, as it stands before it.

    ``is_piece``: the sentence is a piece of one, and is shown as such.
    """

    sentence: Sentence
    term: Term
    before: str = ""
    is_piece: bool = False

    @property
    def quote(self) -> str:
        return f"{self.before}{self.sentence.text}"

    @property
    def gapped(self) -> str:
        return self.with_term(GAP)

    def with_term(self, text: str) -> str:
        whole = self.sentence.text
        said = f"{self.before}{whole[: self.term.start]}{text}{whole[self.term.end :]}"
        return f"… {said} …" if self.is_piece else said


def gaps_of(reading: Reading, vocabulary: Vocabulary, difficulty: str) -> Iterator[Gap]:
    """Yield one gap a sentence, the best first within each of these, one after the other.

    1. sentences that stand alone, and what is defined with the sentences before it
    2. sentences to be read with those before them
    3. any whole sentence, also of a task or of the page
    4. the same, where nothing but a plain word can be asked for
    5. pieces of what has no sentences
    """
    asked = set[str]()
    for gaps_in in (_telling, _with_before, _whole, _of_plain_words, _pieces):
        gaps = [gap for sentence in reading.sentences for gap in gaps_in(sentence, vocabulary)]
        for gap in ranked(gaps, vocabulary, difficulty):
            said = gap.sentence.text.casefold()  # a sentence that the content says twice is asked about once
            if said not in asked:
                asked.add(said)
                yield gap


def ranked(gaps: Iterable[Gap], vocabulary: Vocabulary, difficulty: str) -> list[Gap]:
    """Return the gaps, those most worth asking first; without those that more than one term of the content fills."""
    gaps = list(gaps)
    answers: dict[str, set[str]] = {}
    for gap in gaps:
        answers.setdefault(gap.gapped.casefold(), set()).add(gap.term.text.casefold())
    certain = [gap for gap in gaps if len(answers[gap.gapped.casefold()]) == 1]
    worth = {gap: _worth(gap, vocabulary, difficulty) for gap in certain}
    return sorted(certain, key=lambda gap: (-worth[gap], gap.sentence.place, gap.term.start))


def stems_in(text: str) -> set[str]:
    return {stem(match[0].lower()) for match in WORD.finditer(text)}


# --- which sentences ----------------------------------------------------------------------------
def _telling(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    alone = stands_alone(sentence)
    for term in vocabulary.terms_in(sentence):
        if alone:
            yield Gap(sentence, term)
        elif term.is_defined:
            yield from _read_with(with_what_it_looks_back_to(sentence), sentence, term)


def _with_before(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    before = with_what_it_looks_back_to(sentence)
    for term in vocabulary.terms_in(sentence):
        yield from _read_with(before, sentence, term)


def _whole(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    before = _all_before(sentence)
    for term in vocabulary.terms_in(sentence):
        yield from _read_with(before, sentence, term)


def _of_plain_words(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    before = _all_before(sentence)
    for term in vocabulary.plain_words_in(sentence):
        yield from _read_with(before, sentence, term)


def _pieces(sentence: Sentence, vocabulary: Vocabulary) -> Iterator[Gap]:
    """Yield gaps in pieces of a sentence that is none, each piece with one gap and none of it in two."""
    if is_whole(sentence.text) or len(sentence.text) <= _LONGEST:
        return
    words = list(WORD.finditer(sentence.text))
    free_from = 0
    for term in sorted(vocabulary.terms_in(sentence), key=lambda term: term.start):
        place = next(place for place, word in enumerate(words) if word.end() > term.start)
        first, last = place - _WORDS_AROUND, place + _WORDS_AROUND
        if first >= free_from and last < len(words):
            start, end = words[first].start(), words[last].end()
            piece = replace(sentence, text=sentence.text[start:end], before=())
            inside = replace(term, start=term.start - start, end=term.end - start)
            yield Gap(piece, inside, is_piece=True)
            free_from = last + 1


def _read_with(before: str | None, sentence: Sentence, term: Term) -> Iterator[Gap]:
    """Yield the gap where what is read before it doesn't say what is asked for."""
    if before is not None and not term.stems & stems_in(before):
        yield Gap(sentence, term, before)


def _all_before(sentence: Sentence) -> str | None:
    """Return what a whole sentence is read with: as many before it as fit; None where it is none, or needs what isn't
    there.
    """
    text = sentence.text
    if not is_whole(text) or len(text) > _LONGEST or len(WORD.findall(text)) < _LEAST_WORDS or text[0].islower():
        return None
    if is_told_to_do(sentence):
        return None
    if not looks_back(text):
        return ""
    before = ""
    for earlier in reversed(sentence.before[-_MOST_BEFORE:]):
        if len(earlier) + len(before) + len(text) > _LONGEST:
            break
        before = f"{earlier} {before}"
        if not looks_back(earlier):
            return before
    return before or None


def _worth(gap: Gap, vocabulary: Vocabulary, difficulty: str) -> float:
    """Return how much a gap is worth asking for: what is defined most, then names and numbers, then nouns."""
    term, times = gap.term, vocabulary.times_said(gap.term)
    worth = 3.0 if term.is_defined else {"name": 2.0, "number": 1.6, "numeral": 2.0}.get(term.sort, 0.5)
    worth += 0.1 * min(len(term.text), 10)
    worth += {"easy": 0.5 * min(times, 4), "medium": 0.2 * min(times, 3), "hard": -0.5 * min(times, 4)}[difficulty]
    return worth - 0.5 * (term.start == 0)
