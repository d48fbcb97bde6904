"""``manage.py export_questions``: a quiz's questions as a file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _

from courses.exchange.olx import ImportRefused
from courses.exchange.question_files import export_questions
from courses.exchange.questions import WRITTEN_FORMATS


class Command(BaseCommand):
    help = "Write a quiz's questions as GIFT or Moodle XML, with what is right: keep the file from learners."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiz", type=int, required=True, metavar="ID", help="the quiz whose questions they are")
        parser.add_argument("--format", choices=WRITTEN_FORMATS, required=True, help="the format to write")
        parser.add_argument("--output", type=Path, metavar="FILE", help="where to; to standard output otherwise")
        parser.add_argument("--json", action="store_true", help="print one JSON object last, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"] and not options["output"]:
            raise CommandError(_("--json needs --output: standard output can't hold the file and the report."))
        try:
            report = export_questions(quiz_id=options["quiz"], file_format=options["format"])
            if options["output"]:
                options["output"].write_bytes(report.text.encode())
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename or options['output']}: {error.strerror}") from error
        for entry in (*report.left_out, *report.notes):
            self.stderr.write(f"{entry.kind} {entry.id}: {entry.reason}")
        if not options["output"]:
            self.stdout.write(report.text, ending="")
        elif options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
