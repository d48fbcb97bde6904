"""Both servers over the wire: what goes in and out, who is closed and how soon, and what a bad client can't do."""

import asyncio
import inspect
import time
from contextlib import suppress
from pathlib import Path

import daphne
import pytest
import uvicorn
from autobahn.twisted.websocket import WebSocketServerFactory
from daphne import server as daphne_server
from django.conf import settings
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from accounts.models import CustomUser, Session
from accounts.signin.tickets import issue_ticket
from courses.models import Enrollment
from e_learning.core.api.tokens import issue_access_token
from e_learning.core.socket_servers import DaphneSocket
from e_learning.core.sockets import in_thread
from tests.core.processes import Server
from tests.core.realtime.conftest import socket_server
from tests.factories.courses import enroll, make_course
from tests.factories.people import session_for, token_for
from tests.realtime.client import connect
from tests.thorough import STORM, in_time

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def token(bilal: CustomUser) -> str:
    return token_for(bilal)


async def test_what_one_says_everybody_hears_its_sender_too(server: Server, token: str) -> None:
    async with connect(server.address, "/ws/hall/", token) as one, connect(server.address, "/ws/hall/", token) as other:
        await one.send({"type": "shout", "text": "Grüße 🎉 नमस्ते"})

        assert (await one.expect("said"))["text"] == (await other.expect("said"))["text"] == "Grüße 🎉 नमस्ते"


async def test_frames_of_every_length_arrive_whole(server: Server, token: str) -> None:
    async with connect(server.address, "/ws/hall/", token) as socket:
        for size in (*range(55, 75), 125, 126, 65_400, 65_600):
            await socket.send({"type": "shout", "text": "", "size": size, "times": 3})

            assert [len((await socket.next())["filling"]) for _ in range(3)] == [size] * 3


async def test_a_sign_out_closes_the_socket_within_two_seconds(server: Server, bilal: CustomUser) -> None:
    session = await in_thread(session_for, bilal)
    token = issue_access_token(user_id=bilal.pk, session_id=session.pk)
    async with connect(server.address, "/ws/hall/", token) as socket:
        await socket.send({"type": "shout", "text": "still here"})
        await socket.expect("said")

        began = time.monotonic()
        await in_thread(Session.objects.filter(pk=session.pk).update, ended_at=session.created_at)

        assert await socket.closed_with() == 4401
        assert time.monotonic() - began < in_time(2)


async def test_the_end_of_an_enrolment_closes_its_socket_within_two_seconds(
    server: Server, asha: CustomUser, bilal: CustomUser, token: str
) -> None:
    course = await in_thread(make_course, asha)
    await in_thread(enroll, bilal, course)
    async with connect(server.address, f"/ws/progress/{course.pk}/", token) as socket:
        began = time.monotonic()
        await in_thread(Enrollment.objects.filter(user=bilal).update, is_active=False)

        assert await socket.closed_with() == 4403
        assert time.monotonic() - began < in_time(2)


async def test_what_a_page_opens_by_ticket_and_what_by_subprotocol(server: Server, bilal: CustomUser) -> None:
    session = await in_thread(session_for, bilal)
    ticket = await in_thread(issue_ticket, session=session)
    token = issue_access_token(user_id=bilal.pk, session_id=session.pk)
    look = {"type": "look_at", "thing_id": 1}

    async with connect(server.address, "/ws/hall/", ticket=ticket) as socket:
        await socket.send(look)
        assert await socket.expect("seen")
    async with connect(server.address, "/ws/hall/", ticket=ticket) as socket:
        assert await socket.closed_with() == 4401
    async with connect(server.address, "/ws/hall/", subprotocols=["bearer", token]) as socket:
        await socket.send(look)
        assert await socket.expect("seen")
        assert socket.connection.subprotocol == "bearer"

    assert ticket not in server.said
    assert token not in server.said


async def test_a_room_that_is_not_there_and_a_course_one_may_not_follow(
    server: Server, asha: CustomUser, token: str
) -> None:
    public = await in_thread(make_course, asha)
    draft = await in_thread(make_course, asha, published=False)
    closed = {}
    for path in ("/ws/nothing/", f"/ws/progress/{public.pk}/", f"/ws/progress/{draft.pk}/", f"/ws/progress/{10**30}/"):
        async with connect(server.address, path, token) as socket:
            closed[path] = await socket.closed_with()

    assert list(closed.values()) == [4404, 4403, 4404, 4404]


# --- an end ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_restart_tells_every_socket_to_come_back(kind: str, tmp_path: Path, token: str) -> None:
    with socket_server(kind, tmp_path / "log", SECRET_KEY=settings.SECRET_KEY) as own:
        async with connect(own.address, "/ws/hall/", token) as one, connect(own.address, "/ws/hall/", token) as other:
            async with connect(own.address, "/ws/nothing/", token) as gone:
                assert await gone.closed_with() == 4404
            own.get("/healthz")
            own.process.terminate()

            assert [await one.closed_with(), await other.closed_with()] == [1012, 1012]
        assert await asyncio.to_thread(own.process.wait, 10) in {0, -15}


@pytest.mark.skipif(not STORM, reason="waits for half a minute: make storms")
async def test_a_peer_that_is_gone_is_gone_within_thirty_seconds(server: Server, token: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        b"GET /ws/hall/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Authorization: Bearer " + token.encode() + b"\r\n\r\n"
    )
    assert b"101" in await reader.readline()
    began = time.monotonic()

    with suppress(ConnectionResetError):  # an end is an end, whichever way TCP says it
        while await reader.read(1000):  # pings, which nobody answers
            pass

    assert 10 < time.monotonic() - began < 30


# --- what of the servers is stood on --------------------------------------------------------------
def test_uvicorn_still_is_what_its_sockets_here_reach_into() -> None:
    """Another version: read its websockets_sansio_impl.py beside core/socket_servers.py, then raise this."""
    assert uvicorn.__version__ == "0.54.0"
    for name in ("run_asgi", "data_received", "send_receive_event_to_app", "handle_parser_exception"):
        assert callable(getattr(WebSocketsSansIOProtocol, name))
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for name in ("conn", "writable", "close_sent", "close_timer", "read_paused", "curr_msg_data_type", "frames"):
        assert f"self.{name}" in source


def test_daphne_still_is_what_its_sockets_here_reach_into() -> None:
    """Another version: read its server.py and ws_protocol.py beside core/socket_servers.py, then raise this."""
    assert daphne.__version__ == "4.2.3"
    assert "self.ws_factory = WebSocketFactory" in inspect.getsource(daphne_server.Server.run)
    assert "self.ready_callable()" in inspect.getsource(daphne_server.Server.run)
    assert 'details["application_instance"]' in inspect.getsource(daphne_server.Server.kill_all_applications)
    assert "failByDrop" in inspect.signature(WebSocketServerFactory.setProtocolOptions).parameters
    assert "code" in inspect.signature(DaphneSocket.sendCloseFrame).parameters
    assert "self.application_queue.put_nowait" in inspect.getsource(DaphneSocket.__base__)
