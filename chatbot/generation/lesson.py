"""A content as those read it who write by rule: its sentences, its rows of two, its numbered steps. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from chatbot.providers.offline import language_of
from chatbot.retrieval.chunking import sentences_of

#: Letters with their marks: without the vowel signs, a word of Hindi would end at each of them.
LETTER = r"[^\W_\u0964\u0965]|[\u0900-\u0963]"
WORD = re.compile(rf"(?:{LETTER})+(?:[-’'](?:{LETTER})+)*")
CELLS = " | "
_ENDED = re.compile(r"[.!?…।॥][\"'”’)\]]*$")
_STEP = re.compile(r"^(?:step\s+|चरण\s+)?(\d{1,2})\s*[.):]\s+(\S.*)$", re.IGNORECASE)
_ENTRY = re.compile(r"^[-•*]?\s*([^:.!?।|]{2,60}?)\s*(?::|\s[–—])\s+(\S.*)$")
#: Who says a line of a dialogue, or what a line is about: before a colon, and short.
_LEAD = re.compile(r"^\S+(?: \S+){0,4}: ")
_LONGEST_HEADING = 80
_LEAST_ROWS = 3
_MOST_ENTRY_WORDS, _LONGEST_MEANING = 4, 200


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it stands, ``before`` it what its paragraph says up to it, and its place among all sentences."""

    text: str
    before: tuple[str, ...]
    place: int
    language: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands side by side: term and meaning, question and answer. ``quote`` is where they stand."""

    heading: str
    pairs: tuple[tuple[str, str], ...]
    quote: str


@dataclass(frozen=True, slots=True)
class Steps:
    """A numbered list, in its order."""

    heading: str
    steps: tuple[str, ...]
    quote: str


@dataclass(slots=True)
class Reading:
    sentences: list[Sentence] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    steps: list[Steps] = field(default_factory=list)


def read(text: str) -> Reading:
    """Return what ``text`` (a paragraph a line) consists of. A heading belongs to what follows, and is no sentence."""
    reading, heading = Reading(), ""
    for kind, group in groupby((line.strip() for line in text.split("\n") if line.strip()), _kind_of):
        lines = list(group)
        if kind == "heading":
            heading = lines[-1]
        elif kind == "row":
            reading.rows += _rows(heading, [_cells(line) for line in lines], lines)
        elif kind == "step":
            reading.steps += _steps(heading, lines)
        elif kind == "entry" and len(lines) >= _LEAST_ROWS and not _is_dialogue(lines):
            reading.rows += _rows(heading, [("", ""), *map(_entry, lines)], lines)
        if kind in ("text", "entry"):
            for line in lines:
                reading.sentences += _sentences(line, first=len(reading.sentences))
    return reading


def is_whole(text: str) -> bool:
    """Whether ``text`` is a whole statement: it ends as one, asks nothing, closes whatever it opens."""
    if not _ENDED.search(text) or "?" in text or CELLS in text or _LEAD.match(text):
        return False
    return text.count("“") == text.count("”") and text.count("(") == text.count(")") and text.count('"') % 2 == 0


def _kind_of(line: str) -> str:
    if CELLS in line:
        return "row"
    if _STEP.match(line):
        return "step"
    entry = _ENTRY.match(line)
    if entry and len(entry[1].split()) <= _MOST_ENTRY_WORDS and len(entry[2]) <= _LONGEST_MEANING:
        return "entry"
    return "text" if _ENDED.search(line) or len(line) > _LONGEST_HEADING else "heading"


def _sentences(line: str, *, first: int) -> Iterator[Sentence]:
    before: list[str] = []
    for place, text in enumerate(sentences_of(line), first):
        yield Sentence(text, tuple(before), place, language_of(text))
        before.append(text)


def _cells(line: str) -> tuple[str, str]:
    """Return the two cells of a row; one of more or fewer columns says nothing."""
    cells = [cell.strip() for cell in line.split(CELLS)]
    return (cells[0], cells[1]) if len(cells) == 2 else ("", "")


def _entry(line: str) -> tuple[str, str]:
    entry = _ENTRY.match(line)
    return (entry[1], entry[2]) if entry else ("", "")


def _is_dialogue(lines: list[str]) -> bool:
    """Whether people talk: somebody twice, or somebody asks."""
    lefts = [_entry(line)[0].casefold() for line in lines]
    return len(set(lefts)) < len(lefts) or any("?" in line for line in lines)


def _rows(heading: str, pairs: list[tuple[str, str]], lines: list[str]) -> Iterator[Rows]:
    """Yield the rows below the first, which names the columns: as far as lefts and rights are told apart."""
    lefts, rights, kept = set[str](), set[str](), []
    for left, right in pairs[1:]:
        if left and right and left.casefold() not in lefts and right.casefold() not in rights:
            lefts.add(left.casefold())
            rights.add(right.casefold())
            kept.append((left, right))
    if len(kept) >= _LEAST_ROWS:
        yield Rows(heading, tuple(kept), "\n".join(lines))


def _steps(heading: str, lines: list[str]) -> Iterator[Steps]:
    """Yield a list that counts 1, 2, 3; a list that begins anew is another one."""
    steps: list[str] = []
    quoted: list[str] = []
    for line in lines:
        match = _STEP.match(line)
        assert match is not None
        if int(match[1]) != len(steps) + 1:
            yield from _counted(heading, steps, quoted)
            steps, quoted = [], []
        if int(match[1]) == len(steps) + 1:
            steps.append(match[2])
            quoted.append(line)
    yield from _counted(heading, steps, quoted)


def _counted(heading: str, steps: list[str], quoted: list[str]) -> Iterator[Steps]:
    if len(steps) >= _LEAST_ROWS and len({step.casefold() for step in steps}) == len(steps):
        yield Steps(heading, tuple(steps), "\n".join(quoted))
