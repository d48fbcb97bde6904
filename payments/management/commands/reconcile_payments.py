"""``manage.py reconcile_payments``: ask the gateway about every order that is not final, mend, and audit everything."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.reconciliation.remedies import REMEDIES
from payments.reconciliation.reports import Report
from payments.reconciliation.services import reconcile

#: At the shell everything is asked about: somebody waits for the whole answer.
EVERYTHING = 1_000_000
#: A hundred years back.
MOST_DAYS = 36_500


class Command(BaseCommand):
    help = (
        "Ask the gateway about every order, refund and subscription that is not final, mend what disagrees, and "
        "audit the whole database. Exit code 0 says that everything was asked and agrees."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object, for programs")
        parser.add_argument(
            "--since", type=_days, metavar="DAYS", help="ask about orders and captured payments of so many days"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = reconcile(now=timezone.now(), most=EVERYTHING, days=options["since"])
        self.stdout.write(json.dumps(report.as_json()) if options["json"] else "\n".join(_told(report)))
        if not report.is_clean:
            raise SystemExit(1)


def _days(text: str) -> int:
    """Read a number of days. Of none or fewer nothing would be asked, and the report would say that all agrees."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise ArgumentTypeError(f"{text!r} is not a number of days from 1 to {MOST_DAYS}")
    return int(text)


def _told(report: Report) -> Iterator[str]:
    """Return the report in lines for people."""
    asked = ", ".join(f"{kind} {number}" for kind, number in report.asked.items())
    yield _("Asked: %(asked)s.") % {"asked": asked or _("nothing, there was nothing to ask")}
    if report.gateway_error:
        yield _("The gateway did not answer throughout (%(code)s): run this again.") % {"code": report.gateway_error}
    yield from _listed(_("Mended"), [f"{one.what}: {one.detail}" for one in report.mended])
    yield from _listed(_("Failed, to be tried again"), [f"{one.what}: {one.error}" for one in report.failures])
    for kind, found in groupby(report.contradictions, key=lambda one: one.kind):
        yield from _listed(
            _("Contradiction (%(kind)s)") % {"kind": kind}, [f"{one.what}: {one.detail}" for one in found]
        )
        yield f"  → {REMEDIES[kind]}"
    if report.is_clean:
        yield _("Money, access and documents agree.")


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}: {len(lines)}"
        yield from (f"  {line}" for line in lines)
