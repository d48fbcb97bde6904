"""Bringing questions into a quiz from a file, and out of it into one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courses.assessment.models import Question, Quiz
from courses.assessment.selectors import right_answers
from courses.assessment.services.again import again_if_torn
from courses.catalogue.services import touch_course
from courses.exchange.olx.errors import ImportRefused
from courses.exchange.olx.structure import BlockCount, LeftOut
from courses.exchange.questions import read_questions, write_questions
from courses.exchange.questions.files import read_bytes
from courses.exchange.questions.structure import QuestionFile, WrittenFile, tally
from courses.exchange.reporting import blocks_as_json, entries_as_json
from courses.exchange.writing.questions import stored_draft, write_found
from e_learning.core.api.paths import MOST_ID


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """What an import or export did. ``notes`` are told to people: what came along in another form."""

    quiz_id: int
    title: str
    format: str
    blocks: Mapping[str, BlockCount]
    left_out: tuple[LeftOut, ...]
    notes: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class ImportedQuestions(QuestionReport):
    """``new``, ``changed`` and ``same`` count the questions of the quiz that the file has."""

    encoding: str
    is_guessed: bool
    new: int
    changed: int
    same: int

    def as_json(self) -> dict[str, Any]:
        """Return the object of the contract (API §9)."""
        return {
            "quiz_id": self.quiz_id,
            "title": self.title,
            "blocks": blocks_as_json(self.blocks),
            "left_out": entries_as_json(self.left_out),
        }


@dataclass(frozen=True, slots=True)
class ExportedQuestions(QuestionReport):
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the twin of the import's object; ``changed`` are questions that don't read back the same."""
        return {
            "quiz_id": self.quiz_id,
            "title": self.title,
            "format": self.format,
            "blocks": blocks_as_json(self.blocks, done="exported"),
            "left_out": entries_as_json(self.left_out),
            "changed": entries_as_json(self.notes),
        }


def import_questions(
    *, path: Path, quiz_id: int, file_format: str | None = None, step: Callable[[str, str], None] | None = None
) -> ImportedQuestions:
    """Bring the questions of a file into a quiz; the same file again updates the same questions.

    Everything is read and checked first, then written in one transaction. Questions that the file doesn't
    hold stay: a quiz may be made of several files. What the file doesn't say of points, difficulty and topic
    stays as it is. ``step(kind, id)`` is called for each question read. Raises ImportRefused, and has then
    changed nothing.
    """
    quiz = _quiz(quiz_id)
    file = read_questions(read_bytes(path), file_format=file_format, step=step)
    try:
        return again_if_torn(lambda: _write(quiz, file))
    except IntegrityError as error:
        raise ImportRefused(_("The same questions are being imported at this moment.")) from error


def export_questions(*, quiz_id: int, file_format: str) -> ExportedQuestions:
    """Return a quiz's questions as a file; ImportRefused where there is no such quiz. Four statements at most."""
    quiz = _quiz(quiz_id)
    answers = right_answers(Question.objects.filter(quiz=quiz).order_by("order", "id"))
    written: WrittenFile = write_questions([stored_draft(answer) for answer in answers.values()], file_format)
    return ExportedQuestions(
        quiz_id=quiz.pk,
        title=quiz.title,
        format=file_format,
        blocks=tally(written.read, written.left_out),
        left_out=written.left_out,
        notes=written.changed,
        text=written.text,
    )


def _quiz(quiz_id: int) -> Quiz:
    quiz = Quiz.objects.select_related("content__module").filter(pk=quiz_id).first() if 0 < quiz_id <= MOST_ID else None
    if quiz is None:
        raise ImportRefused(_("There is no quiz %(id)s.") % {"id": quiz_id})
    return quiz


@transaction.atomic
def _write(quiz: Quiz, file: QuestionFile) -> ImportedQuestions:
    # Two imports into one quiz wait for each other; the unique external id decides where a lock is none.
    if not Quiz.objects.select_for_update().filter(pk=quiz.pk).exists():
        raise ImportRefused(_("There is no quiz %(id)s.") % {"id": quiz.pk})
    written = write_found(quiz, file.found)
    if written.new or written.changed:
        touch_course(quiz.content.module.course_id)
    left_out = (*file.left_out, *written.left_out)
    return ImportedQuestions(
        quiz_id=quiz.pk,
        title=quiz.title,
        format=file.format,
        blocks=tally(file.read, left_out),
        left_out=left_out,
        notes=tuple(LeftOut(found.kind, found.id, note) for found in file.found for note in found.built.notes),
        encoding=file.encoding,
        is_guessed=file.is_guessed,
        new=written.new,
        changed=written.changed,
        same=written.same,
    )
