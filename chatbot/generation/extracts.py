"""Summaries and flashcards by rule: what the content says itself, word for word. Pure."""

from collections import Counter
from collections.abc import Iterator
from math import sqrt

from chatbot.generation.gaps import gaps_of
from chatbot.generation.lesson import Reading, Sentence, is_whole
from chatbot.generation.making import Wanted, Written
from chatbot.generation.standing import stands_alone, with_what_it_looks_back_to
from chatbot.generation.vocabulary import Vocabulary
from chatbot.terms import WEAK_TERMS, terms_of

#: A summary is a third of the sentences, within these.
_LEAST_SENTENCES, _MOST_SENTENCES, _ONE_OF = 2, 8, 3
_FIRST_GAIN, _TITLE_GAIN = 1.2, 0.5
_SHORTEST = 25


def summaries(reading: Reading, *, title: str) -> Iterator[Written]:
    """Yield one summary: the sentences that say most of what the content speaks of, as they stand and in their order.

    None of a content that has hardly more sentences than a summary would.
    """
    telling = [one for one in reading.sentences if len(one.text) >= _SHORTEST and is_whole(one.text)]
    count = max(_LEAST_SENTENCES, min(_MOST_SENTENCES, len(telling) // _ONE_OF))
    if len(telling) <= count:
        return
    worth = _worth(telling, title)
    chosen: list[Sentence] = []
    for sentence in sorted(telling, key=lambda one: (-worth[one.place], one.place)):
        if stands_alone(sentence) and sentence.text not in {one.text for one in chosen}:
            chosen.append(sentence)
        if len(chosen) == count:
            break
    if len(chosen) == count:
        in_order = sorted(chosen, key=lambda one: one.place)
        yield Written({"text": " ".join(one.text for one in in_order)}, chosen[0].text)


def cards(reading: Reading, vocabulary: Vocabulary, wanted: Wanted) -> Iterator[Written]:
    """Yield cards: what is defined and the sentence that says so; what stands in rows; then sentences with a gap."""
    for sentence in reading.sentences:
        for term in vocabulary.terms_in(sentence):
            before = with_what_it_looks_back_to(sentence) if term.is_defined else None
            if before is not None:
                whole = f"{before}{sentence.text}"
                yield Written({"front": term.text, "back": whole}, whole)
    for rows in reading.rows:
        for left, right in rows.pairs:
            quote = next(line for line in rows.quote.split("\n") if left in line and right in line)
            yield Written({"front": left, "back": right}, quote)
    for gap in gaps_of(reading, vocabulary, wanted.difficulty):
        if not gap.term.is_defined:
            yield Written({"front": gap.gapped, "back": gap.term.text}, gap.quote)


def _worth(sentences: list[Sentence], title: str) -> dict[int, float]:
    """Return how much each sentence tells, by its place: of the words that the content repeats, for its length."""
    said = [[term for term in terms_of(one.text) if term not in WEAK_TERMS] for one in sentences]
    times = Counter(term for terms in said for term in set(terms))
    of_title = set(terms_of(title))
    return {
        sentence.place: sum(times[term] - 1 + _TITLE_GAIN * (term in of_title) for term in set(terms))
        / sqrt(len(terms) + 1)
        * (1 if sentence.before else _FIRST_GAIN)
        for sentence, terms in zip(sentences, said, strict=True)
    }
