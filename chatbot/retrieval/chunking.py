"""Texts in pieces that can be found and quoted: whole sentences, 300 to 900 characters, in order and nothing twice.

Pure: what is made of the same words is always the same.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from chatbot.retrieval.models import Chunk
from courses.api import ContentWords, Spoken

MOST_CHARACTERS = 900
#: From here on a piece ends with its paragraph.
ENOUGH_CHARACTERS = 500
#: What is shorter joins the piece before it where there is room.
LEAST_CHARACTERS = 300
#: Seconds of a video in one piece: it ends with a sentence after the first, and anyway after the second.
ENOUGH_SECONDS, MOST_SECONDS = 30, 60

# A sentence ends with its mark, closing quotes with it, and a space; the danda and the marks of Chinese and Japanese
# need none. No end: a dot before a small letter, and after an initial.
_END = re.compile(r"""(?<![A-Z][.])(?<=[.!?…])["'”’)\]]*\s+(?![a-z])|(?<=[।॥。！？])["'”’)\]]*\s*""")
_ENDED = re.compile(r"""[.!?…।॥。！？:;]["'”’)\]]*$""")
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a content. ``source`` as in ``Chunk``; seconds where it is said in a video."""

    source: str
    language: str
    text: str
    start_seconds: int | None = None
    end_seconds: int | None = None


def pieces_of(words: ContentWords) -> list[Piece]:
    """Return a content in pieces: its text, its document, and its subtitles by language."""
    read = [(Chunk.Source.TEXT, words.text), (Chunk.Source.DOCUMENT, words.document)]
    pieces = [Piece(source, words.language, text) for source, whole in read for text in parts_of(whole)]
    for language, spoken in sorted(words.subtitles.items()):
        pieces.extend(_said(language, spoken))
    return pieces


def heading_of(words: ContentWords) -> str:
    """Return where a content stands: course, module and section, once each."""
    places = (words.course_title, words.module_title, words.section)
    return " › ".join(dict.fromkeys(place for place in places if place))


def parts_of(text: str) -> list[str]:
    """Return ``text`` (a paragraph a line) in parts, in order: but for the space between words, nothing is lost.

    A part ends with a paragraph once it has ``ENOUGH_CHARACTERS``, else with the last sentence that fits in, and
    never with what looks like a title. A sentence that is too long by itself is cut between words.
    """
    parts: list[str] = []
    held = ""
    for paragraph in text.split("\n"):
        for number, sentence in enumerate(sentences_of(paragraph)):
            between = " " if number else "\n"
            if held and len(held) + len(between) + len(sentence) > MOST_CHARACTERS:
                whole, held = _without_title(held)
                parts.append(whole)
            held = f"{held}{between}{sentence}" if held else sentence
        if len(held) >= ENOUGH_CHARACTERS and not _is_title(held.rsplit("\n", 1)[-1]):
            parts.append(held)
            held = ""
    if held:
        parts.append(held)
    return _last_joined(parts)


def sentences_of(paragraph: str) -> Iterator[str]:
    """Yield the sentences of a paragraph; one that is longer than a part may be comes in pieces."""
    begin = 0
    for end in _END.finditer(paragraph):
        yield from _fitting(paragraph[begin : end.end()].strip())
        begin = end.end()
    yield from _fitting(paragraph[begin:].strip())


def _fitting(sentence: str) -> Iterator[str]:
    """Yield ``sentence``, in pieces where it is too long, cut at a space where there is one."""
    while len(sentence) > MOST_CHARACTERS:
        at = sentence.rfind(" ", 1, MOST_CHARACTERS)
        at = at if at > 0 else MOST_CHARACTERS
        yield sentence[:at].strip()
        sentence = sentence[at:].strip()
    if sentence:
        yield sentence


def _without_title(part: str) -> tuple[str, str]:
    """Return the part, and the title at its end that belongs to what follows ('' where there is none)."""
    before, _newline, last = part.rpartition("\n")
    return (before, last) if before and _is_title(last) and len(before) >= LEAST_CHARACTERS else (part, "")


def _is_title(line: str) -> bool:
    return len(line) <= _LONGEST_TITLE and not _ENDED.search(line)


def _last_joined(parts: list[str]) -> list[str]:
    if len(parts) > 1 and len(parts[-1]) < LEAST_CHARACTERS and len(parts[-2]) + len(parts[-1]) < MOST_CHARACTERS:
        return [*parts[:-2], f"{parts[-2]}\n{parts[-1]}"]
    return parts


def _said(language: str, spoken: Iterable[Spoken]) -> Iterator[Piece]:
    """Yield what is said in pieces of about half a minute, each with its seconds."""
    held: list[Spoken] = []
    for cue in spoken:
        if held and _is_full(held, cue):
            yield from _together(language, held)
            held = []
        held.append(cue)
    yield from _together(language, held)


def _is_full(held: list[Spoken], cue: Spoken) -> bool:
    if sum(len(said.text) + 1 for said in held) + len(cue.text) > MOST_CHARACTERS:
        return True
    seconds, ended = held[-1].end - held[0].start, bool(_ENDED.search(held[-1].text.strip()))
    return cue.end - held[0].start > MOST_SECONDS or (seconds >= ENOUGH_SECONDS and ended)


def _together(language: str, held: list[Spoken]) -> Iterator[Piece]:
    text = " ".join(word for said in held for word in said.text.split())
    for part in _fitting(text):
        seconds = math.floor(held[0].start), math.ceil(held[-1].end)
        yield Piece(Chunk.Source.SUBTITLES, language, part, *seconds)
