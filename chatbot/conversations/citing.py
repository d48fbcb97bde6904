"""An answer is shown only as far as it is grounded: its marks ``[2]`` are checked against what the model was given.

Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from chatbot.conversations.frames import TutorCitation
from chatbot.providers.base import Passage
from e_learning.core.words import words_of

_NUMBERS = r"\[\s{0,4}\d{1,3}(?:\s{0,4}[,;]\s{0,4}\d{1,3}){0,9}\s{0,4}\]"
_MARK = re.compile(rf"([ \t]{{0,8}})({_NUMBERS})")
#: What may become a mark with the next words, or the space before one.
_MAY_BE_A_MARK = re.compile(r"[ \t]{0,8}\[[\d\s,;]{0,60}$|[ \t]{1,8}$")
_SENTENCE = re.compile(r"[^.!?।॥。\n]+[.!?।॥。]*[\"'”’»)\]]*")
MOST_QUOTE_CHARACTERS = 600
#: A sentence beside the best one is quoted too where it supports the answer nearly as well.
_NEARLY = 0.6


class GroundedText:
    """An answer as it comes. Marks of passages that were not given are taken out of it.

    Nothing is shown before the first good mark has come: until then it could be an answer out of thin air. ``text`` is
    all that was shown.
    """

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._numbers = {passage.number for passage in passages}
        self._waiting = self._held = self.text = ""
        self.is_grounded = False

    def add(self, piece: str) -> str:
        """Take the next words of the model; returns those that may be shown now."""
        self._waiting += piece
        found = _MAY_BE_A_MARK.search(self._waiting)
        end = found.start() if found else len(self._waiting)
        ready, self._waiting = self._waiting[:end], self._waiting[end:]
        return self._shown(ready)

    def end(self) -> str:
        """Return what was kept back, once nothing more comes."""
        ready, self._waiting = self._waiting, ""
        return self._shown(ready.rstrip())

    def _shown(self, ready: str) -> str:
        self._held += _MARK.sub(self._good_marks, ready)
        if not self.is_grounded:
            return ""
        shown, self._held = self._held if self.text else self._held.lstrip(), ""
        self.text += shown
        return shown

    def _good_marks(self, mark: re.Match[str]) -> str:
        good = [number for number in _numbers_in(mark[2]) if number in self._numbers]
        self.is_grounded = self.is_grounded or bool(good)
        return mark[1] + "".join(f"[{number}]" for number in good) if good else ""


def citations_in(text: str, passages: Iterable[Passage]) -> list[TutorCitation]:
    """Return where the marks of ``text`` lead, in the order in which they come first; each with its quote."""
    by_number = {passage.number: passage for passage in passages}
    said: dict[int, list[str]] = {}
    for number, words in _marked(text):
        said.setdefault(number, []).append(words)
    return [_citation(by_number[number], " ".join(words)) for number, words in said.items() if number in by_number]


def quote_of(passage: str, said: str) -> str:
    """Return the part of ``passage`` that supports best what was ``said``: a sentence, or two that stand together."""
    spans = [found.span() for found in _SENTENCE.finditer(passage) if found[0].strip()]
    if not spans:
        return passage.strip()[:MOST_QUOTE_CHARACTERS]
    words = set(words_of(said))
    support = [_support(passage[start:end], words) for start, end in spans]
    best = max(range(len(spans)), key=lambda place: support[place])
    first = last = best
    if best + 1 < len(spans) and support[best + 1] > _NEARLY * support[best]:
        last = best + 1
    elif best and support[best - 1] > _NEARLY * support[best]:
        first = best - 1
    quote = passage[spans[first][0] : spans[last][1]].strip()
    return quote if len(quote) <= MOST_QUOTE_CHARACTERS else _cut(passage[slice(*spans[best])].strip())


def _marked(text: str) -> Iterator[tuple[int, str]]:
    """Yield each mark's number with the words it stands behind; marks side by side stand behind the same."""
    words, end = "", 0
    for mark in _MARK.finditer(text):
        words = text[end : mark.start()].strip(" \t\n.,;:") or words
        end = mark.end()
        for number in _numbers_in(mark[2]):
            yield number, words


def _citation(passage: Passage, said: str) -> TutorCitation:
    return TutorCitation(
        number=passage.number,
        content_id=passage.content_id,
        course_id=passage.course_id,
        title=passage.title[:200],
        quote=quote_of(passage.text, said),
        start_seconds=passage.start_seconds,
    )


def _numbers_in(mark: str) -> Sequence[int]:
    return [int(number) for number in re.findall(r"\d+", mark)]


def _support(sentence: str, words: set[str]) -> float:
    """Shared words count, the more the fewer others stand between them."""
    own = set(words_of(sentence))
    shared = len(own & words)
    return shared * shared / len(own) if own else 0.0


def _cut(quote: str) -> str:
    if len(quote) <= MOST_QUOTE_CHARACTERS:
        return quote
    at = quote.rfind(" ", 0, MOST_QUOTE_CHARACTERS)
    return quote[: at if at > 0 else MOST_QUOTE_CHARACTERS]
