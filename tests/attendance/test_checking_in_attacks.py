"""Ways to be in the register without being in the class, each refused."""

import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import caches
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.codes import code_at, qr_text
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services.keeping import keep_events
from courses.models import Course, Enrollment
from tests.attendance.at_the_door import (
    DELHI,
    IN_A_ROOM,
    MUMBAI,
    NEXT_DOOR,
    ago,
    check_in,
    kept,
    now,
    of,
    refusal,
    wrong_code,
)
from tests.conftest import ClientFor
from tests.factories.classes import event, make_session
from tests.factories.courses import enroll, make_course

pytestmark = pytest.mark.django_db


# --- the code -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [91, 300, 3600, -91, -3600])
def test_a_code_relayed_after_its_step_or_before_it_is_refused(
    bilals: APIClient, session: LiveSession, seconds: int
) -> None:
    assert refusal(check_in(bilals, session, code=code_at(session.pk, ago(seconds=seconds)))) == (409, "wrong_code")
    assert kept(session) == []


def test_the_code_of_another_session_is_refused(bilals: APIClient, session: LiveSession, course: Course) -> None:
    other = make_session(course)
    for code in (code_at(other.pk, now()), qr_text(other.pk, code_at(other.pk, now()))):
        assert refusal(check_in(bilals, session, code=code)) == (409, "wrong_code")


def test_the_digits_of_this_session_in_the_qr_of_another_are_refused(bilals: APIClient, session: LiveSession) -> None:
    read = qr_text(session.pk + 1, code_at(session.pk, now()))

    assert refusal(check_in(bilals, session, code=read)) == (409, "wrong_code")


def test_the_right_code_of_a_future_session_is_refused(bilals: APIClient, course: Course) -> None:
    tomorrow = make_session(course, starts_at=ago(days=-1))

    assert refusal(check_in(bilals, tomorrow)) == (409, "check_in_not_open")
    assert refusal(check_in(bilals, tomorrow, code=code_at(tomorrow.pk, tomorrow.starts_at))) == (
        409,
        "check_in_not_open",
    )


def test_a_session_of_another_course_is_not_there(bilals: APIClient, asha: CustomUser) -> None:
    assert refusal(check_in(bilals, make_session(make_course(asha)))) == (404, "not_found")


def test_a_cancelled_session_takes_nobody(bilals: APIClient, session: LiveSession) -> None:
    LiveSession.objects.update(state="cancelled")

    assert refusal(check_in(bilals, session)) == (409, "session_cancelled")


def test_who_was_there_before_it_was_cancelled_hears_that_it_was(bilals: APIClient, session: LiveSession) -> None:
    check_in(bilals, session)
    LiveSession.objects.update(state="cancelled")

    assert refusal(check_in(bilals, session)) == (409, "session_cancelled")


# --- who ----------------------------------------------------------------------------------------


def test_a_replay_by_somebody_not_enrolled_is_refused(
    bilals: APIClient, chitras: APIClient, session: LiveSession
) -> None:
    claim: dict[str, Any] = {"code": code_at(session.pk, now()), "device_id": "bilals phone"}
    check_in(bilals, session, **claim)

    assert refusal(check_in(chitras, session, **claim)) == (404, "not_found")
    assert AttendanceRecord.objects.count() == 1


def test_a_request_sent_again_without_a_token_is_refused(anonymous: APIClient, session: LiveSession) -> None:
    assert check_in(anonymous, session).status_code == 401


def test_an_enrolment_that_ended_is_refused(bilals: APIClient, session: LiveSession) -> None:
    Enrollment.objects.update(expiry_date=ago(seconds=1))

    assert refusal(check_in(bilals, session)) == (404, "not_found")


def test_an_enrolment_that_was_taken_back_is_refused(bilals: APIClient, session: LiveSession) -> None:
    Enrollment.objects.update(is_active=False)

    assert refusal(check_in(bilals, session)) == (404, "not_found")


def test_an_enrolment_that_starts_later_is_refused(bilals: APIClient, session: LiveSession) -> None:
    Enrollment.objects.update(enrollment_date=ago(minutes=-1))

    assert refusal(check_in(bilals, session)) == (403, "not_a_learner")


def test_who_enrolled_since_was_not_there_offline(bilals: APIClient, course: Course) -> None:
    session, at = make_session(course, starts_at=ago(minutes=20)), ago(minutes=15)
    Enrollment.objects.update(enrollment_date=ago(minutes=5))
    answer = check_in(bilals, session, code=code_at(session.pk, at), client_time=at.isoformat())

    assert refusal(answer) == (403, "not_a_learner")


def test_who_teaches_is_not_in_the_register(ashas: APIClient, admins: APIClient, session: LiveSession) -> None:
    assert refusal(check_in(ashas, session)) == (403, "not_a_learner")
    assert refusal(check_in(admins, session)) == (403, "not_a_learner")
    assert kept(session) == []


def test_nobody_checks_somebody_else_in(bilals: APIClient, session: LiveSession, chitra: CustomUser) -> None:
    check_in(bilals, session, user=chitra.pk, user_id=chitra.pk, learner=chitra.pk, at=ago(days=1).isoformat())

    assert AttendanceRecord.objects.get().user.username == "bilal"


# --- the clock ----------------------------------------------------------------------------------


def test_a_wrong_clock_ahead_is_refused(bilals: APIClient, session: LiveSession) -> None:
    at = ago(seconds=-90)
    answer = check_in(bilals, session, code=code_at(session.pk, at), client_time=at.isoformat())

    assert refusal(answer) == (409, "wrong_clock")


def test_a_clock_put_back_does_not_make_a_code_of_now_right(bilals: APIClient, course: Course) -> None:
    """Late, with the code of now, and a clock that says it is still early: to be present instead of late."""
    session = make_session(course, starts_at=ago(minutes=15))
    answer = check_in(bilals, session, client_time=ago(minutes=12).isoformat())

    assert refusal(answer) == (409, "wrong_code")


def test_a_clock_put_back_does_not_make_an_old_code_right_of_another_time(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=15))
    claim = {"code": code_at(session.pk, ago(minutes=12)), "client_time": ago(minutes=8).isoformat()}

    assert refusal(check_in(bilals, session, **claim)) == (409, "wrong_code")


def test_the_same_moment_in_another_zone_is_the_same_moment(bilals: APIClient, session: LiveSession) -> None:
    clock = now().astimezone(ZoneInfo("Asia/Kolkata")).isoformat()

    assert check_in(bilals, session, client_time=clock).status_code == 200
    assert AttendanceRecord.objects.get().flags == []


# --- the place ----------------------------------------------------------------------------------


def test_too_far_is_refused_and_kept_without_the_coordinates(bilals: APIClient, course: Course) -> None:
    session = make_session(course, **IN_A_ROOM)
    answers = [check_in(bilals, session, **MUMBAI, device_id=f"phone {number}") for number in range(3)]

    assert [refusal(answer) for answer in answers] == [(409, "too_far")] * 3
    [row] = AttendanceEvent.objects.values()  # one, however often and with however many devices
    assert (row["place"], row["refusal"]) == ("outside", "too_far")
    assert not any(isinstance(value, float) for value in row.values())
    record = AttendanceRecord.objects.get()
    assert (record.status, record.flags, record.first_in_at) == ("", ["too_far"], None)


def test_who_was_too_far_and_comes_in_is_there_and_it_shows(bilals: APIClient, course: Course) -> None:
    session = make_session(course, **IN_A_ROOM)
    check_in(bilals, session, **MUMBAI)

    assert check_in(bilals, session, **NEXT_DOOR).json()["status"] == "present"
    assert AttendanceRecord.objects.get().flags == ["too_far"]
    assert kept(session) == [("check_in", "too_far"), ("check_in", "")]


def test_the_place_alone_proves_nothing(bilals: APIClient, course: Course) -> None:
    session = make_session(course, **IN_A_ROOM)

    assert refusal(check_in(bilals, session, **DELHI, code=wrong_code(session))) == (409, "wrong_code")


def test_from_far_away_nobody_learns_whether_a_code_is_right(bilals: APIClient, course: Course) -> None:
    """Guesses made from elsewhere are counted as any, and the right one hears no more than the wrong ones."""
    session = make_session(course, **IN_A_ROOM)
    for _guess in range(5):
        check_in(bilals, session, **MUMBAI, code=wrong_code(session))

    answers = [check_in(bilals, session, **MUMBAI, **claim) for claim in ({"code": wrong_code(session)}, {})]
    assert [refusal(answer) for answer in answers] == [(429, "throttled")] * 2
    assert kept(session) == []


# --- the device ---------------------------------------------------------------------------------


@pytest.fixture
def classmates(client_for: ClientFor, chitra: CustomUser, course: Course) -> APIClient:
    """Chitra as a classmate of Bilal's: enrolled in the same course."""
    enroll(chitra, course, enrollment_date=ago(days=1))
    return client_for(chitra)


def test_one_device_checks_in_one_learner(bilals: APIClient, classmates: APIClient, session: LiveSession) -> None:
    check_in(bilals, session, device_id="bilals phone")
    answers = [check_in(classmates, session, device_id="bilals phone") for _time in range(2)]

    assert [refusal(answer) for answer in answers] == [(409, "device_in_use")] * 2
    assert kept(session) == [("check_in", ""), ("check_in", "device_in_use")]
    record = AttendanceRecord.objects.get(user__username="chitra")
    assert (record.status, record.flags) == ("", ["device_in_use"])


def test_the_next_class_is_another_matter(bilals: APIClient, classmates: APIClient, course: Course) -> None:
    check_in(bilals, make_session(course), device_id="the only phone")

    assert check_in(classmates, make_session(course), device_id="the only phone").status_code == 200


def test_who_was_refused_a_device_checks_in_with_their_own(
    bilals: APIClient, classmates: APIClient, session: LiveSession
) -> None:
    check_in(bilals, session, device_id="bilals phone")
    check_in(classmates, session, device_id="bilals phone")

    assert check_in(classmates, session, device_id="her own").json()["status"] == "present"
    assert AttendanceRecord.objects.get(user__username="chitra").flags == ["device_in_use"]


def test_a_second_device_of_the_same_learner_is_flagged_once(bilals: APIClient, session: LiveSession) -> None:
    first = check_in(bilals, session, device_id="bilals phone").json()
    again = [check_in(bilals, session, device_id=f"another {number}") for number in range(3)]

    assert [answer.json() for answer in again] == [first] * 3
    assert kept(session) == [("check_in", ""), ("check_in", "second_device")]
    assert AttendanceRecord.objects.get().flags == ["second_device"]


def test_the_same_device_again_is_no_flag(bilals: APIClient, session: LiveSession) -> None:
    for device_id in ("bilals phone", "bilals phone", ""):
        check_in(bilals, session, device_id=device_id)

    assert AttendanceRecord.objects.get().flags == []


# --- guessing -----------------------------------------------------------------------------------


def guesses(client: APIClient, session: LiveSession, count: int) -> list[tuple[int, str]]:
    return [refusal(check_in(client, session, code=wrong_code(session))) for _guess in range(count)]


def test_after_five_wrong_codes_even_the_right_one_waits(bilals: APIClient, session: LiveSession) -> None:
    assert guesses(bilals, session, 6) == [(409, "wrong_code")] * 5 + [(429, "throttled")]
    answer = check_in(bilals, session)

    assert refusal(answer) == (429, "throttled")
    assert 1 <= int(answer.headers["Retry-After"]) <= 66
    assert kept(session) == []


def test_with_a_minute_gone_by_the_right_one_is_taken(
    bilals: APIClient, session: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    guesses(bilals, session, 5)
    later = time.time() + 67
    monkeypatch.setattr("e_learning.core.limits.time.time", lambda: later)

    assert check_in(bilals, session).status_code == 200


def test_right_codes_are_not_counted(bilals: APIClient, session: LiveSession) -> None:
    LiveSession.objects.update(mode="in_person", radius_m=100, **DELHI)
    answers = [check_in(bilals, session, **MUMBAI) for _time in range(10)]

    assert [refusal(answer) for answer in answers] == [(409, "too_far")] * 10
    assert check_in(bilals, session, **DELHI).status_code == 200


def test_each_learner_and_each_session_is_counted_apart(
    bilals: APIClient, classmates: APIClient, session: LiveSession, course: Course
) -> None:
    guesses(bilals, session, 6)

    assert check_in(classmates, session).status_code == 200
    assert check_in(bilals, make_session(course)).status_code == 200


def test_guessing_offline_codes_is_counted_alike(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=20))
    answers = [
        refusal(check_in(bilals, session, code=wrong_code(session), client_time=ago(minutes=minute).isoformat()))
        for minute in range(2, 9)
    ]

    assert answers == [(409, "wrong_code")] * 5 + [(429, "throttled")] * 2


def test_where_nothing_can_be_counted_nobody_gets_in(
    bilals: APIClient, session: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **kwargs: Any) -> Any:
        raise ConnectionError

    monkeypatch.setattr(type(caches["default"]), "get_many", away)
    monkeypatch.setattr(type(caches["default"]), "incr", away)

    for code in (wrong_code(session), code_at(session.pk, now())):
        assert check_in(bilals, session, code=code).status_code == 503
    assert kept(session) == []


# --- the rest of the class ----------------------------------------------------------------------


def test_a_hand_mark_can_not_be_checked_in_over(bilals: APIClient, session: LiveSession, bilal: CustomUser) -> None:
    """Sent out by the teacher, and back in by the code: the teacher's word stands."""
    keep_events(session, [event(session, bilal, "manual", now(), status="absent")])

    assert check_in(bilals, session).json()["status"] == "absent"


def test_checking_in_and_leaving_at_once_is_too_short_where_minutes_are_asked(
    bilals: APIClient, course: Course
) -> None:
    session = make_session(course, starts_at=ago(minutes=5), minimum_minutes=20)
    check_in(bilals, session)
    bilals.post(of(session, "check-out"))

    record = AttendanceRecord.objects.get()
    assert (record.status, record.reason) == ("absent", "too_short")


def test_no_answer_tells_where_others_are_or_with_what(
    bilals: APIClient, classmates: APIClient, session: LiveSession
) -> None:
    check_in(bilals, session, device_id="bilals phone")
    refused = check_in(classmates, session, device_id="bilals phone").content.decode().lower()

    assert "bilal" not in refused
    assert AttendanceEvent.objects.first().device_hash not in refused  # type: ignore[union-attr]  # kept above


def test_in_person_the_address_of_a_meeting_makes_nobody_present(bilals: APIClient, course: Course) -> None:
    session = make_session(course, **IN_A_ROOM, meeting_url="https://meet.example/room")

    assert refusal(bilals.get(of(session, "join"))) == (409, "no_meeting")


def test_time_of_the_device_is_kept_but_does_not_count_within_the_minute(bilals: APIClient, course: Course) -> None:
    """Seconds past the threshold, and a clock half a minute slow: late all the same."""
    session = make_session(course, starts_at=ago(minutes=10, seconds=5))
    answer = check_in(bilals, session, client_time=ago(seconds=40).isoformat())

    assert answer.json()["status"] == "late"
    noted = AttendanceEvent.objects.get()
    assert noted.client_time is not None
    assert noted.at - noted.client_time > timedelta(seconds=30)
