"""The way into a meeting: one address a person, minutes good, and noted when it is gone through."""

import logging
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.services import joining
from courses.models import Course, Enrollment
from tests.attendance.at_the_door import ago, kept, now, of, refusal
from tests.factories.classes import make_session

pytestmark = pytest.mark.django_db
ROOM = "https://meet.example/room?pwd=hush"
JOIN = "/api/attendance/join/"


@pytest.fixture
def meeting(course: Course) -> LiveSession:
    return make_session(course, starts_at=ago(minutes=5), meeting_url=ROOM)


def address(client: APIClient, session: LiveSession) -> str:
    answer = client.get(of(session, "join"))
    assert answer.status_code == 200, answer.content
    return str(answer.json()["url"])


def follow(url: str, client: APIClient | None = None) -> Any:
    parts = urlsplit(url)
    return (client or APIClient()).get(f"{parts.path}?{parts.query}")


# --- asking for it ------------------------------------------------------------------------------


def test_a_learner_gets_an_address_of_ours_good_for_five_minutes(
    bilals: APIClient, meeting: LiveSession, settings: Any
) -> None:
    answer = bilals.get(of(meeting, "join"))

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["url"].startswith(f"{settings.PUBLIC_URL}{JOIN}?token=")
    assert "meet.example" not in answer.content.decode()
    assert 290 <= (datetime.fromisoformat(answer.json()["expires_at"]) - now()).total_seconds() <= 300
    assert kept(meeting) == []  # asking is no coming


def test_it_is_never_good_past_the_end(bilals: APIClient, course: Course) -> None:
    session = make_session(course, starts_at=ago(minutes=58), meeting_url=ROOM)
    expires_at = datetime.fromisoformat(bilals.get(of(session, "join")).json()["expires_at"])

    assert expires_at == session.ends_at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"began": -20}, "not_open_yet"),
        ({"began": 61}, "already_over"),
        ({"meeting_url": ""}, "no_meeting"),
        ({"mode": "in_person"}, "no_meeting"),
        ({"state": "cancelled"}, "session_cancelled"),
    ],
)
def test_when_there_is_none(
    bilals: APIClient, ashas: APIClient, course: Course, fields: dict[str, Any], code: str
) -> None:
    values: dict[str, Any] = {"began": 5, "meeting_url": ROOM} | fields
    session = make_session(course, starts_at=ago(minutes=values.pop("began")), **values)

    assert refusal(bilals.get(of(session, "join"))) == (409, code)
    assert refusal(ashas.get(of(session, "join"))) == (409, code)


def test_strangers_get_none(chitras: APIClient, anonymous: APIClient, meeting: LiveSession) -> None:
    assert refusal(chitras.get(of(meeting, "join"))) == (404, "not_found")
    assert anonymous.get(of(meeting, "join")).status_code == 401


def test_an_enrolment_that_starts_later_gets_none(bilals: APIClient, meeting: LiveSession) -> None:
    Enrollment.objects.update(enrollment_date=ago(minutes=-1))

    assert refusal(bilals.get(of(meeting, "join"))) == (403, "not_a_learner")


# --- going there --------------------------------------------------------------------------------


def test_it_leads_into_the_meeting_and_notes_who_came(bilals: APIClient, meeting: LiveSession) -> None:
    answer = follow(address(bilals, meeting))

    assert (answer.status_code, answer.headers["Location"]) == (302, ROOM)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    noted = AttendanceEvent.objects.get()
    assert (noted.kind, noted.provider, noted.user.username) == ("join", "link", "bilal")
    assert AttendanceRecord.objects.get().status == "present"


def test_opened_twice_within_a_minute_it_is_one_coming(bilals: APIClient, meeting: LiveSession) -> None:
    url = address(bilals, meeting)

    assert [follow(url).status_code for _time in range(3)] == [302] * 3
    assert kept(meeting) == [("join", "")]


def test_later_it_is_another(bilals: APIClient, meeting: LiveSession, bilal: CustomUser) -> None:
    AttendanceEvent.objects.create(session=meeting, user=bilal, kind="join", at=ago(seconds=61), provider="link")
    follow(address(bilals, meeting))

    assert kept(meeting) == [("join", "")] * 2


def test_who_teaches_comes_in_and_is_in_no_register(ashas: APIClient, admins: APIClient, meeting: LiveSession) -> None:
    for client in (ashas, admins):
        assert follow(address(client, meeting)).headers["Location"] == ROOM
    assert kept(meeting) == []
    assert not AttendanceRecord.objects.exists()


def test_a_preview_of_the_address_is_no_coming(bilals: APIClient, meeting: LiveSession) -> None:
    parts = urlsplit(address(bilals, meeting))
    for method in ("head", "post", "options"):
        answer = getattr(APIClient(), method)(f"{parts.path}?{parts.query}")
        assert answer.status_code == (200 if method == "options" else 405)
        assert "Location" not in answer.headers
        assert "meet.example" not in answer.content.decode()
    assert kept(meeting) == []


def test_in_five_minutes_it_has_ended(bilals: APIClient, meeting: LiveSession, bilal: CustomUser) -> None:
    [token] = parse_qs(urlsplit(address(bilals, meeting)).query)["token"]

    assert joining.join_meeting(token=token, now=ago(seconds=-290)) == ROOM
    with pytest.raises(joining.JoinAddressEnded):
        joining.join_meeting(token=token, now=ago(seconds=-301))


def test_a_made_up_or_changed_token_is_refused(bilals: APIClient, meeting: LiveSession, chitra: CustomUser) -> None:
    [token] = parse_qs(urlsplit(address(bilals, meeting)).query)["token"]
    hers = signing.dumps([meeting.pk, chitra.pk, int(now().timestamp()) + 300], salt="another")
    for bad in ("x", token[:-1], token[1:], f"{token}x", hers, ":::", "💥", "x" * 400):
        answer = APIClient().get(JOIN, {"token": bad})
        assert refusal(answer) == (404, "join_address_ended")
        assert answer.json()["type"] == "client_error"
    for none in ({}, {"token": ""}, {"token": "x" * 501}, {"token": "\0"}):
        assert APIClient().get(JOIN, none).status_code == 400
    assert kept(meeting) == []


def test_everything_is_asked_again_at_the_door(bilals: APIClient, meeting: LiveSession, bilal: CustomUser) -> None:
    url = address(bilals, meeting)
    for model, was, now_is, expected in (
        (CustomUser, {"is_active": True}, {"is_active": False}, (404, "join_address_ended")),
        (Enrollment, {"is_active": True}, {"is_active": False}, (404, "not_found")),
        (Enrollment, {"expiry_date": None}, {"expiry_date": ago(seconds=1)}, (404, "not_found")),
        (LiveSession, {"state": "scheduled"}, {"state": "cancelled"}, (409, "session_cancelled")),
        (LiveSession, {"meeting_url": ROOM}, {"meeting_url": ""}, (409, "no_meeting")),
        (LiveSession, {"ends_at": meeting.ends_at}, {"ends_at": ago(seconds=1)}, (409, "already_over")),
    ):
        model.objects.update(**now_is)
        assert refusal(follow(url)) == expected
        model.objects.update(**was)
    assert kept(meeting) == []
    assert follow(url).status_code == 302


def test_neither_token_nor_meeting_is_logged(
    bilals: APIClient, meeting: LiveSession, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where everything is: a slow answer, and a refusal."""
    monkeypatch.setattr("e_learning.core.middleware._SLOW_SECONDS", -1)
    url = address(bilals, meeting)
    with caplog.at_level(logging.DEBUG, logger="e_learning"), caplog.at_level(logging.DEBUG, logger="django.request"):
        follow(url)
        follow(f"{url}x")
    logged = " ".join(record.getMessage() for record in caplog.records)

    assert JOIN in logged
    assert url.partition("token=")[2][:20] not in logged
    assert "meet.example" not in logged


def test_it_says_nothing_of_who_it_is_for_in_plain(bilals: APIClient, meeting: LiveSession) -> None:
    url = address(bilals, meeting)

    assert "bilal" not in url
    assert "meet.example" not in url


@pytest.mark.django_db(transaction=True)
def test_statements(bilals: APIClient, meeting: LiveSession, on_postgresql: bool) -> None:
    with CaptureQueriesContext(connection) as asking:
        url = address(bilals, meeting)
    taken = [len(asking)]
    for _time in range(2):
        with CaptureQueriesContext(connection) as going:
            follow(url)
        taken.append([statement["sql"] for statement in going].index("COMMIT") + 1)

    # Who they are, the seat; the session held, the record (2), a coming just now, the coming, all events, the record.
    if on_postgresql:
        assert taken == [2, 11, 8]
