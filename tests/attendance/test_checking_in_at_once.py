"""Many at the door at once. Each race also runs with its guard taken away, and has to go wrong then.

Nobody writes before all have looked: that is as late as others can come in between, in every round.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import CustomUser
from attendance.codes import code_at
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.selectors.seats import Seat
from attendance.services import checking_in, checking_out, joining
from attendance.services.checking_in import CheckedIn, Claim
from attendance.services.checking_in import check_in as check_in_by
from attendance.services.checking_out import check_out
from attendance.services.joining import join_address, join_meeting
from courses.models import Course
from e_learning.core.api.errors import ApiError
from tests.attendance.at_the_door import ago, kept, now, wrong_code
from tests.crowd import all_at_once
from tests.factories.classes import make_class, make_session
from tests.guards import without

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
CROWD = 32


def same_phone(number: int) -> str:
    return "bilals phone"


def own_phones(number: int) -> str:
    return f"phone {number}"


@pytest.fixture
def all_look_first(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give a function that lets so many look before the first of them goes on."""
    look = checking_in.learners_seat

    def meet(size: int) -> None:
        barrier = Barrier(size)

        def look_and_wait(*arguments: Any) -> Seat:
            seat = look(*arguments)
            barrier.wait(timeout=60)
            return seat

        monkeypatch.setattr(checking_in, "learners_seat", look_and_wait)

    return meet


def taps(session: LiveSession, learners: list[Any], phone: Callable[[int], str]) -> list[Any]:
    code = code_at(session.pk, now())
    return all_at_once(
        *[
            partial(check_in_by, learner=one, session_id=session.pk, claim=Claim(code, device_id=phone(number)))
            for number, one in enumerate(learners)
        ]
    )


def codes_of(answers: list[Any]) -> list[str]:
    return sorted("in" if isinstance(one, CheckedIn) else one.code for one in answers)


# --- one learner --------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", [same_phone, own_phones])
def test_32_taps_at_once_are_one_record_and_one_answer(
    session: LiveSession, bilal: CustomUser, phone: Callable[[int], str], all_look_first: Callable[[int], None]
) -> None:
    all_look_first(CROWD)
    answers = taps(session, [bilal] * CROWD, phone)

    assert len(set(answers)) == 1
    assert codes_of(answers) == ["in"] * CROWD
    flagged = [("check_in", "second_device")] if phone is own_phones else []
    assert sorted(kept(session)) == [("check_in", ""), *flagged]
    record = AttendanceRecord.objects.get()
    assert (record.status, record.version) == ("present", 1 + len(flagged))


def test_so_they_are_beside_a_record_that_was_there(
    session: LiveSession, bilal: CustomUser, all_look_first: Callable[[int], None]
) -> None:
    AttendanceRecord.objects.create(session=session, user=bilal)
    all_look_first(CROWD)

    assert len(set(taps(session, [bilal] * CROWD, same_phone))) == 1
    assert kept(session) == [("check_in", "")]


def test_looking_before_putting_in_would_make_several(
    session: LiveSession, bilal: CustomUser, all_look_first: Callable[[int], None]
) -> None:
    """Everybody has looked, and saw nobody: without the constraints each is the first."""
    all_look_first(8)
    several = without(AttendanceEvent, "one_check_in_a_learner"), without(AttendanceRecord, "one_record_a_learner")
    with several[0], several[1]:
        taps(session, [bilal] * 8, own_phones)
        assert AttendanceRecord.objects.count() == 8
        assert kept(session) == [("check_in", "")] * 8


# --- one device ---------------------------------------------------------------------------------


def test_of_8_learners_with_one_phone_at_once_one_is_in(
    session: LiveSession, course: Course, all_look_first: Callable[[int], None]
) -> None:
    learners = make_class(course, 8)
    all_look_first(8)
    answers = taps(session, learners, same_phone)

    assert codes_of(answers) == ["device_in_use"] * 7 + ["in"]
    assert sorted(kept(session)) == [("check_in", "")] + [("check_in", "device_in_use")] * 7
    assert sorted(AttendanceRecord.objects.values_list("status", flat=True)) == [""] * 7 + ["present"]


def test_without_the_constraint_all_8_are(
    session: LiveSession, course: Course, all_look_first: Callable[[int], None]
) -> None:
    learners = make_class(course, 8)
    all_look_first(8)
    with without(AttendanceEvent, "one_learner_a_device"):
        assert codes_of(taps(session, learners, same_phone)) == ["in"] * 8


# --- guesses ------------------------------------------------------------------------------------


def guess(session: LiveSession, learner: CustomUser, code: str) -> str:
    try:
        check_in_by(learner=learner, session_id=session.pk, claim=Claim(code))
    except ApiError as error:
        return error.code
    return "in"


def test_of_32_wrong_codes_at_once_five_are_looked_at(
    session: LiveSession, bilal: CustomUser, all_look_first: Callable[[int], None]
) -> None:
    all_look_first(CROWD)
    answers = all_at_once(*[partial(guess, session, bilal, wrong_code(session))] * CROWD)

    assert sorted(answers) == ["throttled"] * 27 + ["wrong_code"] * 5


def test_looking_at_the_limit_and_counting_afterwards_would_let_all_32_guess(
    session: LiveSession,
    bilal: CustomUser,
    all_look_first: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same race with its guard taken away: the limit is asked whether it is used up, and then counted."""
    count, barrier = checking_in.take, Barrier(CROWD)

    def look_then_count(*arguments: Any) -> None:
        checking_in.refuse_used_up(*arguments)
        barrier.wait(timeout=60)
        with suppress(ApiError):
            count(*arguments)

    all_look_first(CROWD)
    monkeypatch.setattr(checking_in, "take", look_then_count)
    answers = all_at_once(*[partial(guess, session, bilal, wrong_code(session))] * CROWD)

    assert answers == ["wrong_code"] * CROWD


# --- leaving and joining ------------------------------------------------------------------------


@pytest.fixture
def meeting(course: Course) -> LiveSession:
    return make_session(course, starts_at=ago(minutes=20), meeting_url="https://meet.example/room")


def leave_twice(meeting: LiveSession, bilal: CustomUser) -> list[Any]:
    check_in_by(
        learner=bilal,
        session_id=meeting.pk,
        claim=Claim(code_at(meeting.pk, ago(minutes=15)), client_time=ago(minutes=15)),
    )
    return all_at_once(*[partial(check_out, learner=bilal, session_id=meeting.pk)] * 2)


def join_twice(meeting: LiveSession, bilal: CustomUser) -> list[Any]:
    [token] = parse_qs(urlsplit(join_address(user=bilal, session_id=meeting.pk).url).query)["token"]
    return all_at_once(*[partial(join_meeting, token=token)] * 2)


TWICE = [
    pytest.param(checking_out, leave_twice, "leave", id="leaving"),
    pytest.param(joining, join_twice, "join", id="joining"),
]


def meet_before_writing(monkeypatch: pytest.MonkeyPatch, module: Any, *, patience: float) -> None:
    """Whoever has looked waits for the other, so many seconds: in vain, where the other was not let in."""
    barrier, keep = Barrier(2), module.keep_held

    def keep_late(*arguments: Any) -> Any:
        with suppress(BrokenBarrierError):
            barrier.wait(timeout=patience)
        return keep(*arguments)

    monkeypatch.setattr(module, "keep_held", keep_late)


@pytest.mark.parametrize(("module", "twice", "kind"), TWICE)
def test_twice_at_once_is_noted_once(
    meeting: LiveSession,
    bilal: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    twice: Callable[[LiveSession, CustomUser], list[Any]],
    kind: str,
) -> None:
    meet_before_writing(monkeypatch, module, patience=1)
    answers = twice(meeting, bilal)

    assert len(set(answers)) == 1
    assert AttendanceEvent.objects.filter(kind=kind).count() == 1


@pytest.mark.parametrize(("module", "twice", "kind"), TWICE)
def test_without_holding_the_record_it_is_noted_twice(
    meeting: LiveSession,
    bilal: CustomUser,
    monkeypatch: pytest.MonkeyPatch,
    on_postgresql: bool,
    module: Any,
    twice: Callable[[LiveSession, CustomUser], list[Any]],
    kind: str,
) -> None:
    if not on_postgresql:
        pytest.skip("SQLite has one writer at a time: BEGIN IMMEDIATE is a guard of its own there")

    def only_look(session: LiveSession, user_ids: Any) -> dict[int, AttendanceRecord]:
        return {row.user_id: row for row in AttendanceRecord.objects.filter(session=session, user__in=user_ids)}

    AttendanceRecord.objects.create(session=meeting, user=bilal)
    monkeypatch.setattr(module, "hold_records", only_look)
    meet_before_writing(monkeypatch, module, patience=60)
    twice(meeting, bilal)

    assert AttendanceEvent.objects.filter(kind=kind).count() == 2
