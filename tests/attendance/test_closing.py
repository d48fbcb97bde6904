"""After the end, whoever is not in the register is absent: noted once, by whichever sweep comes."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services import closing
from attendance.services.closing import close_due_sessions, close_session
from attendance.services.keeping import keep_events
from attendance.tasks import close_sessions
from courses.models import Course
from tests.crowd import all_at_once, crowd
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import enroll, leave_all
from tests.factories.people import person
from tests.thorough import times

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def over(course: Course, now: datetime) -> LiveSession:
    """A session that was over two hours ago; absence is to be noted since one."""
    return make_session(course, starts_at=now - timedelta(hours=3))


def statuses(session: LiveSession) -> dict[int, str]:
    return dict(AttendanceRecord.objects.filter(session=session).values_list("user_id", "status"))


def close(session: LiveSession, at: datetime) -> bool:
    return close_session(session_id=session.pk, at=at)


def test_who_did_not_come_is_absent(over: LiveSession, bilal: CustomUser, now: datetime) -> None:
    assert close(over, now)

    [record] = AttendanceRecord.objects.all()
    assert (record.user_id, record.status, record.reason, record.version) == (bilal.pk, "absent", "not_there", 1)
    assert AttendanceEvent.objects.get().at == over.absent_at
    over.refresh_from_db()
    assert over.closed_at == now


KNOWN = [
    ({"kind": "check_in"}, "present"),
    ({"kind": "manual", "status": "excused"}, "excused"),
    ({"kind": "excuse"}, "excused"),
    # Nothing of these decides, so the absence does.
    ({"kind": "check_in", "refusal": "too_far"}, "absent"),
    ({"kind": "manual", "status": ""}, "absent"),
    ({"kind": "leave"}, "absent"),
]


@pytest.mark.parametrize(("known", "status"), KNOWN)
def test_what_the_register_says_already_stands(
    known: Any, status: str, over: LiveSession, bilal: CustomUser, now: datetime
) -> None:
    keep_events(over, [event(over, bilal, at=over.starts_at, **known)])
    close(over, now)

    assert statuses(over) == {bilal.pk: status}
    assert AttendanceEvent.objects.filter(kind="auto").exists() == (status == "absent")


def test_only_the_class_is_marked(over: LiveSession, course: Course, bilal: CustomUser, now: datetime) -> None:
    enroll(person("later"), course, enrollment_date=over.ends_at + timedelta(minutes=1))
    long_ago = {"enrollment_date": now - timedelta(days=50)}
    enroll(person("before"), course, expiry_date=over.starts_at - timedelta(minutes=1), **long_ago)
    enroll(person("gone"), course, is_active=False, **long_ago)
    since = person("since")
    enroll(since, course, expiry_date=over.ends_at + timedelta(minutes=1), **long_ago)
    close(over, now)

    assert set(statuses(over)) == {bilal.pk, since.pk}


def test_a_class_of_nobody_is_closed(over: LiveSession, now: datetime) -> None:
    leave_all(over.starts_at)

    assert close(over, now)
    assert not AttendanceRecord.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [{"absent_at": timezone.now() + timedelta(days=1)}, {"state": "cancelled"}, {"closed_at": timezone.now()}],
    ids=["not yet", "cancelled", "closed"],
)
def test_what_is_not_due_stays_open(fields: Any, over: LiveSession, now: datetime) -> None:
    LiveSession.objects.update(**fields)

    assert (close(over, now), close_due_sessions(at=now)) == (False, 0)
    assert not AttendanceEvent.objects.exists()


def test_where_nobody_is_to_be_marked_it_is_closed_at_its_end(over: LiveSession, now: datetime) -> None:
    LiveSession.objects.update(absent_at=None)

    assert not close(over, over.ends_at - timedelta(seconds=1))
    assert close(over, over.ends_at)
    assert not AttendanceEvent.objects.exists()


def test_a_class_that_was_entered_when_it_was_over_waits_a_day_for_its_roll(over: LiveSession, now: datetime) -> None:
    LiveSession.objects.update(created_at=over.ends_at)

    a_day_later = over.ends_at + timedelta(days=1)
    assert not close(over, a_day_later - timedelta(seconds=1))
    assert not AttendanceEvent.objects.exists()
    assert close(over, a_day_later)
    assert set(statuses(over).values()) == {"absent"}


@pytest.mark.parametrize("absent_at", [None, "a moment"])
def test_a_class_that_was_entered_while_it_was_on_is_closed_as_any_other(
    absent_at: str | None, over: LiveSession, now: datetime
) -> None:
    LiveSession.objects.update(
        created_at=over.ends_at - timedelta(seconds=1), absent_at=over.absent_at if absent_at else None
    )

    assert close(over, now)


def test_an_import_that_comes_later_turns_absent_into_present(
    over: LiveSession, bilal: CustomUser, now: datetime
) -> None:
    close(over, now)
    keep_events(over, [event(over, bilal, "import", over.starts_at, until=over.ends_at, provider_id="1")])

    assert statuses(over) == {bilal.pk: "present"}


def test_the_sweep_closes_all_in_batches_and_each_once(course: Course, now: datetime) -> None:
    for days in range(1, 6):
        make_session(course, starts_at=now - timedelta(days=days))
    make_session(course)

    assert [close_due_sessions(at=now, batch=2), close_due_sessions(at=now, batch=2)] == [5, 0]
    assert AttendanceEvent.objects.count() == 5


def test_the_schedule_runs_the_sweep(over: LiveSession) -> None:
    from e_learning.celery import app

    assert "attendance.close_sessions" in {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert [close_sessions(), close_sessions()] == [1, 0]


def test_one_that_fails_is_logged_and_hinders_no_other(
    course: Course, over: LiveSession, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    other = make_session(course, starts_at=now - timedelta(days=1))
    real = closing.class_of

    def breaks(session: LiveSession) -> Any:
        if session.pk == over.pk:
            raise RuntimeError("torn")
        return real(session)

    with monkeypatch.context() as patched:
        patched.setattr(closing, "class_of", breaks)
        assert close_due_sessions(at=now) == 1
    assert f"could not close session {over.pk}" in caplog.text
    assert list(AttendanceEvent.objects.values_list("session_id", flat=True)) == [other.pk]
    assert close_due_sessions(at=now) == 1


def test_after_a_crash_in_the_middle_it_is_done_again_and_nothing_is_doubled(
    over: LiveSession, bilal: CustomUser, now: datetime
) -> None:
    closing._mark_class(over.pk, now)
    assert statuses(over) == {bilal.pk: "absent"}

    assert close(over, now)
    assert AttendanceEvent.objects.count() == AttendanceRecord.objects.get().version == 1


# --- at once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_close_it_once(course: Course, now: datetime) -> None:
    make_class(course, 3)
    with crowd(3) as together:
        for number in range(times(20, few=3)):
            session = make_session(course, starts_at=now - timedelta(hours=3, minutes=number))
            closed = together(*[lambda pk=session.pk: close_session(session_id=pk, at=now)] * 3)
            assert sorted(closed) == [False, False, True]
            assert AttendanceEvent.objects.filter(session=session).count() == 4


@pytest.mark.django_db(transaction=True)
def test_beside_check_ins_and_a_roll_nobody_waits_for_ever(course: Course, asha: CustomUser, now: datetime) -> None:
    """Records are held in the order of users by everybody, so none of the three finds a deadlock."""
    learners = make_class(course, 12)
    with crowd(6) as together:
        for number in range(times(20, few=3)):
            session = make_session(course, starts_at=now - timedelta(hours=3, minutes=number))
            marked = [
                event(session, user, "manual", now, status="late", actor=asha) for user in reversed(learners[::2])
            ]
            together(
                lambda pk=session.pk: close_session(session_id=pk, at=now),
                lambda session=session, marked=marked: keep_events(session, marked),
                *[
                    lambda session=session, user=user: keep_events(
                        session, [event(session, user, "check_in", session.starts_at)]
                    )
                    for user in learners[1:9:2]
                ],
            )
            said = statuses(session)
            assert {said[user.pk] for user in learners[::2]} == {"late"}
            assert {said[user.pk] for user in learners[1:9:2]} == {"present"}
            assert said[learners[11].pk] == "absent"


@pytest.mark.django_db(transaction=True)
def test_one_that_is_moved_while_it_is_closed_is_not_closed(course: Course, now: datetime) -> None:
    assert not any(marked_though_moved(course, now, closing._mark_class, times(20, few=3)))


@pytest.mark.django_db(transaction=True)
def test_without_holding_the_session_it_would_be(course: Course, now: datetime) -> None:
    """What the hold holds: a session read without it is marked by times that are no longer its own."""
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer: whoever reads to write is alone until the commit")

    @transaction.atomic
    def without_holding(session_id: int, at: datetime) -> Any:
        session = LiveSession.objects.to_close(at).filter(pk=session_id).first()
        if session is None:
            return None
        held = closing.hold_records(
            session, closing._undecided(session, [row.user_id for row in closing.class_of(session)])
        )
        return closing.keep_held(session, held, closing._what_is_known(session, held, {}))

    assert any(marked_though_moved(course, now, without_holding, 200))


def marked_though_moved(course: Course, now: datetime, mark: Callable[..., Any], rounds: int) -> Iterator[bool]:
    """Mark a class while its session, of which nothing was noted yet, is moved to tomorrow, as whoever plans it does
    it; yields whether somebody is absent tomorrow.
    """
    learners = make_class(course, 4)
    tomorrow = now + timedelta(days=1)

    @transaction.atomic
    def move(session_id: int) -> None:
        session = LiveSession.objects.select_for_update(no_key=True).get(pk=session_id)
        if not AttendanceEvent.objects.filter(session=session_id).exists():
            session.starts_at, session.ends_at, session.absent_at = tomorrow, tomorrow + timedelta(hours=1), None
            session.save(update_fields=["starts_at", "ends_at", "absent_at"])

    with crowd(2) as together:
        for number in range(rounds):
            session = make_session(course, starts_at=now - timedelta(hours=3, minutes=number))
            together(lambda pk=session.pk: mark(pk, now), lambda pk=session.pk: move(pk))
            session.refresh_from_db()
            yield session.starts_at == tomorrow and len(statuses(session)) > len(learners)


@pytest.mark.django_db(transaction=True)
def test_closing_and_completing_at_once_agree(course: Course, bilal: CustomUser, now: datetime) -> None:
    session = make_session(course, starts_at=now - timedelta(days=1))
    came = event(session, bilal, "import", session.starts_at, until=session.ends_at, provider_id="1")
    all_at_once(lambda: close_session(session_id=session.pk, at=now), lambda: keep_events(session, [came]))

    assert statuses(session) == {bilal.pk: "present"}


# --- costs --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_closing_costs_the_same_for_one_and_for_300_learners(
    course: Course, now: datetime, on_postgresql: bool
) -> None:
    costs = []
    for number, size in enumerate((1, 300)):
        if size > 1:
            make_class(course, size - 1)
        session = make_session(course, starts_at=now - timedelta(hours=3 + number))
        with CaptureQueriesContext(connection) as statements:
            assert close(session, now)
        costs.append(len(statements))
        assert AttendanceEvent.objects.filter(session=session).count() == size

    if on_postgresql:
        assert costs[0] == costs[1] <= 20
