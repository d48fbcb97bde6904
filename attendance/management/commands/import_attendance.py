"""``manage.py import_attendance``: who was in a meeting, from its export, into the register of a session."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tqdm import tqdm

from attendance.exports import PROVIDERS, Clock, Export, ExportRefused, read_bytes, read_export
from attendance.models import LiveSession, Status
from attendance.selectors.policies import policy_of, zone_of
from attendance.services.importing import Imported, import_participations
from courses.api import course_row
from e_learning.core.api.errors import ApiError
from e_learning.core.api.paths import MOST_ID


class Command(BaseCommand):
    help = (
        "Import who was in a meeting (Zoom, Google Meet, Microsoft Teams; in English) into a session's register. The "
        "same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the export of the meeting's participants, CSV or TSV")
        parser.add_argument("--session", type=int, required=True, metavar="ID", help="the session that it was")
        parser.add_argument("--provider", choices=PROVIDERS, help="whose export; it is told by its content otherwise")
        parser.add_argument("--timezone", metavar="ZONE", help="whose clock its times are of; else the course's zone")
        parser.add_argument("--day-first", action="store_true", help="4/3/2026 is in March; it is in April otherwise")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object last, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        session = _session(options["session"])
        try:
            export = _read(session, options)
            report = import_participations(
                session=session,
                participations=export.participations,
                provider=export.provider,
                dry_run=options["dry_run"],
            )
        except ExportRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except ApiError as refusal:
            raise CommandError(str(refusal.message)) from refusal
        except OSError as error:
            raise CommandError(f"{error.filename or options['file']}: {error.strerror}") from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(report, export)))
        else:
            self.stdout.write("\n".join(_told(session, report, export, is_dry=options["dry_run"])))


def _session(session_id: int) -> LiveSession:
    rows = LiveSession.objects.filter(pk=session_id) if 0 < session_id <= MOST_ID else LiveSession.objects.none()
    session = rows.first()
    if session is None:
        raise CommandError(_("There is no session %(id)s.") % {"id": session_id})
    return session


def _read(session: LiveSession, options: dict[str, Any]) -> Export:
    clock = Clock(_zone(session, options["timezone"]), near=session.starts_at, day_first=options["day_first"])
    data = read_bytes(options["file"])
    with tqdm(desc="Reading", unit=" lines", dynamic_ncols=True, disable=None) as bar:
        export = read_export(data, clock=clock, provider=options["provider"], step=bar.update)
    if not export.participations:
        raise CommandError("\n".join([_("Nobody is in this file."), *_bad_lines(export)]))
    return export


def _zone(session: LiveSession, name: str | None) -> tzinfo:
    if name is None:
        course = course_row(session.course_id)
        assert course is not None  # a session goes with its course
        return zone_of(policy_of(session.course_id), course)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise CommandError(_("%(name)s is not a time zone.") % {"name": name}) from error


def _as_json(report: Imported, export: Export) -> dict[str, Any]:
    """Return the object that scripts rely on."""
    return {
        "session_id": report.session_id,
        "read": report.read,
        "matched": report.matched,
        "learners": len(report.learners),
        "new_events": report.new_events,
        "changed": [
            {"user_id": change.user_id, "from": change.before or None, "to": change.after or None}
            for change in report.changed
        ],
        "unmatched": [asdict(one) for one in report.unmatched],
        "bad_lines": [asdict(one) for one in export.bad_lines],
    }


def _told(session: LiveSession, report: Imported, export: Export, *, is_dry: bool) -> Iterator[str]:
    """Return the report in lines for people."""
    yield _("%(title)s (%(id)d), %(provider)s: %(read)d stays, %(matched)d of them of %(learners)d learners") % {
        "title": session.title,
        "id": session.pk,
        "provider": export.provider,
        "read": report.read,
        "matched": report.matched,
        "learners": len(report.learners),
    }
    if export.has_totals_only:
        yield _("The file has totals only: nobody is late by it. Their minutes count from the start of the session.")
    yield ""
    yield from _table(report)
    yield ""
    for change in report.changed:
        yield f"{change.name} ({change.user_id}): {_word(change.before)} → {_word(change.after)}"
    for one in report.unmatched:
        yield _("Line %(line)d, not matched (%(reason)s): %(who)s") % {
            "line": one.line,
            "reason": one.reason,
            "who": " ".join(filter(None, (one.name, one.email))),
        }
    yield from _bad_lines(export)
    number = report.new_events
    if is_dry:
        told = ngettext(
            "Nothing was changed: %d event would be new.", "Nothing was changed: %d events would be new.", number
        )
    else:
        told = ngettext("%d event is new.", "%d events are new.", number)
    yield told % number


def _table(report: Imported) -> Iterator[str]:
    """How many of the learners were, and are, what."""
    was = Counter(change.before for change in report.learners)
    became = Counter(change.after for change in report.learners)
    before, after = _("before"), _("after")  # xgettext does not look into f-strings
    yield f"{'':24}{before:>10}{after:>10}"
    for status in (*Status.values, ""):
        yield f"{_word(status):24}{was[status]:>10}{became[status]:>10}"


def _word(status: str) -> str:
    return str(Status(status).label) if status else "–"


def _bad_lines(export: Export) -> list[str]:
    return [_("Line %(line)d: %(reason)s") % {"line": bad.line, "reason": bad.reason} for bad in export.bad_lines]
