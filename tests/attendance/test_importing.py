"""Who was in a meeting becomes the register: the right people, once, and nobody by mistake."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from attendance.access import SessionCancelled
from attendance.exports import Participation
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.importing import Imported, NotThisMeeting, import_participations
from attendance.services.keeping import keep_events
from courses.models import Course
from tests.factories.classes import event, make_class
from tests.factories.courses import enroll
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def stay(
    session: LiveSession, name: str, email: str = "", *, come: int = 0, go: int = 60, **fields: Any
) -> Participation:
    """Return a stay from minute ``come`` of the session to minute ``go``."""
    joined_at, left_at = (session.starts_at + timedelta(minutes=minutes) for minutes in (come, go))
    return replace(Participation(name, email, joined_at, left_at, line=2), **fields)


def bring(session: LiveSession, *stays: Participation, provider: str = "zoom", dry_run: bool = False) -> Imported:
    return import_participations(session=session, participations=stays, provider=provider, dry_run=dry_run)


def why(report: Imported) -> list[tuple[str, str]]:
    return [(one.name, one.reason) for one in report.unmatched]


def register() -> Sequence[tuple[str, str, int]]:
    return list(AttendanceRecord.objects.order_by("user").values_list("user__username", "status", "minutes"))


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("iPhone", "BILAL@demo.school "),
        ("Bilal", ""),
        ("  bilal ", "at-home@example.com"),
        ("BILAL (Guest)", ""),
        ("Teddy (Bilal)", ""),
        ("Bilal (he/him)", ""),
        ("Ｂilal", ""),
    ],
)
def test_a_learner_is_known_by_address_or_name(session: LiveSession, bilal: CustomUser, name: str, email: str) -> None:
    report = bring(session, stay(session, name, email))

    assert [(change.user_id, change.before, change.after) for change in report.changed] == [(bilal.pk, "", "present")]
    assert register() == [("bilal", "present", 60)]


def test_nobody_outside_of_the_class_is_matched(session: LiveSession, chitra: CustomUser) -> None:
    strangers = stay(session, "Chitra", chitra.email), stay(session, "chitra"), stay(session, "")
    report = bring(session, *strangers)

    assert why(report) == [("Chitra", "unknown"), ("chitra", "unknown"), ("", "unknown")]
    assert not AttendanceEvent.objects.exists()
    assert not AttendanceRecord.objects.exists()


def test_a_stranger_who_calls_herself_bilal_is_not_bilal(session: LiveSession, chitra: CustomUser) -> None:
    assert why(bring(session, stay(session, "Bilal", chitra.email))) == [("Bilal", "unknown")]


def test_a_name_that_two_learners_have_is_neither(session: LiveSession, course: Course) -> None:
    enroll(person("bilal2", full_name="Bilal"), course, enrollment_date=session.starts_at)
    report = bring(session, stay(session, "Bilal"), stay(session, "bilal2"), stay(session, "Bilal (Bilal2)"))

    assert why(report) == [("Bilal", "ambiguous"), ("Bilal (Bilal2)", "ambiguous")]
    assert [record.user.username for record in AttendanceRecord.objects.all()] == ["bilal2"]


def test_whose_course_it_is_is_no_learner(session: LiveSession, asha: CustomUser) -> None:
    by_name, by_mark = stay(session, "Asha"), stay(session, "Bilal", is_host=True)
    report = bring(session, stay(session, "x", asha.email), by_name, by_mark)

    assert [reason for _name, reason in why(report)] == ["host", "host", "host"]


def test_the_waiting_room_is_not_the_class(session: LiveSession) -> None:
    waited = stay(session, "Bilal", joined_at=None, left_at=None, has_waited=True)
    assert why(bring(session, waited, stay(session, "Somebody"))) == [
        ("Bilal", "waiting_room"),
        ("Somebody", "unknown"),
    ]


def test_stays_of_another_day_are_left_out(session: LiveSession) -> None:
    yesterday = stay(session, "Bilal", come=-24 * 60, go=-23 * 60)
    report = bring(session, yesterday, stay(session, "Bilal", come=20))

    assert why(report) == [("Bilal", "another_time")]
    assert register() == [("bilal", "late", 40)]


def test_a_file_of_another_time_is_refused_and_says_both_times(session: LiveSession) -> None:
    with pytest.raises(NotThisMeeting) as refusal:
        bring(session, stay(session, "Bilal", come=-330, go=-270))

    assert "another time zone" in str(refusal.value.message)
    assert not AttendanceRecord.objects.exists()


def test_a_cancelled_session_takes_nothing(session: LiveSession) -> None:
    LiveSession.objects.update(state="cancelled")
    with pytest.raises(SessionCancelled):
        bring(session, stay(session, "Bilal"))


def test_read_again_it_changes_nothing(session: LiveSession) -> None:
    stays = (
        stay(session, "Bilal", go=20),
        stay(session, "Bilal", come=30, line=3),
        stay(session, "Bilal", come=30, line=4),
    )
    first, again = bring(session, *stays), bring(session, *stays)

    assert (first.new_events, len(first.changed), again.new_events, again.changed) == (2, 1, 0, [])
    assert AttendanceEvent.objects.count() == 2
    assert register() == [("bilal", "present", 50)]


def test_the_same_line_of_another_provider_is_another(session: LiveSession) -> None:
    bring(session, stay(session, "Bilal"))

    assert bring(session, stay(session, "Bilal"), provider="teams").new_events == 1
    assert register() == [("bilal", "present", 60)]


def test_a_dry_run_says_what_would_be_and_writes_nothing(session: LiveSession, bilal: CustomUser) -> None:
    keep_events(session, [event(session, bilal, "auto", session.ends_at, status="absent")])
    before = list(AttendanceRecord.objects.values())
    dry = bring(session, stay(session, "Bilal", come=20), dry_run=True)

    assert [(change.before, change.after) for change in dry.changed] == [("absent", "late")]
    assert list(AttendanceRecord.objects.values()) == before
    assert AttendanceEvent.objects.count() == 1
    assert bring(session, stay(session, "Bilal", come=20)) == dry
    assert bring(session, stay(session, "Bilal", come=20), dry_run=True).new_events == 0


def test_what_was_set_by_hand_stands(session: LiveSession, bilal: CustomUser) -> None:
    keep_events(session, [event(session, bilal, "manual", session.ends_at, status="excused")])

    assert bring(session, stay(session, "Bilal")).changed == []
    assert register() == [("bilal", "excused", 60)]


def test_who_was_not_seen_leaving_stayed(session: LiveSession) -> None:
    bring(session, stay(session, "Bilal", come=5, left_at=None))
    assert register() == [("bilal", "present", 55)]


def test_totals_count_from_the_start(session: LiveSession) -> None:
    bring(session, stay(session, "Bilal", joined_at=None, left_at=None, minutes=45))
    assert register() == [("bilal", "present", 45)]


def test_it_is_judged_by_the_session_as_it_is_now(session: LiveSession) -> None:
    LiveSession.objects.update(late_after=session.starts_at, ends_at=session.starts_at + timedelta(minutes=30))
    bring(session, stay(session, "Bilal", come=2))
    assert register() == [("bilal", "late", 28)]


def test_the_actor_is_remembered(session: LiveSession, asha: CustomUser) -> None:
    import_participations(session=session, participations=[stay(session, "Bilal")], provider="meet", actor=asha)
    noted = AttendanceEvent.objects.get()

    assert (noted.actor, noted.kind, noted.provider, len(noted.provider_id)) == (asha, "import", "meet", 64)


def test_a_class_of_many_costs_what_a_class_of_one_does(
    session: LiveSession, course: Course, on_postgresql: bool
) -> None:
    costs = []
    for learners in (make_class(course, 1), _pupils(course, 40)):
        stays = [stay(session, one.full_name, come=come) for one in learners for come in range(3)]
        with CaptureQueriesContext(connection) as seen:
            bring(session, *stays)
        costs.append(len(seen))

    assert not on_postgresql or costs == [14, 14]


def _pupils(course: Course, size: int) -> list[CustomUser]:
    pupils = [person(f"pupil{number}") for number in range(size)]
    for pupil in pupils:
        enroll(pupil, course, enrollment_date=timezone.now() - timedelta(days=1))
    return pupils
