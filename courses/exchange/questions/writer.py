"""Writes questions, and reads back what it wrote: what a format can't carry is named, never lost in silence."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from courses.assessment.kinds import QuestionDraft
from courses.exchange.olx.errors import ImportRefused
from courses.exchange.olx.structure import LeftOut
from courses.exchange.questions.errors import NotWritten
from courses.exchange.questions.files import GIFT, MOODLE_XML
from courses.exchange.questions.reader import read_questions
from courses.exchange.questions.structure import QuestionFile, WrittenFile
from courses.exchange.questions.writing.gift import gift_document, gift_question
from courses.exchange.questions.writing.moodle_xml import moodle_document, moodle_question


@dataclass(frozen=True, slots=True)
class _Writer:
    """How one question is written, and how they make a file."""

    question: Callable[[QuestionDraft], Any]
    document: Callable[[Sequence[Any]], str]


_WRITERS: Final = {
    GIFT: _Writer(gift_question, gift_document),
    MOODLE_XML: _Writer(moodle_question, moodle_document),
}
WRITTEN_FORMATS: Final = tuple(_WRITERS)
_LONGEST_ID: Final = 80


def write_questions(drafts: Sequence[QuestionDraft], file_format: str) -> WrittenFile:
    """Return the drafts as a file. Left out are those that the format has no place for, each with the reason."""
    writer = _WRITERS[file_format]
    pieces: list[Any] = []
    left_out: list[LeftOut] = []
    changed: list[LeftOut] = []
    for draft in drafts:
        entry_id = draft.external_id or " ".join(draft.question_text.split())[:_LONGEST_ID]
        try:
            piece = writer.question(draft)
            lost = _lost(draft, writer.document([piece]), file_format)
        except NotWritten as reason:
            left_out.append(LeftOut(draft.question_type, entry_id, str(reason)))
            continue
        pieces.append(piece)
        if lost:
            said = _("it reads back with another %(fields)s") % {"fields": ", ".join(lost)}
            changed.append(LeftOut(draft.question_type, entry_id, said))
    read = Counter(draft.question_type for draft in drafts)
    return WrittenFile(writer.document(pieces), dict(read), tuple(left_out), tuple(changed))


def told_apart(draft: QuestionDraft) -> dict[str, Any]:
    """Return what makes a question the question that it is; neither its place in a quiz nor how it is called."""
    return {
        "question_type": draft.question_type,
        "question_text": draft.question_text,
        "points": draft.points,
        "difficulty": draft.difficulty,
        "topic": draft.topic,
        "explanation": draft.explanation,
        "options": [(option.option_text, option.is_correct) for option in draft.options],
        "accepted_answers": list(draft.accepted_answers),
        "number": draft.number,
        "tolerance": draft.tolerance,
        "pairs": [(pair.left, pair.right) for pair in draft.pairs],
    }


def _lost(draft: QuestionDraft, text: str, file_format: str) -> list[str]:
    """Return the names of the fields that don't read back the same; NotWritten where nothing reads back."""
    try:
        again = read_questions(text.encode("utf-8", "replace"), file_format=file_format)
    except ImportRefused as refusal:
        raise NotWritten(str(refusal)) from refusal
    read = _only(again)
    before, after = told_apart(draft), told_apart(read)
    lost = [name for name, value in before.items() if after[name] != value]
    same_name = not draft.external_id or read.external_id.endswith(draft.external_id)
    return lost if same_name else [*lost, "external_id"]


def _only(file: QuestionFile) -> QuestionDraft:
    if len(file.found) == 1 and not file.left_out:
        return file.found[0].built.draft
    raise NotWritten("; ".join(entry.reason for entry in file.left_out) or _("it would read back as several questions"))
