"""A learner asks to be excused, once; whoever keeps the register decides, once."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import CustomUser
from attendance.events import ExcuseAsked, ExcuseDecided
from attendance.models import AttendanceEvent, AttendanceRecord, Excuse, LiveSession
from attendance.services import excusing
from attendance.services.closing import close_session
from attendance.services.excusing import AlreadyDecided, ask_excuse, decide_excuse
from attendance.services.keeping import keep_events
from courses.models import Course, Enrollment
from e_learning.core.events import listens_to
from tests.conftest import ClientFor
from tests.crowd import crowd
from tests.factories.classes import event, make_class, make_session
from tests.factories.courses import enroll, make_course
from tests.factories.people import person
from tests.thorough import times

pytestmark = pytest.mark.django_db

told: list[Any] = []
listens_to(ExcuseAsked)(told.append)
listens_to(ExcuseDecided)(told.append)


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    told.clear()


def ask(client: APIClient, session: LiveSession, reason: str = "Fever") -> Any:
    return client.post(f"/api/attendance/sessions/{session.pk}/excuse/", {"reason": reason})


def decide(client: APIClient, session: LiveSession, user: CustomUser, decision: str, **body: Any) -> Any:
    url = f"/api/attendance/sessions/{session.pk}/excuse/{user.pk}/"
    return client.patch(url, {"decision": decision, **body})


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


# --- asking -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_learner_asks_once(bilals: APIClient, bilal: CustomUser, session: LiveSession) -> None:
    first = ask(bilals, session)
    again = ask(bilals, session, "Something else")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json().pop("asked_at").endswith("Z")
    assert first.json() | {"asked_at": None} == {
        "session_id": session.pk,
        "user_id": bilal.pk,
        "state": "requested",
        "reason": "Fever",
        "asked_at": None,
        "decided_at": None,
        "note": "",
    }
    assert told == [ExcuseAsked(session.pk, session.course_id, session.title, bilal.pk)]


@pytest.mark.parametrize("days", [-3, 3])
def test_it_is_asked_before_a_session_and_after_it(days: int, bilals: APIClient, course: Course) -> None:
    assert ask(bilals, make_session(course, starts_at=timezone.now() + timedelta(days=days))).status_code == 201


@pytest.mark.parametrize("reason", ["", "   ", "x" * 1001, "\0", None, ["a"]])
def test_a_reason_has_1_to_1000_characters(reason: Any, bilals: APIClient, session: LiveSession) -> None:
    assert ask(bilals, session, reason).status_code == 400


def test_who_is_not_in_the_class_has_nothing_to_ask(
    ashas: APIClient, admins: APIClient, chitras: APIClient, anonymous: APIClient, session: LiveSession
) -> None:
    assert [code_of(ask(client, session)) for client in (ashas, admins)] == [(403, "not_a_learner")] * 2
    assert ask(chitras, session).status_code == 404
    assert ask(anonymous, session).status_code == 401
    assert not Excuse.objects.exists()


def test_who_enrolled_after_a_session_was_not_in_its_class(
    client_for: ClientFor, course: Course, bilals: APIClient
) -> None:
    newcomer = person("newcomer")
    enroll(newcomer, course)
    past = make_session(course, starts_at=timezone.now() - timedelta(days=1))

    assert code_of(ask(client_for(newcomer), past)) == (403, "not_a_learner")
    assert ask(bilals, past).status_code == 201


def test_whose_enrolment_ended_sees_no_session(bilals: APIClient, session: LiveSession) -> None:
    Enrollment.objects.update(is_active=False)

    assert ask(bilals, session).status_code == 404


def test_a_cancelled_session_needs_no_excuse(bilals: APIClient, session: LiveSession) -> None:
    LiveSession.objects.update(state="cancelled")

    assert code_of(ask(bilals, session)) == (409, "session_cancelled")


@pytest.mark.parametrize(("kind", "refusal", "answer"), [("check_in", "", 409), ("check_in", "too_far", 201)])
def test_who_was_there_needs_no_excuse(
    kind: str, refusal: str, answer: int, bilals: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    keep_events(session, [event(session, bilal, kind, session.starts_at, refusal=refusal)])

    asked = ask(bilals, session)
    assert asked.status_code == answer
    assert answer == 201 or code_of(asked) == (409, "was_there")


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_what_was_decided_is_not_asked_again(
    decision: str, bilals: APIClient, ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    ask(bilals, session)
    decide(ashas, session, bilal, decision)

    assert code_of(ask(bilals, session)) == (409, "already_decided")


@pytest.mark.django_db(transaction=True)
def test_asked_at_once_it_is_one_excuse(bilal: CustomUser, course: Course) -> None:
    with crowd(4) as all_at_once:
        for _round in range(times(20, few=3)):
            session = make_session(course)
            told.clear()
            answers = all_at_once(
                *[lambda: ask_excuse(learner=bilal, session_id=session.pk, reason="Fever")] * 4  # noqa: B023 - run in this round
            )
            assert sorted(is_new for _excuse, is_new in answers) == [False, False, False, True]
            assert (Excuse.objects.filter(session=session).count(), len(told)) == (1, 1)


# --- deciding -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_is_approved_goes_into_the_register(
    bilals: APIClient, ashas: APIClient, asha: CustomUser, bilal: CustomUser, session: LiveSession
) -> None:
    ask(bilals, session)
    told.clear()
    answer = decide(ashas, session, bilal, "approved", note="Get well")

    assert (answer.status_code, answer.json()["state"], answer.json()["note"]) == (200, "approved", "Get well")
    assert answer.json()["decided_at"].endswith("Z")
    assert AttendanceRecord.objects.get().status == "excused"
    noted = AttendanceEvent.objects.get()
    assert (noted.kind, noted.actor_id, noted.note) == ("excuse", asha.pk, "Get well")
    assert told == [ExcuseDecided(session.pk, session.course_id, session.title, bilal.pk, is_approved=True)]


@pytest.mark.django_db(transaction=True)
def test_what_is_rejected_does_not(
    bilals: APIClient, ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    ask(bilals, session)
    assert decide(ashas, session, bilal, "rejected").json()["state"] == "rejected"

    assert not AttendanceEvent.objects.exists()
    assert told[-1] == ExcuseDecided(session.pk, session.course_id, session.title, bilal.pk, is_approved=False)


@pytest.mark.django_db(transaction=True)
def test_decided_again_it_is_the_same_and_never_another(
    bilals: APIClient, ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    ask(bilals, session)
    first = decide(ashas, session, bilal, "approved", note="Get well")
    told.clear()
    again = decide(ashas, session, bilal, "approved", note="Another")

    assert (again.status_code, again.json()) == (200, first.json())
    assert code_of(decide(ashas, session, bilal, "rejected")) == (409, "already_decided")
    assert (AttendanceEvent.objects.count(), told) == (1, [])


def test_who_keeps_the_register_decides(
    ashas: APIClient, bilals: APIClient, chitras: APIClient, anonymous: APIClient, admins: APIClient,
    bilal: CustomUser, chitra: CustomUser, session: LiveSession,
) -> None:  # fmt: skip
    assert decide(ashas, session, bilal, "approved").status_code == 404
    ask(bilals, session)

    assert code_of(decide(bilals, session, bilal, "approved")) == (403, "owners_only")
    assert decide(chitras, session, bilal, "approved").status_code == 404
    assert decide(anonymous, session, bilal, "approved").status_code == 401
    assert decide(ashas, session, chitra, "approved").status_code == 404
    assert Excuse.objects.get().state == "requested"
    assert decide(admins, session, bilal, "approved").status_code == 200


def test_whoever_teaches_another_course_decides_nothing(
    client_for: ClientFor, bilals: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    other = person("other", role="instructor")
    make_course(other)
    ask(bilals, session)

    assert decide(client_for(other), session, bilal, "approved").status_code == 404


@pytest.mark.parametrize("decision", ["requested", "", "APPROVED", None, 1])
def test_a_decision_is_one_of_two(
    decision: Any, bilals: APIClient, ashas: APIClient, bilal: CustomUser, session: LiveSession
) -> None:
    ask(bilals, session)
    assert decide(ashas, session, bilal, decision).status_code == 400


def test_an_excuse_approved_after_the_absence_was_noted_excuses_it(
    asha: CustomUser, bilal: CustomUser, course: Course
) -> None:
    past = make_session(course, starts_at=timezone.now() - timedelta(days=1))
    close_session(session_id=past.pk, at=timezone.now())
    assert AttendanceRecord.objects.get().status == "absent"

    ask_excuse(learner=bilal, session_id=past.pk, reason="Fever")
    decide_excuse(owner=asha, session_id=past.pk, user_id=bilal.pk, decision="approved")
    assert AttendanceRecord.objects.get().status == "excused"


def test_who_comes_all_the_same_was_there(asha: CustomUser, bilal: CustomUser, session: LiveSession) -> None:
    ask_excuse(learner=bilal, session_id=session.pk, reason="Fever")
    keep_events(session, [event(session, bilal, "check_in", session.starts_at)])
    decide_excuse(owner=asha, session_id=session.pk, user_id=bilal.pk, decision="approved")

    assert AttendanceRecord.objects.get().status == "present"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_does(asha: CustomUser, bilal: CustomUser, course: Course) -> None:
    assert all(decided_at_once(asha, bilal, course, times(20, few=3)))


@pytest.mark.django_db(transaction=True)
def test_looking_first_would_let_both_decide(
    asha: CustomUser, bilal: CustomUser, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the condition of the update holds: looking at the state first lets two through."""

    class Looking:
        """``waiting`` as a look before an update without the condition."""

        def __init__(self, rows: Any) -> None:
            self.rows = rows

        def filter(self, **values: Any) -> "Looking":
            return Looking(self.rows.filter(**{name: value for name, value in values.items() if name != "state"}))

        def update(self, **values: Any) -> int:
            waits = self.rows.get().state == Excuse.State.REQUESTED
            return self.rows.update(**values) if waits else 0

        def select_related(self, *names: str) -> Any:
            return self.rows.select_related(*names)

    if not connection.features.has_select_for_update:
        pytest.skip("SQLite has one writer: whoever looks is alone until the commit")
    monkeypatch.setattr(excusing, "Excuse", SimpleNamespace(objects=Looking(Excuse.objects.all()), State=Excuse.State))
    assert not all(decided_at_once(asha, bilal, course, 200))


def decided_at_once(asha: CustomUser, bilal: CustomUser, course: Course, rounds: int) -> Iterator[bool]:
    """Approve and reject at once, round after round; yields whether one was refused and the register agrees."""
    with crowd(2) as all_at_once:
        for _round in range(rounds):
            session = make_session(course)
            excuse = Excuse.objects.create(session=session, user=bilal, reason="Fever")
            told.clear()
            answers = all_at_once(
                *[
                    lambda decision=decision, pk=session.pk: decide_excuse(
                        owner=asha, session_id=pk, user_id=bilal.pk, decision=decision
                    )
                    for decision in ("approved", "rejected")
                ]
            )
            excuse.refresh_from_db()
            is_excused = AttendanceEvent.objects.filter(session=session).exists()
            refused = [answer for answer in answers if isinstance(answer, AlreadyDecided)]
            yield len(refused) == len(told) == 1 and is_excused == (excuse.state == "approved")


# --- finding them -------------------------------------------------------------------------------

URL = "/api/attendance/excuses/"


def test_learners_see_their_own_and_owners_those_of_their_courses(
    ashas: APIClient, bilals: APIClient, chitras: APIClient, admins: APIClient, client_for: ClientFor,
    bilal: CustomUser, course: Course, session: LiveSession,
) -> None:  # fmt: skip
    [other] = make_class(course, 1)
    for user in (bilal, other):
        Excuse.objects.create(session=session, user=user, reason=f"Of {user.username}")

    seen = {
        name: [row["user_id"] for row in client.get(URL).json()["results"]]
        for name, client in (("asha", ashas), ("bilal", bilals), ("chitra", chitras), ("admin", admins))
    }
    assert seen == {
        "asha": [other.pk, bilal.pk],
        "bilal": [bilal.pk],
        "chitra": [],
        "admin": [other.pk, bilal.pk],
    }
    assert client_for(person("teacher", role="instructor")).get(URL).json()["count"] == 0
    [row] = bilals.get(URL).json()["results"]
    assert (row["session_title"], row["course_title"], row["full_name"]) == (session.title, course.title, "Bilal")


def test_they_are_asked_by_course_session_and_state(ashas: APIClient, asha: CustomUser, bilal: CustomUser) -> None:
    courses = [make_course(asha, title=title) for title in ("One", "Two")]
    sessions = [make_session(course) for course in courses]
    for session in sessions:
        Excuse.objects.create(session=session, user=bilal, reason="Fever")
    Excuse.objects.filter(session=sessions[0]).update(state="rejected", decided_at=timezone.now())

    def found(**query: Any) -> list[int]:
        return [row["session_id"] for row in ashas.get(URL, query).json()["results"]]

    assert found(course=courses[0].pk) == found(session=sessions[0].pk) == found(state="rejected") == [sessions[0].pk]
    assert found(state="requested") == [sessions[1].pk]
    assert found(course=2**60) == []
    for bad in ({"course": "x"}, {"state": "open"}, {"session": 0}, {"course": 10**30}):
        assert ashas.get(URL, bad).status_code == 400


def test_listing_costs_the_same_for_one_and_for_three(
    ashas: APIClient, course: Course, session: LiveSession, on_postgresql: bool
) -> None:
    costs = []
    for user in make_class(course, 3):
        Excuse.objects.create(session=session, user=user, reason="Fever")
        with CaptureQueriesContext(connection) as statements:
            assert ashas.get(URL).status_code == 200
        costs.append(len(statements))

    assert costs[0] == costs[2]
    if on_postgresql:
        assert costs[0] == 3  # whose token it is, the count, the rows
