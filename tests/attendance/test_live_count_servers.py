"""The live count over the wire: what another process notes reaches Asha's socket, with and without Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import CustomUser
from attendance.models import LiveSession
from attendance.services.keeping import keep_events
from courses.models import Course
from e_learning.core.sockets import in_thread
from tests.core.processes import Server
from tests.core.realtime.conftest import socket_server
from tests.factories.classes import event
from tests.factories.people import token_for
from tests.realtime.client import connect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["daphne", "uvicorn"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    given = {"SECRET_KEY": str(settings.SECRET_KEY), "REDIS_URL": settings.REDIS_URL or ""}
    with socket_server(request.param, tmp_path / "log", **given) as started:
        yield started


async def test_who_checks_in_elsewhere_is_counted_here(
    server: Server, course: Course, session: LiveSession, asha: CustomUser, bilal: CustomUser
) -> None:
    ashas, bilals = await in_thread(token_for, asha), await in_thread(token_for, bilal)
    path = f"/ws/attendance/{session.pk}/"
    async with connect(server.address, path, ashas) as screen, connect(server.address, path, bilals) as phone:
        assert await phone.closed_with() == 4403
        assert (await screen.expect("attendance_count"))["present"] == 0

        await in_thread(keep_events, session, [event(session, bilal, "check_in", session.starts_at)])

        # Without Redis no process hears of another, and the next count is the one that nobody asks for.
        seen = await screen.expect("attendance_count", within=2 if settings.REDIS_URL else 13)
        assert (seen["present"], seen["total"]) == (1, 1)
        await screen.send({"type": "ping"})
        await screen.expect("pong")
