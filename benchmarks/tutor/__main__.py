"""Measure the tutor's answers without any model: what it cites, what it finds, what it declines.

    python -m benchmarks.tutor [--course PATH] [--show]

On SQLite in a folder of the run's own, or with DATABASE_URL on that PostgreSQL server, in a database that is made for
the run and dropped (the name in the address, or el_bench). A target that is missed ends the run with a status of 1.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks.database import Database
from benchmarks.servers import ROOT

if TYPE_CHECKING:
    from benchmarks.tutor.measuring import Measure, Outcome


def main() -> None:
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_received: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _database(folder) as address:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="e_learning.settings",
            ENV_FILE=os.devnull,
            DATABASE_URL=address,
            DATA_DIR=folder,
            SECRET_KEY=secrets.token_hex(32),
            DEBUG="0",
        )
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
        django.setup()
        # Models can be imported only from here on.
        from django.db import connection

        try:
            well = _measure_all(asked.course, show=asked.show)
        finally:
            connection.close()
    sys.exit(0 if well else 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the tutor's answers without a model.")
    parser.add_argument(
        "--course", type=Path, help="the Open edX demo course (OLX), to be imported and asked about too"
    )
    parser.add_argument("--show", action="store_true", help="print each question of the tuned half that went wrong")
    return parser.parse_args()


@contextmanager
def _database(folder: str) -> Iterator[str]:
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    database = Database(address)
    with database.made():
        yield database.address


def _measure_all(course: Path | None, *, show: bool) -> bool:
    from benchmarks.tutor.measuring import asked_of, make_school
    from benchmarks.tutor.questions import ANSWERABLE, UNANSWERABLE

    learner = make_school()
    answerable, unanswerable = asked_of(learner, ANSWERABLE), asked_of(learner, UNANSWERABLE)
    well = _report("the demo school and an imported course", answerable, unanswerable, show=show)
    return _measure_open_edx(course, show=show) and well


def _measure_open_edx(course: Path | None, *, show: bool) -> bool:
    from benchmarks.tutor.measuring import asked_of, take_course
    from benchmarks.tutor.open_edx import ANSWERABLE, UNANSWERABLE

    if course is None or not course.is_dir():
        print(
            f"\nThe Open edX demo course: skipped, {'no --course given' if course is None else f'nothing at {course}'}."
        )
        return True
    learner = take_course(course)
    return _report(
        "the Open edX demo course", asked_of(learner, ANSWERABLE), asked_of(learner, UNANSWERABLE), show=show
    )


def _report(
    name: str, answerable: dict[str, list["Outcome"]], unanswerable: dict[str, list["Outcome"]], *, show: bool
) -> bool:
    from benchmarks.tutor.measuring import measures

    every = [one for outcomes in answerable.values() for one in outcomes]
    nobodys = [one for outcomes in unanswerable.values() for one in outcomes]
    print(f"\n{name}: {len(every)} questions with an answer, {len(nobodys)} without")
    for group, outcomes in answerable.items():
        _say(f"  {group}", measures(outcomes, [])[:3])
    for group, outcomes in unanswerable.items():
        _say(f"  {group}", measures([], outcomes)[3:])
    for half, is_tuned_on in (("tuned on", True), ("held out", False)):
        of_half = [[one for one in whole if one.is_tuned_on is is_tuned_on] for whole in (every, nobodys)]
        _say(f"  {half}", measures(*of_half))
    whole = measures(every, nobodys)
    for measure in whole:
        verdict = "REACHED" if measure.is_reached else "MISSED"
        print(f"{measure.name:32}{measure.reached:7.1%}  (at least {measure.target:.0%})  {verdict}")
    if show:
        _show_wrong([one for one in [*every, *nobodys] if one.is_tuned_on])
    return all(measure.is_reached for measure in whole)


def _say(group: str, figures: list["Measure"]) -> None:
    print(f"{group:32}" + "   ".join(f"{measure.name} {measure.reached:.1%}" for measure in figures))


def _show_wrong(outcomes: list["Outcome"]) -> None:
    for one in outcomes:
        if one.asked.is_answerable and not (one.is_cited_right and one.is_in_top_three):
            print(f"  {one.asked.question}  →  cited {one.cited}; found {list(dict.fromkeys(one.found))[:3]}")
        elif not one.asked.is_answerable and one.cited is not None:
            print(f"  {one.asked.question}  →  not declined: {one.cited}")


if __name__ == "__main__":
    main()
