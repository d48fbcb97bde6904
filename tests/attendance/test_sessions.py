"""Sessions over REST: planned, seen, changed, cancelled, and by whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.events import ClassCancelled, ClassMoved
from attendance.models import AttendancePolicy, AttendanceRecord, Excuse, LiveSession
from attendance.services.keeping import keep_events
from courses.models import Course, Enrollment
from e_learning.core import events
from tests.conftest import ClientFor
from tests.factories.classes import event, make_session
from tests.factories.courses import contents_of, enroll, make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db
SESSIONS = "/api/attendance/sessions/"
START = (timezone.now() + timedelta(days=7)).replace(minute=0, second=0, microsecond=0)


def written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def body(course: Course, **values: Any) -> dict[str, Any]:
    return {
        "course_id": course.pk,
        "title": "Spelling together",
        "mode": "online",
        "starts_at": written(START),
        "ends_at": written(START + timedelta(hours=1)),
    } | values


def address(session: LiveSession | int) -> str:
    return f"{SESSIONS}{session if isinstance(session, int) else session.pk}/"


def first_error(answer: Any) -> tuple[int, str, str | None]:
    [error] = answer.json()["errors"]
    return answer.status_code, error["code"], error["attr"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What learners were told of, once it is committed."""
    heard: list[Any] = []
    for kind in (ClassMoved, ClassCancelled):
        monkeypatch.setitem(events._listeners, kind, [heard.append])
    return heard


# --- planned --------------------------------------------------------------------------------------------------------


def test_a_session_gets_its_times_from_the_policy(ashas: APIClient, course: Course) -> None:
    answer = ashas.post(SESSIONS, body(course))

    assert answer.status_code == 201, answer.content
    assert answer.json() == {
        "id": LiveSession.objects.get().pk,
        "course_id": course.pk,
        "course_title": course.title,
        "title": "Spelling together",
        "kind": "live_class",
        "mode": "online",
        "status": "scheduled",
        "cancel_reason": "",
        "starts_at": written(START),
        "ends_at": written(START + timedelta(hours=1)),
        "series_id": None,
        "recurrence": None,
        "exceptions": [],
        "timezone": "UTC",
        "is_changed": False,
        "check_in_opens": written(START - timedelta(minutes=15)),
        "late_after": written(START + timedelta(minutes=10)),
        "check_in_closes": written(START + timedelta(minutes=30)),
        "location": None,
        "meeting_url": None,
        "has_meeting": False,
        "linked_content_id": None,
        "minimum_minutes": None,
        "minimum_percent": None,
        "my": None,
    }
    assert LiveSession.objects.get().absent_at == START + timedelta(hours=2)


def test_the_courses_own_policy_and_what_is_given_decide(ashas: APIClient, course: Course) -> None:
    AttendancePolicy.objects.create(
        course=course,
        timezone="Asia/Kolkata",
        opens_minutes=5,
        late_after_minutes=20,
        closes_after_minutes=25,
        minimum_minutes=30,
        absent_after_minutes=None,
    )
    late = START + timedelta(minutes=40)
    content = contents_of(course)[0]
    place = {"latitude": 28.6, "longitude": 77.2, "radius_m": 50}
    answer = ashas.post(
        SESSIONS,
        body(course, late_after=written(late), linked_content_id=content.pk, location=place, minimum_percent=80),
    ).json()

    assert answer["check_in_opens"] == written(START - timedelta(minutes=5))
    # Never before coming counts as late.
    assert (answer["late_after"], answer["check_in_closes"]) == (written(late), written(late))
    assert (answer["minimum_minutes"], answer["minimum_percent"]) == (30, 80)
    assert (answer["timezone"], answer["linked_content_id"], answer["location"]) == ("Asia/Kolkata", content.pk, place)
    assert LiveSession.objects.get().absent_at is None


def test_sent_again_it_is_planned_once(ashas: APIClient, course: Course) -> None:
    answers = [ashas.post(SESSIONS, body(course), HTTP_IDEMPOTENCY_KEY="monday") for _time in range(2)]

    assert answers[0].json() == answers[1].json()
    assert LiveSession.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "code", "attr"),
    [
        ({"ends_at": written(START)}, "bad_times", "ends_at"),
        ({"ends_at": written(START + timedelta(hours=24, seconds=1))}, "bad_times", "ends_at"),
        ({"check_in_opens": written(START + timedelta(hours=2))}, "bad_times", "check_in_opens"),
        ({"check_in_opens": written(START - timedelta(hours=25))}, "bad_times", "check_in_opens"),
        ({"late_after": written(START - timedelta(hours=1))}, "bad_times", "late_after"),
        ({"check_in_closes": written(START)}, "bad_times", "check_in_closes"),
        ({"check_in_closes": written(START + timedelta(hours=26))}, "bad_times", "check_in_closes"),
        ({"starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-01-01T01:00:00Z"}, "bad_times", "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00Z", "ends_at": "9999-12-31T23:59:59Z"}, "bad_times", "starts_at"),
        ({"timezone": "Mars/Base"}, "unknown_timezone", "timezone"),
        ({"timezone": "../etc/passwd"}, "unknown_timezone", "timezone"),
        ({"meeting_url": "ftp://meet.example/1"}, "bad_meeting_url", "meeting_url"),
        ({"meeting_url": "javascript:alert(1)"}, "bad_meeting_url", "meeting_url"),
        ({"meeting_url": "https://asha:secret@meet.example/1"}, "bad_meeting_url", "meeting_url"),
        ({"meeting_url": "https://[::1/"}, "bad_meeting_url", "meeting_url"),
        ({"location": {"latitude": 1, "longitude": 2}}, "required", "location.radius_m"),
        ({"location": {"latitude": "nan", "longitude": 2, "radius_m": 1}}, "invalid", "location.latitude"),
        ({"location": {"latitude": "1e999", "longitude": 2, "radius_m": 1}}, "invalid", "location.latitude"),
        ({"location": {"latitude": 1, "longitude": 2, "radius_m": 10**30}}, "max_value", "location.radius_m"),
        ({"minimum_minutes": 10**40}, "max_value", "minimum_minutes"),
        ({"minimum_percent": 101}, "max_value", "minimum_percent"),
        ({"linked_content_id": 2**63 - 1}, "foreign_content", "linked_content_id"),
        ({"kind": "party"}, "invalid_choice", "kind"),
        ({"title": "  "}, "blank", "title"),
        ({"exceptions": [written(START)]}, "bad_recurrence", "exceptions"),
        ({"recurrence": "FREQ=SECONDLY"}, "bad_recurrence", "recurrence"),
        ({"recurrence": "FREQ=DAILY;COUNT=1000"}, "bad_recurrence", "recurrence"),
        ({"recurrence": "FREQ=DAILY", "exceptions": [written(START)]}, "bad_recurrence", "exceptions"),
        (
            {"recurrence": "FREQ=DAILY", "exceptions": [written(START + timedelta(hours=25))]},
            "bad_recurrence",
            "exceptions",
        ),
    ],
)
def test_what_can_not_be_is_refused_by_its_name(
    ashas: APIClient, course: Course, values: dict[str, Any], code: str, attr: str
) -> None:
    assert first_error(ashas.post(SESSIONS, body(course, **values))) == (400, code, attr)
    assert not LiveSession.objects.exists()


@pytest.mark.parametrize("half", [{}, {"latitude": 5}, {"latitude": 5, "longitude": 6}, {"room": "12"}])
def test_half_a_place_changes_no_place(ashas: APIClient, course: Course, half: dict[str, Any]) -> None:
    place: dict[str, Any] = {"latitude": 28.6, "longitude": 77.2, "radius_m": 80}
    session = make_session(course, starts_at=START, **place)

    answer = ashas.patch(address(session), {"location": half})

    refused = {(error["code"], error["attr"]) for error in answer.json()["errors"]}
    assert (answer.status_code, refused) == (
        400,
        {("required", f"location.{name}") for name in place if name not in half},
    )
    assert ashas.get(address(session)).json()["location"] == place


def test_the_content_of_another_course_can_not_be_linked(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    content = contents_of(make_course(asha, title="Another"))[0]

    answer = ashas.post(SESSIONS, body(course, linked_content_id=content.pk))
    assert first_error(answer) == (400, "foreign_content", "linked_content_id")


def test_only_who_teaches_the_course_plans(
    bilals: APIClient,
    chitras: APIClient,
    admins: APIClient,
    client_for: ClientFor,
    anonymous: APIClient,
    course: Course,
) -> None:
    parent = client_for(person("learner1", role="parent"))
    another = client_for(person("learner2", role="instructor"))
    for client in (bilals, chitras, parent, another):
        assert first_error(client.post(SESSIONS, body(course))) == (403, "owners_only", None)
    assert anonymous.post(SESSIONS, body(course)).status_code == 401
    assert admins.post(SESSIONS, body(course)).status_code == 201
    assert first_error(admins.post(SESSIONS, body(course, course_id=course.pk + 100))) == (404, "not_found", None)


def test_of_a_draft_strangers_know_nothing(
    chitras: APIClient, bilals: APIClient, ashas: APIClient, course: Course
) -> None:
    Course.objects.update(is_published=False)
    session = make_session(course)

    assert chitras.post(SESSIONS, body(course)).status_code == 404
    assert chitras.get(address(session)).status_code == 404
    assert bilals.get(address(session)).status_code == 200
    assert ashas.post(SESSIONS, body(course)).status_code == 201


def test_in_an_archived_course_nothing_new_is_planned(ashas: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=START)
    Course.objects.update(archived_at=timezone.now())

    assert first_error(ashas.post(SESSIONS, body(course))) == (409, "course_archived", None)
    again = ashas.patch(address(session), {"recurrence": "FREQ=WEEKLY"})
    assert first_error(again) == (409, "course_archived", None)
    assert ashas.patch(address(session), {"title": "The last one"}).status_code == 200


# --- seen -----------------------------------------------------------------------------------------------------------


def test_who_is_of_the_course_sees_its_sessions_and_nobody_else(
    ashas: APIClient,
    bilals: APIClient,
    chitras: APIClient,
    admins: APIClient,
    chitra: CustomUser,
    client_for: ClientFor,
    course: Course,
    session: LiveSession,
) -> None:
    other = make_course(person("learner2", role="instructor"), title="Another")
    enroll(chitra, other)
    theirs = make_session(other)
    parent = client_for(person("learner1", role="parent"))

    def seen(client: APIClient) -> list[int]:
        listed = [one["id"] for one in client.get(SESSIONS).json()["results"]]
        opened = [one for one in (session.pk, theirs.pk) if client.get(address(one)).status_code == 200]
        assert sorted(listed) == opened
        return opened

    assert seen(ashas) == seen(bilals) == [session.pk]
    assert seen(chitras) == [theirs.pk]
    assert seen(parent) == []
    assert seen(admins) == [session.pk, theirs.pk]
    Enrollment.objects.filter(user__username="bilal").update(expiry_date=timezone.now() - timedelta(days=1))
    assert seen(bilals) == []


def test_a_learner_sees_their_own_standing_and_never_the_meetings_address(
    ashas: APIClient, bilals: APIClient, admins: APIClient, bilal: CustomUser, course: Course
) -> None:
    session = make_session(course, meeting_url="https://meet.example/secret-room")
    enroll(other := person("learner1"), course)
    keep_events(session, [event(session, other, "check_in", session.starts_at + timedelta(minutes=20))])

    before = bilals.get(address(session)).json()["my"]
    assert before == {"status": None, "reason": "", "checked_in_at": None, "minutes": 0, "excuse": None}
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])
    Excuse.objects.create(session=session, user=bilal, reason="Ill")
    for answer in (bilals.get(address(session)).json(), bilals.get(SESSIONS).json()["results"][0]):
        assert (answer["meeting_url"], answer["has_meeting"]) == (None, True)
        assert answer["my"]["status"] == "present"
        assert (answer["my"]["minutes"], answer["my"]["excuse"]) == (60, "requested")
        assert "secret-room" not in str(answer)
    for client in (ashas, admins):
        answer = client.get(address(session)).json()
        assert (answer["meeting_url"], answer["my"]) == ("https://meet.example/secret-room", None)


def test_the_list_is_asked_by_course_time_state_and_kind(ashas: APIClient, asha: CustomUser, course: Course) -> None:
    other = make_course(asha, title="Another")
    long_ago = make_session(course, starts_at=START - timedelta(days=60), kind="module")
    later = make_session(course, starts_at=START + timedelta(days=1))
    sooner = make_session(course, starts_at=START)
    elsewhere = make_session(other, starts_at=START + timedelta(days=2), state="cancelled")

    def listed(query: str) -> list[int]:
        answer = ashas.get(f"{SESSIONS}?{query}")
        assert answer.status_code == 200, answer.content
        return [one["id"] for one in answer.json()["results"]]

    assert listed("") == [elsewhere.pk, later.pk, sooner.pk, long_ago.pk]
    assert listed("upcoming=true") == [sooner.pk, later.pk, elsewhere.pk]
    assert listed(f"course={course.pk}&upcoming=true&status=scheduled") == [sooner.pk, later.pk]
    assert listed(f"from={written(START)}&to={written(START + timedelta(days=1))}") == [sooner.pk]
    assert listed("status=cancelled") == [elsewhere.pk]
    assert listed("kind=module") == [long_ago.pk]
    assert listed("course=99999") == []
    for wrong in ("course=x", "from=yesterday", "to=99999-01-01", "status=maybe", "upcoming=perhaps", "kind=%00"):
        assert ashas.get(f"{SESSIONS}?{wrong}").status_code == 400, wrong


def test_the_list_takes_as_many_statements_for_one_as_for_three(
    bilals: APIClient, bilal: CustomUser, course: Course
) -> None:
    taken = []
    for number in range(3):
        session = make_session(course, starts_at=START + timedelta(days=number))
        AttendanceRecord.objects.create(session=session, user=bilal, status="present")
        with CaptureQueriesContext(connection) as statements:
            assert len(bilals.get(SESSIONS).json()["results"]) == number + 1
        taken.append(len(statements))

    # The caller, how many, the page, and of it the records and the excuses of the caller.
    assert taken == [5, 5, 5]


# --- changed --------------------------------------------------------------------------------------------------------


def test_a_session_moves_with_all_its_times(
    ashas: APIClient, course: Course, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    session = make_session(course, starts_at=START, closed_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        answer = ashas.patch(address(session), {"starts_at": written(START + timedelta(days=1, minutes=5))})

    assert answer.status_code == 200, answer.content
    session = LiveSession.objects.get()
    start = START + timedelta(days=1, minutes=5)
    assert (session.starts_at, session.ends_at) == (start, start + timedelta(hours=1))
    assert session.check_in_opens == start - timedelta(minutes=15)
    assert session.late_after == start + timedelta(minutes=10)
    assert session.check_in_closes == start + timedelta(minutes=30)
    assert session.absent_at == start + timedelta(hours=2)
    assert session.closed_at is None
    assert (session.sequence, session.is_changed) == (1, False)
    assert told == [ClassMoved(session.pk, course.pk, session.title, start, 1)]


def test_what_is_the_same_changes_nothing_and_a_title_is_no_news(
    ashas: APIClient, course: Course, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    session = make_session(course, starts_at=START)

    same = {"title": session.title, "starts_at": written(START), "location": None, "check_in_opens": None}
    same["check_in_opens"] = written(session.check_in_opens)
    assert ashas.patch(address(session), same).status_code == 200
    session.refresh_from_db()
    assert session.sequence == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert ashas.patch(address(session), {"title": "Numbers"}).json()["title"] == "Numbers"
    session.refresh_from_db()
    assert session.sequence == 1
    assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        ashas.patch(address(session), {"mode": "hybrid"})
    assert [one.sequence for one in told] == [2]


def test_nobody_is_told_of_a_class_that_is_over(
    ashas: APIClient, course: Course, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    session = make_session(course, starts_at=START - timedelta(days=30))

    with django_capture_on_commit_callbacks(execute=True):
        ashas.patch(address(session), {"starts_at": written(START - timedelta(days=31))})
        assert ashas.delete(address(session)).status_code == 204
    assert told == []


def test_a_session_that_was_attended_keeps_its_start_and_its_register_follows_its_end(
    ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at + timedelta(minutes=5))])
    session.closed_at = timezone.now()
    session.save()

    moved = ashas.patch(address(session), {"starts_at": written(session.starts_at + timedelta(minutes=1))})
    assert first_error(moved) == (409, "already_attended", "starts_at")
    end = (session.ends_at + timedelta(minutes=30)).replace(microsecond=0)
    late = (session.starts_at + timedelta(minutes=2)).replace(microsecond=0)
    assert ashas.patch(address(session), {"ends_at": written(end), "late_after": written(late)}).status_code == 200
    record = AttendanceRecord.objects.get()
    assert (record.status, record.minutes) == ("late", 84)
    assert LiveSession.objects.get(ends_at=end).closed_at is None


def test_an_excuse_ahead_of_a_class_does_not_nail_it_down(ashas: APIClient, bilal: CustomUser, course: Course) -> None:
    session = make_session(course, starts_at=START)
    enroll(other := person("learner1"), course)
    excused = event(session, bilal, "excuse", timezone.now())
    by_hand = event(session, other, "manual", timezone.now(), status="excused")
    keep_events(session, [excused, by_hand])

    assert ashas.patch(address(session), {"starts_at": written(START + timedelta(days=1))}).status_code == 200
    assert set(AttendanceRecord.objects.values_list("status", flat=True)) == {"excused"}


def test_another_end_before_the_start_is_refused(ashas: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=START)

    answer = ashas.patch(address(session), {"ends_at": written(START - timedelta(hours=1))})
    assert first_error(answer) == (400, "bad_times", "ends_at")
    answer = ashas.patch(address(session), {"starts_at": "9999-12-31T23:59:59Z"})
    assert first_error(answer) == (400, "bad_times", "starts_at")


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_learners_change_nothing_and_strangers_find_nothing(
    bilals: APIClient, chitras: APIClient, anonymous: APIClient, session: LiveSession, client_for: ClientFor, verb: str
) -> None:
    another = client_for(person("learner2", role="instructor"))

    assert first_error(getattr(bilals, verb)(address(session), {})) == (403, "owners_only", None)
    for client in (chitras, another):
        assert getattr(client, verb)(address(session), {}).status_code == 404
    assert getattr(anonymous, verb)(address(session), {}).status_code == 401
    session.refresh_from_db()
    assert session.is_standing


# --- cancelled ------------------------------------------------------------------------------------------------------


def test_a_cancelled_session_stays_to_be_seen_and_takes_no_change(
    ashas: APIClient, bilals: APIClient, course: Course, told: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    session = make_session(course, starts_at=START)

    for reason in ("The hall is flooded", "Once more"):
        with django_capture_on_commit_callbacks(execute=True):
            assert ashas.delete(f"{address(session)}?reason={reason}").status_code == 204
    seen = bilals.get(address(session)).json()
    assert (seen["status"], seen["cancel_reason"]) == ("cancelled", "The hall is flooded")
    assert first_error(ashas.patch(address(session), {"title": "No"})) == (409, "session_cancelled", None)
    assert told == [ClassCancelled(session.pk, course.pk, session.title, START, "The hall is flooded")]


def test_the_reason_may_come_in_the_body(ashas: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=START)

    assert ashas.delete(address(session), {"reason": "Snow"}).status_code == 204
    assert LiveSession.objects.get().cancel_reason == "Snow"
    assert ashas.delete(address(session), {"reason": "x" * 501}).status_code == 400


def test_what_was_held_is_not_cancelled(ashas: APIClient, bilal: CustomUser, course: Course) -> None:
    held = make_session(course, starts_at=timezone.now() - timedelta(hours=3))
    empty = make_session(course, starts_at=timezone.now() - timedelta(hours=3))
    running = make_session(course)
    for session in (held, running):
        keep_events(session, [event(session, bilal, "check_in", session.starts_at)])

    assert first_error(ashas.delete(address(held))) == (409, "already_held", None)
    assert ashas.delete(address(empty)).status_code == 204
    assert ashas.delete(address(running)).status_code == 204
