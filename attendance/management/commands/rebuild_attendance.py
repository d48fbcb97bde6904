"""``manage.py rebuild_attendance``: fold every record of attendance anew from its events."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from attendance.services.rebuilding import Difference, rebuild_records, sessions_with_register
from courses.api import course_row


class Command(BaseCommand):
    help = (
        "Fold every record of attendance anew from its events, and say which differed. It may be stopped and run "
        "again at any time. With --check nothing is changed, and exit code 1 says that some differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--course", type=int, metavar="ID", help="of one course alone")
        parser.add_argument("--check", action="store_true", help="change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        course_id = options["course"]
        if course_id is not None and course_row(course_id) is None:
            raise CommandError(_("There is no course %(id)s.") % {"id": course_id})
        found = self._rebuilt(course_id, is_check=options["check"])
        self.stdout.write("\n".join(_told(found, is_check=options["check"])))
        if found and options["check"]:
            raise SystemExit(1)

    def _rebuilt(self, course_id: int | None, *, is_check: bool) -> list[Difference]:
        found: list[Difference] = []
        rebuilt = rebuild_records(course_id=course_id, is_check=is_check)
        total = sessions_with_register(course_id).count()
        for differences in tqdm(
            rebuilt, desc="Folding", unit=" sessions", total=total, dynamic_ncols=True, disable=None
        ):
            found += differences
        return found


def _told(found: list[Difference], *, is_check: bool) -> list[str]:
    """Return what was found in lines for people, one each and the sums last."""
    lines = [_line(one) for one in found]
    if not found:
        return [_("Every record follows from its events.")]
    counts = {
        "differing": len(found),
        "no_record": sum(one.is_without_record for one in found),
        "no_events": sum(one.is_without_events for one in found),
    }
    told = (
        _("%(differing)d records differ (%(no_record)d events without a record, %(no_events)d records without events).")
        if is_check
        else _(
            "%(differing)d records differed (%(no_record)d events without a record, %(no_events)d records without "
            "events) and are right now."
        )
    )
    return [*lines, told % counts]


def _line(one: Difference) -> str:
    before = _("no record") if one.before is None else one.before.status or "-"
    words = {"session": one.session_id, "user": one.user_id, "before": before, "after": one.after.status or "-"}
    return _("session %(session)d, user %(user)d: %(before)s → %(after)s") % words
