"""Answers without a model: what the course says itself, word for word, with where it says so."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from django.utils import translation
from django.utils.translation import gettext

from chatbot.providers.base import Passage, Piece, Prompt, ProviderFailed, Usage
from chatbot.terms import WEAK_TERMS, is_same_term, pairs_of, terms_of
from e_learning.core.words import words_of

_MOST_SENTENCES, _MOST_PASSAGES = 3, 2
#: A sentence that scores less than this part of the best one is left out.
_WORTH_QUOTING = 0.6
_SENTENCE = re.compile(r"\S.*?(?:[.!?।॥。…]+[\"'”’)\]]*(?=\s|$)|$)")
_ENDS = re.compile(r"[.!?।॥。…:;|][\"'”’)\]]*$")
_MOST_HEADING = 60
#: What a question of a kind is answered with, and how much a sentence that has it gains.
_HINTS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"\b(how (many|much|far|long|old)|what number|which number)\b|कितन", re.IGNORECASE),
        re.compile(
            r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|dozen|half)\b"
            r"|(?<!\w)(दो|तीन|चार|पाँच|छह|सात|आठ|नौ|दस|सौ)(?!\w)",
            re.IGNORECASE,
        ),
    ),
    (
        re.compile(r"\b(when|what time|until|how often)\b|(?<!\w)कब(?!\w)", re.IGNORECASE),
        re.compile(r"\b(when|until|after|before|noon|morning|evening|night|day|week|year|hour)\b|\d{4}", re.IGNORECASE),
    ),
    (
        re.compile(r"\bwhy\b|क्यों", re.IGNORECASE),
        re.compile(r"\b(because|so that|so|since|as|for|therefore)\b|क्योंकि|इसलिए|ताकि", re.IGNORECASE),
    ),
    (
        re.compile(r"\b(what (is|are|does)|meaning|mean)\b|मतलब|अर्थ", re.IGNORECASE),
        re.compile(r"\b(is|are|means?|called|that is)\b|:|\||होता|कहते|मतलब", re.IGNORECASE),
    ),
)
_HINT_GAIN, _HEADING_GAIN, _PAIR_GAIN, _FIRST_PASSAGE_GAIN = 1.15, 0.5, 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage as it stands there, and the heading it stands under. ``place`` is its order."""

    passage: Passage
    place: int
    text: str
    heading: str


class OfflineProvider:
    """Quotes one to three sentences of the passages. Needs no network and no model, and adds nothing of its own but the
    words that say so.
    """

    name = "offline"
    model = "extract"

    def stream(self, prompt: Prompt) -> Iterator[Piece | Usage]:
        """Yield the answer, a quotation at a time. Nothing was read by a model, so nothing is used.

        ``ProviderFailed("refused")`` where JSON is asked for, or there is nothing to quote.
        """
        quoted = [] if prompt.schema else best_sentences(prompt.question, prompt.passages)
        if not quoted:
            raise ProviderFailed("refused")
        with translation.override(language_of(prompt.question)):
            opening = gettext("I am not writing this myself: these are extracts from your course, word for word.")
        yield Piece(opening)
        for sentence in quoted:
            yield Piece(f"\n\n“{sentence.text}” [{sentence.passage.number}]")
        yield Usage(prompt_tokens=0, completion_tokens=0, model=self.model)


def language_of(text: str) -> str:
    """Return the language that ``text`` is written in, by its script: Hindi or English."""
    words = words_of(text)
    return "hi" if sum("\u0900" <= word[0] <= "\u097f" for word in words) * 2 >= len(words) > 0 else "en"


def best_sentences(question: str, passages: Sequence[Passage]) -> list[Sentence]:
    """Return the one to three sentences that answer best, in the order in which they are read.

    From at most two passages. None where there is no sentence at all.
    """
    sentences = [sentence for passage in passages for sentence in sentences_of(passage)]
    if not sentences:
        return []
    scores = _scores(question, sentences, best_first=[passage.number for passage in passages])
    ranked = sorted(range(len(sentences)), key=lambda index: -scores[index])
    chosen: list[int] = []
    for index in ranked:
        numbers = {sentences[one].passage.number for one in chosen} | {sentences[index].passage.number}
        if chosen and scores[index] < _WORTH_QUOTING * scores[chosen[0]]:
            break
        if len(numbers) <= _MOST_PASSAGES:
            chosen.append(index)
        if len(chosen) == _MOST_SENTENCES:
            break
    first = {sentences[index].passage.number: rank for rank, index in reversed(list(enumerate(chosen)))}
    return sorted((sentences[index] for index in chosen), key=lambda one: (first[one.passage.number], one.place))


def sentences_of(passage: Passage) -> list[Sentence]:
    """Return the sentences of a passage, each verbatim; short lines that end nowhere are headings of what follows."""
    found: list[Sentence] = []
    heading = ""
    for line in passage.text.split("\n"):
        if len(line) <= _MOST_HEADING and line.strip() and not _ENDS.search(line.strip()) and " | " not in line:
            heading = line.strip()
            continue
        parts = [line.strip()] if " | " in line else _SENTENCE.findall(line.strip())
        found += [Sentence(passage, len(found) + at, part, heading) for at, part in enumerate(parts) if _says(part)]
    if found:
        return found
    return [Sentence(passage, 0, line.strip(), "") for line in passage.text.split("\n") if _says(line)]


def _says(part: str) -> bool:
    return any(character.isalnum() for character in part)


def _scores(question: str, sentences: Sequence[Sentence], *, best_first: Sequence[int]) -> list[float]:
    """Return how well each sentence answers: rare words of the question count most, its own more than its heading's."""
    asked = set(terms_of(question))
    own = [_met(asked, sentence.text) for sentence in sentences]
    above = [_met(asked, f"{sentence.passage.title}\n{sentence.heading}") for sentence in sentences]
    seen = Counter(term for terms in own for term in terms)
    worth = {term: (0.4 if term in WEAK_TERMS else 1.0) * log(1 + len(sentences) / (1 + seen[term])) for term in asked}
    pairs = pairs_of(question)
    together = [pairs & pairs_of(sentence.text) for sentence in sentences]
    having = Counter(pair for one in together for pair in one)
    scores = []
    for sentence, terms, over, side_by_side in zip(sentences, own, above, together, strict=True):
        score = sum(worth[term] for term in terms) + _HEADING_GAIN * sum(worth[term] for term in over - terms)
        score += _PAIR_GAIN * sum(log(1 + len(sentences) / (1 + having[pair])) for pair in side_by_side)
        score *= _HINT_GAIN if _is_of_its_kind(question, sentence.text) else 1.0
        score *= 0.6 if sentence.text.rstrip("”\"'").endswith("?") else 1.0
        scores.append(score * (1 + _FIRST_PASSAGE_GAIN / (1 + best_first.index(sentence.passage.number))))
    return scores


def _met(asked: set[str], text: str) -> set[str]:
    written = set(terms_of(text))
    return {term for term in asked if term in written or any(is_same_term(term, word) for word in written)}


def _is_of_its_kind(question: str, sentence: str) -> bool:
    return any(kind.search(question) and of_kind.search(sentence) for kind, of_kind in _HINTS)
