"""ws/attendance/: who teaches sees how many are there, at once and to the last; nobody else sees anything."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomUser
from attendance import counting
from attendance.access import who_may_watch
from attendance.counting import Counting
from attendance.frames import AttendanceCount
from attendance.models import AttendanceRecord, LiveSession
from attendance.selectors.counts import count_now
from attendance.services.keeping import keep_events
from courses.models import Course
from e_learning.core.sockets import in_thread
from tests.core.realtime.rooms import socket_to
from tests.factories.classes import event, make_class
from tests.factories.courses import enroll
from tests.factories.people import person, token_for

pytestmark = pytest.mark.django_db(transaction=True)
EMPTY = {"type": "attendance_count", "present": 0, "late": 0, "absent": 0, "excused": 0, "total": 1}


class Counted:
    """``count_now`` as it is, and how often it was asked. ``is_away``: the next time the database does not answer.

    With ``hold`` a count is taken and not handed over until ``go_on``.
    """

    def __init__(self) -> None:
        self.times, self.is_away, self.hold = 0, False, False
        self.taken, self.go_on = threading.Event(), threading.Event()

    def __call__(self, session_id: int) -> AttendanceCount:
        self.times += 1
        if self.is_away:
            self.is_away = False
            raise OperationalError("the database is away")
        found = count_now(session_id)
        if self.hold:
            self.hold = False
            self.taken.set()
            assert self.go_on.wait(timeout=20)
        return found


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    watched = Counted()
    monkeypatch.setattr(counting, "count_now", watched)
    return watched


@pytest.fixture
def ashas_token(asha: CustomUser) -> str:
    return token_for(asha)


@pytest.fixture(autouse=True)
def nobody_is_left_watching() -> Iterator[None]:
    yield
    assert counting._countings == {}


def path_of(session: LiveSession) -> str:
    return f"/ws/attendance/{session.pk}/"


@asynccontextmanager
async def watching(session: LiveSession, token: str) -> Any:
    socket = socket_to(path_of(session), token)
    assert (await socket.connect())[0]
    yield socket
    await socket.disconnect()


async def next_count(socket: WebsocketCommunicator) -> dict[str, Any]:
    found: dict[str, Any] = await socket.receive_json_from()
    return found


def arrive(session: LiveSession, *learners: CustomUser, minutes: int = 0) -> None:
    at = session.starts_at + timedelta(minutes=minutes)
    for learner in learners:
        keep_events(session, [event(session, learner, "check_in", at)])


async def test_asha_sees_bilal_come(session: LiveSession, bilal: CustomUser, ashas_token: str) -> None:
    async with watching(session, ashas_token) as socket:
        assert await next_count(socket) == EMPTY

        await in_thread(arrive, session, bilal)

        assert await next_count(socket) == EMPTY | {"present": 1}


async def test_an_admin_and_whoever_comes_later_see_the_count_of_now(
    session: LiveSession, bilal: CustomUser, admin: CustomUser, ashas_token: str
) -> None:
    admins_token = await in_thread(token_for, admin)
    async with watching(session, ashas_token) as ashas:
        await next_count(ashas)
        await in_thread(arrive, session, bilal, minutes=11)
        assert await next_count(ashas) == EMPTY | {"late": 1}

        async with watching(session, admins_token) as admins:
            assert await next_count(admins) == EMPTY | {"late": 1}


async def closing_code(path: str, token: str | None) -> Any:
    socket = socket_to(path, token)
    assert (await socket.connect())[0]
    closed = await socket.receive_output()
    await socket.disconnect()
    return closed


async def test_nobody_else_watches(
    session: LiveSession, bilal: CustomUser, chitra: CustomUser, ashas_token: str
) -> None:
    bilals, chitras = await in_thread(token_for, bilal), await in_thread(token_for, chitra)
    others = await in_thread(token_for, await in_thread(person, "teacher", role="instructor"))
    for path, token, code in (
        (path_of(session), bilals, 4403),
        (path_of(session), chitras, 4404),
        (path_of(session), others, 4404),
        (path_of(session), None, 4401),
        (f"/ws/attendance/{session.pk + 1}/", ashas_token, 4404),
        (f"/ws/attendance/{10**30}/", ashas_token, 4404),
    ):
        assert await closing_code(path, token) == {"type": "websocket.close", "code": code}


async def test_a_ping_is_answered_and_nothing_else_is_taken(session: LiveSession, ashas_token: str) -> None:
    async with watching(session, ashas_token) as socket:
        await next_count(socket)
        await socket.send_json_to({"type": "ping"})
        assert await next_count(socket) == {"type": "pong"}
        for other in ({"type": "attendance_count", "present": 9}, {}):
            await socket.send_json_to(other)
            assert (await next_count(socket))["code"] == "invalid_frame"


async def test_who_no_longer_teaches_the_course_is_closed(
    session: LiveSession, course: Course, chitra: CustomUser, bilal: CustomUser, ashas_token: str
) -> None:
    async with watching(session, ashas_token) as socket:
        await next_count(socket)
        began = time.monotonic()
        await in_thread(Course.objects.filter(pk=course.pk).update, instructor=chitra)
        await asyncio.sleep(1)
        await in_thread(arrive, session, bilal)

        assert await socket.receive_output() == {"type": "websocket.close", "code": 4403}
        assert time.monotonic() - began < 10


def test_who_may_still_watch_is_two_statements(
    session: LiveSession, asha: CustomUser, bilal: CustomUser, admin: CustomUser
) -> None:
    pairs = {(asha.pk, session.pk), (bilal.pk, session.pk), (admin.pk, session.pk), (asha.pk, session.pk + 1)}
    with CaptureQueriesContext(connection) as statements:
        assert who_may_watch(pairs) == {(asha.pk, session.pk), (admin.pk, session.pk)}
    assert len(statements) == 2


def test_where_nobody_watches_nothing_is_counted(session: LiveSession, bilal: CustomUser) -> None:
    with CaptureQueriesContext(connection) as statements:
        arrive(session, bilal)
    assert [query["sql"] for query in statements if "COUNT(" in query["sql"]] == []


async def test_many_who_come_at_once_are_some_counts_and_the_last_has_them_all(
    session: LiveSession, course: Course, ashas_token: str, counted: Counted
) -> None:
    learners = await in_thread(make_class, course, 40)
    tokens = [ashas_token] * 3
    async with watching(session, tokens[0]) as one, watching(session, tokens[1]) as two, watching(session, tokens[2]):
        await next_count(one)
        before, began = counted.times, time.monotonic()
        for share in (learners[0::2], learners[1::2]):
            await in_thread(arrive, session, *share)
        shown = await until(one, lambda count: count["present"] == 40)
        pauses = (time.monotonic() - began) / counting.PAUSE_SECONDS

        assert shown["total"] == 41
        assert counted.times - before <= pauses + 2
        assert await until(two, lambda count: count["present"] == 40) == shown


async def until(socket: WebsocketCommunicator, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    while not condition(count := await next_count(socket)):
        pass
    return count


async def come_while_it_is_counted(session: LiveSession, learner: CustomUser, token: str, counted: Counted) -> int:
    """Have somebody come after the database has counted and before that is shown; return how many are seen at last."""
    counted.hold = True
    async with watching(session, token) as socket:
        await asyncio.to_thread(counted.taken.wait, 20)
        await in_thread(arrive, session, learner)
        counted.go_on.set()
        present = (await next_count(socket))["present"]
        if not await socket.receive_nothing(timeout=1):
            present = (await next_count(socket))["present"]
    return int(present)


async def test_who_comes_while_it_is_counted_is_in_the_next_count(
    session: LiveSession, bilal: CustomUser, ashas_token: str, counted: Counted
) -> None:
    assert await come_while_it_is_counted(session, bilal, ashas_token, counted) == 1


class Forgetful(Counting):
    """Takes what it was asked meanwhile for answered."""

    async def _count(self) -> None:
        await super()._count()
        self._is_asked.clear()


async def test_without_its_guard_whoever_comes_while_it_is_counted_is_lost(
    session: LiveSession, bilal: CustomUser, ashas_token: str, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "Counting", Forgetful)

    assert await come_while_it_is_counted(session, bilal, ashas_token, counted) == 0


async def test_what_nobody_told_of_shows_a_little_later(
    session: LiveSession, course: Course, bilal: CustomUser, ashas_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "UNASKED_SECONDS", 0.2)
    async with watching(session, ashas_token) as socket:
        await next_count(socket)
        await in_thread(AttendanceRecord.objects.create, session=session, user=bilal, status="excused")
        assert await next_count(socket) == EMPTY | {"excused": 1}
        await in_thread(enroll, await in_thread(person, "learner1"), course)
        assert await next_count(socket) == EMPTY | {"excused": 1, "total": 2}


async def test_a_session_that_was_moved_is_counted_as_it_is_now(
    session: LiveSession, ashas_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "UNASKED_SECONDS", 0.2)
    async with watching(session, ashas_token) as socket:
        assert await next_count(socket) == EMPTY
        before_he_enrolled = session.starts_at - timedelta(days=300)
        await in_thread(
            LiveSession.objects.filter(pk=session.pk).update,
            starts_at=before_he_enrolled,
            ends_at=before_he_enrolled + timedelta(hours=1),
        )
        assert (await next_count(socket))["total"] == 0


async def test_a_count_that_failed_is_made_up_for(
    session: LiveSession, ashas_token: str, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "UNASKED_SECONDS", 0.2)
    counted.is_away = True
    async with watching(session, ashas_token) as socket:
        assert await next_count(socket) == EMPTY
    assert counted.times >= 2


async def test_an_unchanged_register_is_not_told_again(
    session: LiveSession, bilal: CustomUser, ashas_token: str, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "UNASKED_SECONDS", 0.2)
    async with watching(session, ashas_token) as socket:
        await next_count(socket)
        await in_thread(arrive, session, bilal)
        await next_count(socket)
        before = counted.times
        assert await socket.receive_nothing(timeout=0.8)
    assert counted.times > before
