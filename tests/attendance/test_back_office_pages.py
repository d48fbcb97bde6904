"""The page that shows a class its code, and the roll as a page."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from attendance.codes import code_at
from attendance.models import AttendanceRecord, LiveSession
from attendance.services.keeping import keep_events
from courses.models import Course
from tests.attendance.test_back_office import staff
from tests.factories.classes import event, make_class

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(asha: CustomUser) -> Client:
    return staff(asha)


def page(session: LiveSession, name: str) -> str:
    return f"/admin/attendance/livesession/{session.pk}/{name}/"


# --- the code ----------------------------------------------------------------------------------------


def test_the_code_of_the_moment_is_shown_and_kept_nowhere(
    office: Client, session: LiveSession, bilal: CustomUser
) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])
    for name in ("code", "code/now"):
        before = code_at(session.pk, timezone.now())
        answer = office.get(page(session, name))
        shown = answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert before in shown or code_at(session.pk, timezone.now()) in shown
        assert "<svg" in shown
        assert "1 of 1 are there" in shown


def test_the_page_renews_itself_with_scripts_and_without(office: Client, session: LiveSession) -> None:
    shown = office.get(page(session, "code")).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in shown
    assert f'data-address="{page(session, "code/now")}"' in shown
    assert "/static/attendance/code.js" in shown
    assert finders.find("attendance/code.js")
    assert "<script>" not in shown
    assert " onclick=" not in shown
    part = office.get(page(session, "code/now")).content.decode()
    assert "<html" not in part


def test_a_title_is_text(office: Client, session: LiveSession) -> None:
    LiveSession.objects.update(title="<script>alert(1)</script>")
    assert "<script>alert" not in office.get(page(session, "code")).content.decode()


def test_it_is_said_when_nobody_can_check_in(office: Client, session: LiveSession) -> None:
    now = timezone.now()
    LiveSession.objects.update(check_in_opens=now + timedelta(hours=1), late_after=now + timedelta(hours=2),
                               check_in_closes=now + timedelta(hours=2))  # fmt: skip
    assert "not opened yet" in office.get(page(session, "code/now")).content.decode()
    LiveSession.objects.update(check_in_opens=now - timedelta(hours=3), late_after=now - timedelta(hours=2),
                               check_in_closes=now - timedelta(hours=2))  # fmt: skip
    assert "Check-in is closed" in office.get(page(session, "code/now")).content.decode()


def test_a_cancelled_session_shows_no_code(office: Client, session: LiveSession) -> None:
    LiveSession.objects.update(state="cancelled")
    shown = office.get(page(session, "code")).content.decode()
    assert "cancelled" in shown
    assert "<svg" not in shown
    assert code_at(session.pk, timezone.now()) not in shown


def test_what_is_asked_every_few_seconds_costs_the_same_for_any_class(
    office: Client, session: LiveSession, course: Course
) -> None:
    costs = []
    for size in (1, 5):
        for learner in make_class(course, size) if size == 1 else ():
            keep_events(session, [event(session, learner, "check_in", session.starts_at)])
        office.get(page(session, "code/now"))
        with CaptureQueriesContext(connection) as seen:
            office.get(page(session, "code/now"))
        costs.append(len(seen))
    assert costs == [7, 7]


# --- the roll ----------------------------------------------------------------------------------------


def roll_form(client: Client, session: LiveSession, **asked: Any) -> dict[str, str]:
    """Return what a browser would send of the roll as it is."""
    answer = client.get(page(session, "roll"), asked)
    body = {}
    for line in answer.context["marks"].management_form:
        body[line.html_name] = str(line.value())
    for form in answer.context["marks"]:
        for bound in form:
            body[bound.html_name] = str(bound.value() if bound.value() is not None else "")
            if bound.field.show_hidden_initial:
                body[bound.html_initial_name] = body[bound.html_name]
                assert bound.html_initial_name in answer.content.decode()
    return body


def test_the_roll_shows_the_class_and_marks_it(office: Client, session: LiveSession, asha: CustomUser) -> None:
    assert "Bilal" in office.get(page(session, "roll")).content.decode()
    body = roll_form(office, session) | {"form-0-status": "late", "form-0-note": "By bus"}
    answer = office.post(page(session, "roll"), body, follow=True)

    assert "1 learner was marked." in answer.content.decode()
    record = AttendanceRecord.objects.get()
    assert (record.status, record.note, record.reason) == ("late", "By bus", "by_hand")
    again = roll_form(office, session)
    assert (again["form-0-status"], again["form-0-version"]) == ("late", "1")


def test_a_mark_is_taken_back_and_a_note_alone_is_kept(office: Client, session: LiveSession, bilal: CustomUser) -> None:
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])
    keep_events(session, [event(session, bilal, "manual", session.starts_at, status="absent", note="Left")])
    office.post(page(session, "roll"), roll_form(office, session) | {"form-0-status": ""})
    assert AttendanceRecord.objects.values_list("status", "note").get() == ("present", "Left")


def test_what_nobody_touched_is_no_mark(office: Client, session: LiveSession, bilal: CustomUser) -> None:
    body = roll_form(office, session)
    keep_events(session, [event(session, bilal, "manual", session.starts_at, status="absent")])
    answer = office.post(page(session, "roll"), body, follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert AttendanceRecord.objects.get().status == "absent"


def test_a_mark_by_an_old_page_is_refused(office: Client, session: LiveSession, bilal: CustomUser) -> None:
    body = roll_form(office, session) | {"form-0-status": "absent"}
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])
    answer = office.post(page(session, "roll"), body, follow=True)
    assert "changed the register meanwhile" in answer.content.decode()
    assert AttendanceRecord.objects.get().status == "present"


@pytest.mark.parametrize(
    "changed",
    [{"form-0-status": "asleep"}, {"form-0-user_id": "x"}, {"form-0-version": "-1"}, {"form-TOTAL_FORMS": "9999999"},
     {"form-TOTAL_FORMS": "x"}, {"form-0-user_id": str(10**30)}, {"form-0-note": "x" * 501}],
)  # fmt: skip
def test_a_form_that_is_not_ours_marks_nobody(office: Client, session: LiveSession, changed: dict[str, str]) -> None:
    body = roll_form(office, session) | {"form-0-status": "absent"} | changed
    assert office.post(page(session, "roll"), body).status_code == 302
    assert not AttendanceRecord.objects.filter(status="absent").exists()


def test_nobody_outside_of_the_class_is_marked(office: Client, session: LiveSession, chitra: CustomUser) -> None:
    body = roll_form(office, session) | {"form-0-status": "absent", "form-0-user_id": str(chitra.pk)}
    assert "not in the class" in office.post(page(session, "roll"), body, follow=True).content.decode()
    assert not AttendanceRecord.objects.exists()


def test_the_roll_of_a_cancelled_session_is_only_shown(office: Client, session: LiveSession) -> None:
    body = roll_form(office, session) | {"form-0-status": "absent"}
    LiveSession.objects.update(state="cancelled")
    shown = office.get(page(session, "roll")).content.decode()
    assert "Bilal" in shown
    assert "form-0-status" not in shown
    office.post(page(session, "roll"), body)
    assert not AttendanceRecord.objects.exists()


def test_a_large_class_is_marked_page_by_page(office: Client, session: LiveSession, course: Course) -> None:
    make_class(course, 101)
    costs = []
    for number in (1, 2):
        with CaptureQueriesContext(connection) as seen:
            assert office.get(page(session, "roll"), {"p": number}).status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1]
    body = roll_form(office, session, p=2) | {"form-1-status": "present"}
    assert body["form-TOTAL_FORMS"] == "2"
    office.post(f"{page(session, 'roll')}?p=2", body)
    assert AttendanceRecord.objects.get(status="present").user_id == int(body["form-1-user_id"])
