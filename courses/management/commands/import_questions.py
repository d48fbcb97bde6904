"""``manage.py import_questions``: questions from a file into a quiz."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _
from tqdm import tqdm

from courses.exchange.olx import ImportRefused
from courses.exchange.question_files import ImportedQuestions, import_questions
from courses.exchange.questions import FORMATS
from courses.exchange.reporting import counts_told


class Command(BaseCommand):
    help = "Import questions (GIFT, Aiken, Moodle XML) into a quiz. The same file again updates the same questions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the file with the questions")
        parser.add_argument("--quiz", type=int, required=True, metavar="ID", help="the quiz that gets them")
        parser.add_argument("--format", choices=FORMATS, help="what the file is; it is told by its content otherwise")
        parser.add_argument("--json", action="store_true", help="print one JSON object last, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._imported(options)
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename or options['file']}: {error.strerror}") from error
        if options["json"]:
            self.stderr.write("\n".join(_notes(report)), ending="\n" if _notes(report) else "")
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self.stdout.write("\n".join(_told(report)))

    def _imported(self, options: dict[str, Any]) -> ImportedQuestions:
        with tqdm(desc="Reading", unit=" questions", dynamic_ncols=True, disable=None) as bar:

            def step(kind: str, name: str) -> None:
                bar.update()

            return import_questions(
                path=options["file"], quiz_id=options["quiz"], file_format=options["format"], step=step
            )


def _told(report: ImportedQuestions) -> list[str]:
    """Return the report in lines for people."""
    counts = _("%(new)d new, %(changed)d changed, %(same)d as they were")
    lines = [
        f"{report.title} ({report.quiz_id}), {report.format}: "
        + counts % {"new": report.new, "changed": report.changed, "same": report.same},
        "",
    ]
    return [*lines, *counts_told(report.blocks, report.left_out), *_notes(report)]


def _notes(report: ImportedQuestions) -> list[str]:
    """Return what people should know of what came along."""
    lines = [f"{note.kind} {note.id}: {note.reason}" for note in report.notes]
    if report.is_guessed:
        lines.append(_("The text is not in UTF-8; it was read as %(encoding)s.") % {"encoding": report.encoding})
    return lines
