"""GIFT, as Moodle reads it: https://docs.moodle.org/en/GIFT_format

A blank line ends a question; ``::name::`` comes first, ``[format]`` before a text says what it is, braces
hold the answers, and what stands between them decides the kind. ``// [id:…] [tag:…]`` above a question
are Moodle's way to say what the format has no field for.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils.translation import gettext as _

from courses.assessment.kinds import QuestionDraft
from courses.assessment.models import QuestionType
from courses.exchange.olx.errors import NotImported
from courses.exchange.questions.reading.keys import (
    FULL,
    Answer,
    Key,
    about,
    choice_key,
    number_in,
    number_key,
    pairs_key,
    true_false_key,
    words_key,
)
from courses.exchange.questions.reading.words import AUTO, Words, joined, must_be_seen, words_of
from courses.exchange.questions.structure import Build, Built, Entry

#: Escaped characters, out of the way of what the unescaped ones mean. None of these may stand in a text.
_ESCAPED: Final = {":": "\ufdd0", "#": "\ufdd1", "=": "\ufdd2", "{": "\ufdd3", "}": "\ufdd4", "~": "\ufdd5"}
_PLAIN: Final = str.maketrans({mark: character for character, mark in _ESCAPED.items()} | {"\ufdd6": "\n"})
_MARKS: Final = {**_ESCAPED, "n": "\ufdd6", "\\": "\\"}
_ESCAPE = re.compile(r"\\([\\:#={}~n])")
_RESERVED = re.compile("[\ufdd0-\ufdd6]")
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]{0,20})?)%")
_ID = re.compile(r"\[id:((?:\\\]|[^]])+)\]")
_TAG = re.compile(r"\[tag:((?:\\\]|[^]])+)\]")
_MISSING_WORD: Final = "_____"


@dataclass(frozen=True, slots=True)
class _Body:
    """A question in pieces, still escaped: its text, what stands in the braces, the general feedback."""

    text: str
    answers: str
    feedback: str


def gift_entries(text: str) -> Iterator[Entry]:
    """Yield what stands in a GIFT file, categories and descriptions too."""
    for lines, comments in _blocks(_RESERVED.sub("", text)):
        source = _ESCAPE.sub(lambda found: _MARKS[found[1]], "\n".join(lines)).strip()
        name, rest = _named(source)
        if source.startswith("$CATEGORY:"):
            yield Entry("category", _unsupported(_("a category is no question")), _plain(source[10:]))
            continue
        kind, build = _read(rest)
        given = _ID.search(comments)
        tags = tuple(tag.replace("\\]", "]") for tag in _TAG.findall(comments))
        yield Entry(kind, build, name, given[1].replace("\\]", "]") if given else "", tags)


def _blocks(text: str) -> Iterator[tuple[list[str], str]]:
    """Yield the lines of each question with its comments. A category is one line, whatever follows it."""
    lines: list[str] = []
    comments: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip().startswith("//"):
            comments.append(line)
            continue
        if line.strip():
            lines.append(line)
        if lines and (not line.strip() or lines[0].startswith("$CATEGORY:")):
            yield lines, "\n".join(comments)
            lines, comments = [], []
        elif not line.strip():
            comments = []


def _named(source: str) -> tuple[str, str]:
    """Return the name between double colons, empty for none, and what follows it."""
    if not source.startswith("::") or "::" not in source[2:]:
        return "", source
    name, _colons, rest = source[2:].partition("::")
    return _plain(name), rest.strip()


def _read(source: str) -> tuple[str, Build]:
    """Return the kind of a question, which its answers decide, and how to make it."""
    before, brace, inside = source.partition("{")
    answers, end, after = inside.partition("}")
    if not brace and "}" not in source:
        return "description", _unsupported(_("a description asks for no answer"))
    if not (brace and end) or "}" in before:
        return "unreadable", _unsupported(_("its braces don't match"))
    if "{" in answers + after or "}" in after:
        return "unreadable", _unsupported(_("it asks for answers in more than one place"))
    text = f"{before}{_MISSING_WORD}{after}" if after.strip() else before
    answers, _hashes, feedback = answers.rpartition("####") if "####" in answers else (answers, "", "")
    body = _Body(text, answers.strip(), feedback)
    kind = _kind_of(body.answers)
    return kind, partial(_built, kind, body)


def _kind_of(answers: str) -> str:
    if not answers:
        return "essay"
    if answers.startswith("#"):
        return "numerical"
    if "~" in answers:
        return "multichoice"
    if "=" in answers and "->" in answers:
        return "matching"
    is_true_false = answers.partition("#")[0].strip() in {"T", "TRUE", "F", "FALSE"}
    return "truefalse" if is_true_false else "shortanswer"


def _built(kind: str, body: _Body) -> Built:
    text_format, asked = _words(body.text, AUTO)
    key, said, notes = _KEYS[kind](body.answers, text_format)
    general = _words(body.feedback, text_format)[1]
    draft = QuestionDraft(question_text=must_be_seen(asked), explanation=joined(general.text, *said), **key)
    return Built(draft, notes=notes if not asked.has_picture else (*notes, _("of its pictures, the descriptions")))


_Read = tuple[Key, list[str], tuple[str, ...]]


def _essay(answers: str, text_format: str) -> _Read:
    return {"question_type": QuestionType.ESSAY}, [], ()


def _true_false(answers: str, text_format: str) -> _Read:
    verdict, *feedback = answers.split("#", 2)
    is_true = verdict.strip().startswith("T")
    wrong, right = [_words(said, text_format)[1].text for said in [*feedback, "", ""][:2]]
    said = [Answer(str(not is_true), Decimal(0), wrong), Answer(str(is_true), FULL, right)]
    return true_false_key(is_true=is_true), [about(answer) for answer in said], ()


def _choices(answers: str, text_format: str) -> _Read:
    first, *pieces = re.split(r"(?=[~=])", answers)
    if first.strip():
        raise NotImported(_("something before its first answer"))
    read = [_answer(piece, text_format, FULL if piece.startswith("=") else Decimal(0)) for piece in pieces]
    return choice_key(read, single="=" in answers), [about(answer) for answer in read], ()


def _short(answers: str, text_format: str) -> _Read:
    pieces = [piece for piece in answers.split("=") if piece.strip()]
    read = [_answer(f"={piece}", text_format, FULL) for piece in pieces]
    return words_key(read), [about(answer) for answer in read], ()


def _matching(answers: str, text_format: str) -> _Read:
    pairs: list[tuple[str, str]] = []
    for piece in answers.split("="):
        if not piece.strip():
            continue
        left, arrow, right = piece.partition("->")
        if not arrow:
            raise NotImported(_("a pair without an arrow"))
        pairs.append((must_be_seen(_words(left, text_format)[1]), _plain(right.partition("#")[0])))
    key, notes = pairs_key(pairs)
    return key, [], notes


def _number(answers: str, text_format: str) -> _Read:
    right, tilde, wrong = answers[1:].partition("~")
    read = [_number_answer(piece, text_format) for piece in right.split("=") if piece.strip()]
    if tilde:
        read.append(_answer(f"~*{wrong}", text_format, Decimal(0)))
    return number_key(read), [about(answer) for answer in read], ()


def _number_answer(piece: str, text_format: str) -> Answer:
    """Read ``12``, ``12:0.5`` and ``11.5..12.5``, which all are a number and how far off one may be."""
    answer = _answer(f"={piece}", text_format, FULL)
    low, dots, high = answer.text.partition("..")
    number, _colon, tolerance = answer.text.partition(":")
    if dots:
        least, most = sorted((number_in(low), number_in(high)))
        return Answer(f"{(least + most) / 2:f}", answer.percent, answer.feedback, (most - least) / 2)
    if number.strip() == "*":
        return answer
    return Answer(number.strip(), answer.percent, answer.feedback, number_in(tolerance) if tolerance else Decimal(0))


def _answer(piece: str, text_format: str, percent: Decimal) -> Answer:
    """Read one answer with its mark in front: its weight, its text, its feedback."""
    body, _hash, feedback = piece[1:].strip().partition("#")
    weight = _WEIGHT.match(body)
    if weight:
        percent = Decimal(weight[1])
    text = must_be_seen(_words(body[weight.end() :] if weight else body, text_format)[1])
    return Answer(text, percent, _words(feedback, text_format)[1].text)


_KEYS: Final = {
    "essay": _essay,
    "truefalse": _true_false,
    "multichoice": _choices,
    "shortanswer": _short,
    "matching": _matching,
    "numerical": _number,
}


def _words(source: str, text_format: str) -> tuple[str, Words]:
    """Return a text made plain, and the format it is in: the one that it names, else the one given."""
    source = source.strip()
    named = _FORMAT.match(source)
    if named:
        text_format, source = named[1], source[named.end() :]
    return text_format, words_of(source.translate(_PLAIN), text_format)


def _plain(source: str) -> str:
    return source.translate(_PLAIN).strip()


def _unsupported(reason: str) -> Build:
    def refuse() -> Built:
        raise NotImported(reason)

    return refuse
