"""``manage.py import_course``: a course from another platform, from a folder or an archive."""

import json
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _
from tqdm import tqdm

from courses.exchange.olx import ImportRefused
from courses.exchange.reporting import counts_told
from courses.exchange.services import ImportReport, import_olx_course, teacher_by_email


class Command(BaseCommand):
    help = "Import an Open edX course (OLX: a folder, or a .tar.gz). The same org, course and run again updates it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the folder with course.xml, or the archive")
        parser.add_argument("--publish", action="store_true", help="show it in the catalogue; it is a draft otherwise")
        parser.add_argument("--price", help="what it costs, in rupees; it is free otherwise")
        parser.add_argument("--instructor", metavar="EMAIL", help="who teaches it")
        parser.add_argument("--json", action="store_true", help="print one JSON object last, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._imported(options)
        except ImportRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename or options['path']}: {error.strerror}") from error
        self.stdout.write(json.dumps(report.as_json()) if options["json"] else "\n".join(_told(report)))

    def _imported(self, options: dict[str, Any]) -> ImportReport:
        email = options["instructor"]
        with tqdm(desc="Reading", unit=" blocks", dynamic_ncols=True) as bar:

            def step(kind: str, name: str) -> None:
                bar.update()

            return import_olx_course(
                path=options["path"],
                instructor=teacher_by_email(email) if email else None,
                price=_price(options["price"]),
                publish=options["publish"],
                step=step,
            )


def _price(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation as error:
        raise CommandError(_("%(price)s is not a price.") % {"price": text}) from error


def _told(report: ImportReport) -> list[str]:
    """Return the report in lines for people."""
    state = _("published") if report.is_published else _("a draft")
    done = _("New course") if report.is_new else _("Updated course")
    lines = [f"{done} {report.course_id}: {report.title} ({state})", ""]
    lines += counts_told(report.blocks, report.left_out)
    lines += [_("Kept, because learners have work in it: %(title)s") % {"title": title} for title in report.kept]
    lines += [_("Named in a text and not in the file: %(name)s") % {"name": name} for name in report.missing_files]
    return lines
