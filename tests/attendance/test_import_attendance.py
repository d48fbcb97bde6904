"""``manage.py import_attendance``: what it reads, says, and leaves alone."""

import json
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from accounts.models import CustomUser
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from courses.models import AccessGrant, Course
from tests.factories.classes import make_class, make_session
from tests.factories.courses import make_course

pytestmark = pytest.mark.django_db
WriteFile = Callable[[str], Path]
HEAD = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room\n"


@pytest.fixture
def session(course: Course) -> LiveSession:
    """A class from nine to ten on 3 April in Kolkata, where Asha is."""
    course.instructor.timezone = "Asia/Kolkata"
    course.instructor.save(update_fields=["timezone"])
    _enrolled_since_january(course)
    return make_session(course, starts_at=datetime(2026, 4, 3, 9, 0, tzinfo=ZoneInfo("Asia/Kolkata")))


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    def write_it(text: str) -> Path:
        path = tmp_path / "export.csv"
        path.write_text(text)
        return path

    return write_it


def _enrolled_since_january(course: Course) -> None:
    january = datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC"))
    course.enrollments.update(enrollment_date=january)
    AccessGrant.objects.filter(course=course).update(starts_at=january)


def line(name: str, email: str = "", *, day: str = "4/3/2026", times: str = "9:01:00 AM,9:59:00 AM") -> str:
    came, went = times.split(",")
    return f"{name},{email},{day} {came},{day} {went},58,No,No\n"


def run(path: Path, session: LiveSession, *arguments: str) -> str:
    out = StringIO()
    call_command(
        "import_attendance", str(path), "--session", str(session.pk), *arguments, stdout=out, stderr=StringIO()
    )
    return out.getvalue()


def bring(path: Path, session: LiveSession, *arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(run(path, session, "--json", *arguments).splitlines()[-1])
    return report


def test_the_report_is_one_object_with_the_names_that_scripts_rely_on(
    session: LiveSession, write: WriteFile, bilal: CustomUser
) -> None:
    text = HEAD + line("iPhone", "bilal@demo.school") + line("Nobody", "n@example.com") + line("Bilal", day="soon")
    assert bring(write(text), session) == {
        "session_id": session.pk,
        "read": 2,
        "matched": 1,
        "learners": 1,
        "new_events": 1,
        "changed": [{"user_id": bilal.pk, "from": None, "to": "present"}],
        "unmatched": [{"name": "Nobody", "email": "n@example.com", "line": 3, "reason": "unknown"}],
        "bad_lines": [{"line": 4, "reason": "“soon 9:01:00 AM” is no time."}],
    }
    record = AttendanceRecord.objects.get()
    assert (record.user, record.status, record.minutes) == (bilal, "present", 58)


def test_a_dry_run_tells_people_and_writes_nothing(session: LiveSession, write: WriteFile) -> None:
    told = run(write(HEAD + line("Bilal") + line("Nobody")), session, "--dry-run")

    assert "Bilal" in told
    assert "– → present" in told
    assert "Line 3, not matched (unknown): Nobody" in told
    assert "Nothing was changed: 1 event would be new." in told
    assert not AttendanceEvent.objects.exists()
    assert not AttendanceRecord.objects.exists()


def test_totals_are_told_as_such(session: LiveSession, write: WriteFile) -> None:
    told = run(write("Name (original name),Email,Total duration (minutes),Guest\nBilal,,58,No\n"), session)
    assert "totals only" in told
    assert "1 event is new." in told


def test_days_come_first_only_where_it_is_said(session: LiveSession, write: WriteFile) -> None:
    path = write(HEAD + line("Bilal", day="3/4/2026"))
    with pytest.raises(CommandError, match="days before its months"):
        run(path, session)
    assert bring(path, session, "--day-first")["new_events"] == 1


def test_another_clock_is_refused_and_can_be_named(session: LiveSession, write: WriteFile) -> None:
    path = write(HEAD + line("Bilal", times="3:31:00 AM,4:29:00 AM"))
    with pytest.raises(CommandError, match="another time zone"):
        run(path, session)
    assert bring(path, session, "--timezone", "UTC")["new_events"] == 1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(session: LiveSession, write: WriteFile, zone: str) -> None:
    with pytest.raises(CommandError, match="not a time zone"):
        run(write(HEAD + line("Bilal")), session, "--timezone", zone)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", HEAD, HEAD + line("Bilal", day="soon")])
def test_a_file_that_tells_of_nobody_is_refused(session: LiveSession, write: WriteFile, text: str) -> None:
    with pytest.raises(CommandError, match=r"known here|Nobody is in this file"):
        run(write(text), session)


def test_there_has_to_be_such_a_session_and_such_a_file(session: LiveSession, write: WriteFile, tmp_path: Path) -> None:
    for number in (0, session.pk + 1, 10**30):
        with pytest.raises(CommandError, match="no session"):
            call_command("import_attendance", str(write(HEAD)), "--session", str(number))
    with pytest.raises(CommandError, match="no file"):
        run(tmp_path / "nothing.csv", session)


def test_another_course_s_session_takes_none_of_this_class(
    asha: CustomUser, session: LiveSession, write: WriteFile
) -> None:
    other = make_session(make_course(asha, title="Numbers"), starts_at=session.starts_at)
    assert bring(write(HEAD + line("Bilal", "bilal@demo.school")), other)["matched"] == 0


def test_350_people_who_come_back_three_times(session: LiveSession, course: Course, write: WriteFile) -> None:
    learners = make_class(course, 350)
    stays = ["9:00:00 AM,9:10:00 AM", "9:05:00 AM,9:20:00 AM", "9:30:00 AM,9:40:00 AM", "9:35:00 AM,9:45:00 AM"]
    lines = [
        line(one.full_name, one.email if place % 2 else "", times=times)
        for times in stays
        for place, one in enumerate(learners)
    ]
    _enrolled_since_january(course)
    path = write(HEAD + "".join(lines) + line("Nobody"))
    report = bring(path, session)

    assert {key: report[key] for key in ("read", "matched", "learners", "new_events")} == {
        "read": 1401, "matched": 1400, "learners": 350, "new_events": 1400,
    }  # fmt: skip
    assert len(report["unmatched"]) == 1
    assert set(AttendanceRecord.objects.values_list("status", "minutes", "version")) == {("present", 35, 4)}
    again = bring(path, session)
    assert (again["new_events"], again["changed"], AttendanceEvent.objects.count()) == (0, [], 1400)
