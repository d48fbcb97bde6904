"""Reads a file of questions and says of every one whether it comes along, and if not, why."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Final

from django.utils.translation import gettext as _

from courses.assessment.kinds import check_draft
from courses.assessment.models import Question, QuestionType
from courses.exchange.olx.errors import ImportRefused, NotImported
from courses.exchange.olx.markup import clean_text
from courses.exchange.olx.structure import LeftOut
from courses.exchange.questions.files import AIKEN, GIFT, MOODLE_XML, Text, decode, format_of
from courses.exchange.questions.reading.aiken import aiken_entries
from courses.exchange.questions.reading.gift import gift_entries
from courses.exchange.questions.reading.moodle_xml import moodle_entries
from courses.exchange.questions.structure import (
    DIFFICULTY_TAG,
    FILE_ID,
    POINTS_TAG,
    TOPIC_TAG,
    TYPE_TAG,
    Built,
    Entry,
    Found,
    QuestionFile,
)
from e_learning.core.api.errors import ApiError

Step = Callable[[str, str], None]
_READERS: Final[Mapping[str, Callable[[bytes, Text], Iterator[Entry]]]] = {
    GIFT: lambda data, text: gift_entries(text.text),
    AIKEN: lambda data, text: aiken_entries(text.text),
    MOODLE_XML: lambda data, text: moodle_entries(data),
}
FORMATS: Final = tuple(_READERS)
_MAX_ENTRIES: Final = 5000
#: What an author may write by hand (API §3).
_LONGEST_TEXT: Final = 10_000
_LONGEST_TOPIC: Final = 100
_MOST_POINTS: Final = 1000
_LONGEST_ID: Final = 200


def read_questions(data: bytes, *, file_format: str | None = None, step: Step | None = None) -> QuestionFile:
    """Return the questions in ``data``, in the format given, else in the one that they look like.

    ``step(kind, id)`` is called for each. Raises ImportRefused for what is wrong with the whole: no text,
    broken XML, a document type, too large, nothing in it.
    """
    text = decode(data)
    file_format = file_format or format_of(text.text)
    found: list[Found] = []
    left_out: list[LeftOut] = []
    read: Counter[str] = Counter()
    seen = _Identities()
    for place, entry in enumerate(_READERS[file_format](data, text), start=1):
        if place > _MAX_ENTRIES:
            raise ImportRefused(_("The file has more than %(limit)d questions.") % {"limit": _MAX_ENTRIES})
        name = clean_text(entry.given_id or entry.name or f"#{place}")[:_LONGEST_ID]
        read[entry.kind] += 1
        if step:
            step(entry.kind, name)
        try:
            found.append(Found(entry.kind, name, _taken(entry, seen)))
        except NotImported as reason:
            left_out.append(LeftOut(entry.kind, name, str(reason)))
    if not read:
        raise ImportRefused(_("There is no question in this file."))
    is_guessed = text.is_guessed and file_format != MOODLE_XML
    return QuestionFile(file_format, text.encoding, is_guessed, dict(read), tuple(found), tuple(left_out))


def _taken(entry: Entry, seen: "_Identities") -> Built:
    """Return the question of an entry, as our own rules allow it; NotImported where they don't."""
    built = _tagged(entry.build(), entry.tags)
    text = built.draft.question_text or clean_text(entry.name).strip()
    if not text:
        raise NotImported(_("it asks nothing"))
    if max(len(text), len(built.draft.explanation)) > _LONGEST_TEXT:
        raise NotImported(_("a text of more than %(limit)d characters") % {"limit": _LONGEST_TEXT})
    try:
        check_draft(built.draft)
    except ApiError as refusal:
        raise NotImported(refusal.message) from refusal
    draft = replace(built.draft, question_text=text)
    return replace(built, draft=replace(draft, external_id=seen.name(entry, text)))


def _tagged(built: Built, tags: tuple[str, ...]) -> Built:
    """Return the question with what its tags say of it; those that aren't ours, or say nonsense, say nothing."""
    draft, said = built.draft, set(built.said)
    for tag in tags:
        for prefix in (TOPIC_TAG, DIFFICULTY_TAG, POINTS_TAG, TYPE_TAG):
            value = clean_text(tag[len(prefix) :]) if tag.startswith(prefix) else ""
            if prefix == TOPIC_TAG and 0 < len(value) <= _LONGEST_TOPIC:
                draft = replace(draft, topic=value)
                said.add("topic")
            elif prefix == DIFFICULTY_TAG and value in Question.Difficulty.values:
                draft = replace(draft, difficulty=value)
                said.add("difficulty")
            elif prefix == POINTS_TAG and value.isascii() and value.isdigit() and len(value) < 5:
                draft = replace(draft, points=min(max(int(value), 1), _MOST_POINTS))
                said.add("points")
            elif value == QuestionType.TRUE_FALSE and draft.question_type == QuestionType.MULTIPLE_CHOICE:
                draft = replace(draft, question_type=QuestionType.TRUE_FALSE)
    return replace(built, draft=draft, said=frozenset(said))


class _Identities:
    """Says what each question is called when the same file comes again.

    By the id that the file gives; else by its kind and name, or kind and text where it has no name; and
    among those that share these, by how many came before.
    """

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._unnamed: Counter[str] = Counter()

    def name(self, entry: Entry, text: str) -> str:
        given = clean_text(entry.given_id).strip()
        if not given:
            said = f"{entry.kind}\n{entry.name or text}"
            self._unnamed[said] += 1
            return FILE_ID + _hash(f"{said}\n{self._unnamed[said]}")
        if given in self._given:
            raise NotImported(_("its id stands in the file a second time"))
        self._given.add(given)
        return f"{FILE_ID}{given if len(given) <= _LONGEST_ID else _hash(given)}"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:40]
