"""Every record follows from its events: folded anew the register is the same, and what was spoilt is put right."""

import random
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import CustomUser
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.keeping import keep_events, refold_session
from attendance.services.marking import Mark, mark_roll
from courses.models import Course
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import make_course
from tests.thorough import times

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
STATUSES = ["", "present", "late", "absent", "excused"]


def rebuild(*arguments: str) -> tuple[str, int]:
    """Return what the command says, and its exit code."""
    said = StringIO()
    try:
        call_command("rebuild_attendance", *arguments, stdout=said)
    except SystemExit as end:
        return said.getvalue(), int(end.code or 0)
    return said.getvalue(), 0


def table() -> list[Any]:
    return list(AttendanceRecord.objects.order_by("pk").values())


def write_something(rng: random.Random, session: LiveSession, owner: CustomUser, learners: list[CustomUser]) -> None:
    """Write once, in one of the ways in which the register is written."""
    some = rng.sample(learners, rng.randint(1, len(learners)))
    minute = session.starts_at + rng.randint(-20, 80) * MINUTE
    kind = rng.choice(["check_in", "join", "leave", "import", "auto", "excuse", "refused", "mark", "move"])
    if kind == "mark":
        marks = [Mark(learner.pk, rng.choice(STATUSES), note=rng.choice([None, "Ill"])) for learner in some]
        mark_roll(owner=owner, session_id=session.pk, marks=marks)
    elif kind == "move":
        session.ends_at = session.starts_at + rng.randint(20, 90) * MINUTE
        session.minimum_minutes = rng.choice([None, 30])
        session.save()
        refold_session(session)
    else:
        fields: dict[str, Any] = {"kind": kind, "at": minute} | more_of(kind, minute, rng)
        keep_events(session, [event(session, learner, **fields) for learner in some])


def more_of(kind: str, minute: datetime, rng: random.Random) -> dict[str, Any]:
    of_kinds: dict[str, dict[str, Any]] = {
        "import": {"until": minute + rng.randint(0, 60) * MINUTE},
        "auto": {"status": rng.choice(["present", "absent"])},
        "refused": {"refusal": "too_far", "kind": "check_in"},
        "check_in": {"client_time": rng.choice([None, minute])},
    }
    return of_kinds.get(kind, {})


@pytest.mark.parametrize("seed", range(times(20, few=3)))
def test_rebuilding_gives_the_same_table(asha: CustomUser, course: Course, seed: int) -> None:
    rng = random.Random(seed)
    learners = make_class(course, 4)
    sessions = [make_session(course), make_session(course)]
    for _write in range(60):
        write_something(rng, rng.choice(sessions), asha, learners)
    before = table()

    assert len(before) > 4
    assert rebuild("--check") == ("Every record follows from its events.\n", 0)
    assert rebuild() == ("Every record follows from its events.\n", 0)
    assert table() == before
    AttendanceRecord.objects.all().delete()
    assert "events without a record" in rebuild()[0]
    assert without_ids(table()) == without_ids(before)


def without_ids(rows: list[Any]) -> list[Any]:
    whole = [{name: row[name] for name in row if name != "id"} for row in rows]
    return sorted(whole, key=lambda row: (row["session_id"], row["user_id"]))


@pytest.fixture
def spoilt(session: LiveSession, bilal: CustomUser, course: Course) -> list[Any]:
    """Spoil one record, lose one, and make one up; returns the table as it should be."""
    first, lost, made_up = make_class(course, 3)
    for learner in (bilal, first, lost):
        keep_events(session, [event(session, learner, "check_in", session.starts_at)])
    right = without_ids(table())
    AttendanceRecord.objects.filter(user=bilal).update(status="absent", minutes=3)
    AttendanceRecord.objects.filter(user=lost).delete()
    AttendanceRecord.objects.create(session=session, user=made_up, status="present", version=2)
    return right


def test_check_finds_what_differs_and_changes_nothing(spoilt: list[Any], bilal: CustomUser, session: Any) -> None:
    before = table()
    said, code = rebuild("--check")

    assert code == 1
    assert f"session {session.pk}, user {bilal.pk}: absent → present" in said
    assert ": no record → present" in said
    assert ": present → -" in said
    assert said.endswith("3 records differ (1 events without a record, 1 records without events).\n")
    assert table() == before


def test_rebuilding_puts_it_right(spoilt: list[Any]) -> None:
    said, code = rebuild()

    assert code == 0
    assert "are right now" in said
    assert without_ids([row for row in table() if row["version"]]) == spoilt
    assert [row["status"] for row in table() if not row["version"]] == [""]  # what no event says is said no more
    assert rebuild("--check")[1] == 0


def test_one_course_alone(spoilt: list[Any], course: Course, asha: CustomUser) -> None:
    other = make_course(asha)

    assert rebuild("--check", f"--course={other.pk}") == ("Every record follows from its events.\n", 0)
    assert rebuild("--check", f"--course={course.pk}")[1] == 1
    with pytest.raises(CommandError):
        rebuild("--course=999999")


def test_check_makes_no_record_of_events_without_one(session: LiveSession, bilal: CustomUser) -> None:
    AttendanceEvent.objects.bulk_create([event(session, bilal, "check_in", timezone.now())])
    assert rebuild("--check")[1] == 1
    assert not AttendanceRecord.objects.exists()
