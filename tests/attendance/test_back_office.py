"""The back office of attendance: who teaches sees own courses, and what is pressed there is the API's service."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomUser
from attendance.models import (
    AttendanceEvent,
    AttendancePolicy,
    AttendanceRecord,
    AttendanceWarning,
    Excuse,
    LiveSession,
)
from attendance.services.keeping import keep_events
from courses.models import Course
from tests.factories.classes import event, make_session
from tests.factories.courses import enroll, make_course
from tests.factories.people import person

pytestmark = pytest.mark.django_db
OFFICE = "/admin/attendance/"
LISTS = ["livesession", "attendancerecord", "attendanceevent", "excuse", "attendancepolicy", "attendancewarning"]


def staff(user: CustomUser, group: str = "instructor") -> Client:
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get(name=group))
    return signed_in(user)


def signed_in(user: CustomUser) -> Client:
    client = Client()
    client.force_login(user)
    return client


def row_of_everything(session: LiveSession, learner: CustomUser) -> None:
    keep_events(session, [event(session, learner, "check_in", session.starts_at)])
    Excuse.objects.create(session=session, user=learner, reason=f"The bus of {session.title}")
    AttendancePolicy.objects.create(course=session.course)
    AttendanceWarning.objects.create(course=session.course, user=learner, below=75, percent="60.0")


@pytest.fixture
def office(asha: CustomUser) -> Client:
    return staff(asha)


@pytest.fixture
def others(bilal: CustomUser) -> LiveSession:
    """A session of somebody else's course, with a row of everything; the same learner is in it."""
    course = make_course(person("colleague", role="instructor"), title="Numbers in Signs")
    enroll(bilal, course, enrollment_date=timezone.now() - timedelta(days=1))
    session = make_session(course, title="Counting together")
    row_of_everything(session, bilal)
    return session


def pages_of(session: LiveSession) -> list[str]:
    """Return the address of every page about a session's rows."""
    rows: list[Any] = [
        session,
        AttendanceRecord.objects.get(session=session),
        AttendanceEvent.objects.filter(session=session).earliest("pk"),
        Excuse.objects.get(session=session),
        AttendancePolicy.objects.get(course=session.course_id),
        AttendanceWarning.objects.get(course=session.course_id),
    ]
    pages = [f"{OFFICE}{row._meta.model_name}/{row.pk}/change/" for row in rows]
    return [*pages, *(f"{OFFICE}livesession/{session.pk}/{name}/" for name in ("code", "code/now", "roll"))]


# --- who sees what ---------------------------------------------------------------------------------


def test_who_teaches_sees_own_courses_only(
    office: Client, session: LiveSession, bilal: CustomUser, others: LiveSession
) -> None:
    row_of_everything(session, bilal)
    for page in pages_of(session):
        assert office.get(page).status_code == 200, page
    for page in pages_of(others):
        assert office.get(page).status_code in {302, 404}, page
    for name in LISTS:
        answer = office.get(f"{OFFICE}{name}/", {"q": "x"})
        assert answer.status_code == 200
        shown = office.get(f"{OFFICE}{name}/").content.decode()
        assert "Counting together" not in shown
        assert "Numbers in Signs" not in shown


def test_a_stranger_and_a_learner_see_nothing(
    chitra: CustomUser, bilal: CustomUser, session: LiveSession, others: LiveSession
) -> None:
    for client in (signed_in(chitra), signed_in(bilal), Client()):
        for page in [*pages_of(others), *(f"{OFFICE}{name}/" for name in LISTS)]:
            answer = client.get(page)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("group", ["moderator", "support", "finance"])
def test_other_staff_see_nothing(chitra: CustomUser, others: LiveSession, group: str) -> None:
    client = staff(chitra, group)
    for page in [*pages_of(others), *(f"{OFFICE}{name}/" for name in LISTS)]:
        assert client.get(page).status_code == 403, page


def test_an_admin_sees_all(admin: CustomUser, others: LiveSession) -> None:
    for page in pages_of(others):
        assert signed_in(admin).get(page).status_code == 200, page


@pytest.mark.parametrize("place", ["abc", "0", str(10**30), "-1", "1/2"])
def test_a_page_of_no_session_is_not_there(office: Client, place: str) -> None:
    for name in ("code", "code/now", "roll"):
        assert office.get(f"{OFFICE}livesession/{place}/{name}/").status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_and_for_three(
    admin: CustomUser, asha: CustomUser, bilal: CustomUser, name: str
) -> None:
    client = signed_in(admin)
    costs = []
    for number in range(3):
        course = make_course(asha, title=f"Course {number}")
        row_of_everything(make_session(course), person(f"learner{number}"))
        client.get(f"{OFFICE}{name}/")  # content types are looked up once a process
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"{OFFICE}{name}/").status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1] == costs[2]


@pytest.mark.parametrize("name", ["attendancerecord", "attendanceevent", "attendancewarning"])
def test_the_register_is_there_to_be_read_only(admin: CustomUser, others: LiveSession, name: str) -> None:
    client = signed_in(admin)
    [page] = [page for page in pages_of(others) if f"/{name}/" in page]
    assert client.post(page, {"status": "absent", "note": "x"}).status_code == 403
    assert client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert client.get(f"{OFFICE}{name}/add/").status_code == 403


def test_a_record_explains_itself(office: Client, session: LiveSession, bilal: CustomUser) -> None:
    row_of_everything(session, bilal)
    shown = office.get(f"{OFFICE}attendancerecord/{AttendanceRecord.objects.get().pk}/change/").content.decode()
    assert "was in time" in shown
    assert "check-in" in shown


def test_the_list_of_sessions_counts_who_was_there(office: Client, session: LiveSession, bilal: CustomUser) -> None:
    learners = [bilal, person("late"), person("gone")]
    minutes = [0, 20, None]
    came = [
        event(session, learner, "check_in", session.starts_at + timedelta(minutes=at))
        for learner, at in zip(learners, minutes, strict=True)
        if at is not None
    ]
    keep_events(session, [*came, event(session, learners[2], "auto", session.ends_at, status="absent")])
    [row] = office.get(f"{OFFICE}livesession/").context["cl"].result_list
    assert (row.came, row.stayed_away) == (2, 1)


# --- sessions planned, changed, cancelled ------------------------------------------------------------


def moment(name: str, at: Any) -> dict[str, str]:
    return {f"{name}_0": at.strftime("%Y-%m-%d"), f"{name}_1": at.strftime("%H:%M:%S")}


def planned(course: Course, **changed: Any) -> dict[str, Any]:
    start = timezone.now() + timedelta(days=1)
    times = moment("starts_at", start) | moment("ends_at", start + timedelta(hours=1))
    plain = {"course": course.pk, "title": "Spelling", "kind": "live_class", "mode": "online"}
    return plain | times | {"meeting_url": "https://meet.example/1"} | changed


def form_of(client: Client, session: LiveSession) -> dict[str, Any]:
    """Return what a browser would send back of a session's page as it is."""
    form = client.get(f"{OFFICE}livesession/{session.pk}/change/").context["adminform"].form
    body: dict[str, Any] = {}
    for bound in form:
        widget, value = bound.field.widget, bound.value()
        parts = widget.decompress(value) if hasattr(widget, "decompress") else None
        if parts:
            body |= {f"{bound.html_name}_{number}": str(part) for number, part in enumerate(parts)}
        elif value is not None:
            body[bound.html_name] = value
    return body


def test_a_session_is_planned_on_the_clock_of_who_plans_it(asha: CustomUser, course: Course) -> None:
    asha.timezone = "Asia/Kolkata"
    asha.save(update_fields=["timezone"])
    body = planned(course)
    assert staff(asha).post(f"{OFFICE}livesession/add/", body).status_code == 302

    made = LiveSession.objects.get()
    assert timezone.localtime(made.starts_at, made.starts_at.tzinfo).strftime("%H:%M") != body["starts_at_1"][:5]
    assert (made.starts_at + timedelta(hours=5, minutes=30)).strftime("%H:%M:%S") == body["starts_at_1"]
    assert (made.created_by, made.late_after - made.starts_at) == (asha, timedelta(minutes=10))
    assert body["starts_at_1"][:2] in staff(asha).get(f"{OFFICE}livesession/{made.pk}/change/").content.decode()


def test_what_the_service_refuses_is_said_and_what_was_typed_stays(office: Client, course: Course) -> None:
    now = timezone.now() + timedelta(days=1)
    answer = office.post(f"{OFFICE}livesession/add/", planned(course, title="Kept as typed") | moment("ends_at", now))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert "Kept as typed" in shown
    assert not LiveSession.objects.exists()


def test_nobody_plans_in_somebody_elses_course(office: Client, others: LiveSession) -> None:
    answer = office.post(f"{OFFICE}livesession/add/", planned(others.course))
    assert answer.status_code == 200
    assert LiveSession.objects.get() == others


def test_half_a_place_is_none(office: Client, course: Course) -> None:
    answer = office.post(f"{OFFICE}livesession/add/", planned(course, mode="in_person", latitude="12.9"))
    assert "latitude, longitude and radius" in answer.content.decode()
    assert not LiveSession.objects.exists()


def test_a_session_is_changed_and_only_where_it_was(office: Client, session: LiveSession) -> None:
    body = form_of(office, session) | {
        "title": "Spelling aloud",
        "latitude": "12.9",
        "longitude": "77",
        "radius_m": "50",
    }
    before = LiveSession.objects.values_list("starts_at", "check_in_opens", "sequence").get()
    answer = office.post(f"{OFFICE}livesession/{session.pk}/change/", body)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    session.refresh_from_db()
    assert (session.title, session.radius_m) == ("Spelling aloud", 50)
    assert (session.starts_at, session.check_in_opens, session.sequence) == (*before[:2], before[2] + 1)


def test_a_session_is_cancelled_with_a_reason(office: Client, session: LiveSession) -> None:
    page = f"{OFFICE}livesession/{session.pk}/change/"
    pressed = form_of(office, session) | {"attendance_livesession_cancel": "1"}
    assert "learners read it" in office.post(page, pressed).content.decode()
    session.refresh_from_db()
    assert session.is_standing

    assert office.post(page, pressed | {"why": "Asha is ill"}).status_code == 302
    session.refresh_from_db()
    assert (session.state, session.cancel_reason) == ("cancelled", "Asha is ill")
    assert office.get(page).status_code == 200
    assert "attendance_livesession_cancel" not in office.get(page).content.decode()


def test_a_series_is_cancelled_from_one_on(office: Client, course: Course) -> None:
    office.post(f"{OFFICE}livesession/add/", planned(course, recurrence="FREQ=WEEKLY;COUNT=4"))
    first, second, *_rest = LiveSession.objects.order_by("starts_at")
    body = form_of(office, second) | {"attendance_livesession_cancel": "1", "why": "Enough", "scope": "following"}
    assert office.post(f"{OFFICE}livesession/{second.pk}/change/", body).status_code == 302
    assert list(LiveSession.objects.standing()) == [first]


def test_no_session_is_deleted(admin: CustomUser, session: LiveSession) -> None:
    answer = signed_in(admin).post(f"{OFFICE}livesession/{session.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    assert LiveSession.objects.exists()


# --- excuses and policies ----------------------------------------------------------------------------


@pytest.fixture
def excuse(session: LiveSession, bilal: CustomUser) -> Excuse:
    return Excuse.objects.create(session=session, user=bilal, reason="The bus did not come")


@pytest.mark.parametrize(
    ("button", "state", "status"), [("approve", "approved", "excused"), ("reject", "rejected", "")]
)
def test_an_excuse_is_decided_on_its_page(
    office: Client, excuse: Excuse, asha: CustomUser, button: str, state: str, status: str
) -> None:
    page = f"{OFFICE}excuse/{excuse.pk}/change/"
    assert office.post(page, {"note": "Well", f"attendance_excuse_{button}": "1"}).status_code == 302
    excuse.refresh_from_db()
    assert (excuse.state, excuse.note, excuse.decided_by) == (state, "Well", asha)
    assert [record.status for record in AttendanceRecord.objects.all()] == ([status] if status else [])
    assert f"attendance_excuse_{button}" not in office.get(page).content.decode()


def test_an_excuse_that_was_decided_meanwhile_stays_so(office: Client, excuse: Excuse) -> None:
    Excuse.objects.update(state="rejected", decided_at=timezone.now())
    page = f"{OFFICE}excuse/{excuse.pk}/change/"
    answer = office.post(page, {"note": "", "attendance_excuse_approve": "1"})
    assert "decided already" in answer.content.decode()
    assert office.post(page, {"note": ""}).status_code == 200
    assert Excuse.objects.get().state == "rejected"


def test_excuses_are_decided_several_at_once_and_only_own(office: Client, excuse: Excuse, others: LiveSession) -> None:
    chosen = [excuse.pk, Excuse.objects.get(session=others).pk]
    office.post(f"{OFFICE}excuse/", {"action": "approve_chosen", "_selected_action": chosen})
    assert list(Excuse.objects.order_by("pk").values_list("state", flat=True)) == ["approved", "requested"] or {
        each.session_id: each.state for each in Excuse.objects.all()
    } == {excuse.session_id: "approved", others.pk: "requested"}


def test_a_policy_is_set_and_refused_by_the_service(office: Client, course: Course) -> None:
    defaults = {
        field.name: value
        for field in AttendancePolicy._meta.fields
        if (value := field.get_default()) is not None and field.name not in {"id", "course"}
    }
    body = {**defaults, "warn_below": "[80, 60]", "course": course.pk, "late_after_minutes": 5}
    assert office.post(f"{OFFICE}attendancepolicy/add/", body).status_code == 302
    policy = AttendancePolicy.objects.get()
    assert (policy.late_after_minutes, policy.warn_below) == (5, [80, 60])

    page = f"{OFFICE}attendancepolicy/{policy.pk}/change/"
    refused = office.post(page, {**body, "late_after_minutes": 40, "closes_after_minutes": 30})
    assert refused.status_code == 200
    assert refused.context["adminform"].form.errors
    assert office.post(page, {**body, "late_after_minutes": 40, "closes_after_minutes": 50}).status_code == 302
    policy.refresh_from_db()
    assert policy.late_after_minutes == 40


def test_no_policy_is_set_for_somebody_elses_course(office: Client, others: LiveSession) -> None:
    AttendancePolicy.objects.all().delete()
    body = {"course": others.course_id, "warn_below": "[75]", "opens_minutes": 15, "late_after_minutes": 10}
    body |= {"closes_after_minutes": 30, "offline_grace_minutes": 30, "warn_after_sessions": 3}
    assert office.post(f"{OFFICE}attendancepolicy/add/", body).status_code == 200
    assert not AttendancePolicy.objects.exists()
