"""What a bad client can't do to the process, and to others: both servers, over the wire."""

import asyncio
import random
import socket
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from websockets.exceptions import ConnectionClosed

from accounts.models import CustomUser
from e_learning.core.api.errors import NotThere
from tests.core.processes import Server
from tests.core.realtime.bad_frames import bad_frame
from tests.factories.people import token_for
from tests.realtime.client import Socket, connect
from tests.thorough import in_storms, in_time

#: As Linux numbers the states of a TCP connection.
ESTABLISHED = 1

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def token(bilal: CustomUser) -> str:
    return token_for(bilal)


def megabytes_of(server: Server) -> float:
    """Return the resident memory of the server."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def is_well(server: Server, token: str) -> bool:
    async with connect(server.address, "/ws/hall/", token) as client:
        await client.send({"type": "look_at", "thing_id": 1})
        return (await client.next())["thing_id"] == 1


@pytest.mark.timeout(900)
async def test_no_frame_ends_the_process_or_leaves_a_traceback(server: Server, token: str) -> None:
    before = megabytes_of(server)
    left, closed_with = in_storms(100_000, few=1_000), set()

    async def send_some(client: Socket, seed: random.Random) -> int:
        for sent in range(1, 100):
            frame = bad_frame(seed)
            try:
                await client.connection.send(frame.data, text=frame.is_text)
                assert (await client.next())["type"] in {"error", "seen"}
            except ConnectionClosed as end:
                # 1006: the server was done with the connection before all of the frame had been sent.
                closed_with.add(end.rcvd.code if end.rcvd else 1006)
                return sent
        return sent

    async def keep_sending(seed: random.Random) -> None:
        nonlocal left
        while left > 0:
            left -= 99
            async with connect(server.address, "/ws/hall/", token) as client:
                left += 99 - await send_some(client, seed)

    await asyncio.gather(*[keep_sending(random.Random(number)) for number in range(4)])

    assert closed_with <= {1009, 1007, 1006}
    assert await is_well(server, token)
    assert server.process.poll() is None
    assert "Traceback" not in server.said, server.said
    assert megabytes_of(server) - before < 60


@pytest.mark.parametrize("size", [16_385, 10_000_000])
async def test_a_frame_over_16_kilobytes_is_told_so(server: Server, token: str, size: int) -> None:
    async with connect(server.address, "/ws/hall/", token) as client:
        with suppress(ConnectionClosed):  # before all of it was sent
            await client.send("x" * size)

        assert await client.closed_with() == 1009


async def test_a_socket_that_sends_too_much_is_closed(server: Server, token: str) -> None:
    async with connect(server.address, "/ws/hall/", token) as client:
        for _ in range(101):
            await client.send({"type": "look_at", "thing_id": 1})

        assert await client.closed_with() == 4429
        assert len(client.others) == 100
    assert await is_well(server, token)


async def test_a_frame_that_can_not_be_read_is_refused_by_its_name_and_the_socket_lives(
    server: Server, token: str
) -> None:
    async with connect(server.address, "/ws/hall/", token) as client:
        await client.send({"type": "shout", "client_id": "mine", "text": 5})
        error = await client.next()
        await client.send({"type": "look_at", "thing_id": 1})

        assert (error["type"], error["code"], error["client_id"]) == ("error", "invalid_frame", "mine")
        assert await client.expect("seen")


async def test_a_refusal_is_said_in_its_senders_language(server: Server, token: str) -> None:
    async with connect(server.address, "/ws/hall/", token, headers={"Accept-Language": "hi"}) as client:
        await client.send({"type": "look_at", "thing_id": 404, "client_id": "mine"})

        with translation.override("hi"):
            said = str(NotThere.message)
        assert said != "Not found."
        assert await client.next() == {"type": "error", "code": "not_found", "detail": said, "client_id": "mine"}


# --- who does not read ----------------------------------------------------------------------------
async def test_who_can_not_keep_up_is_closed_and_told_so(server: Server, token: str) -> None:
    async with connect(server.address, "/ws/hall/", token) as client:
        await client.send({"type": "shout", "text": "much", "size": 60_000, "times": 400})

        assert await client.closed_with() == 4408
    assert await is_well(server, token)


def small_socket(server: Server) -> socket.socket:
    """Return a connection whose own end holds little, so that what is not read soon waits at the server."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", server.port))
    return connection


def is_connected(client: Socket) -> bool:
    connection = client.connection.transport.get_extra_info("socket")
    return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED)


@pytest.mark.timeout(200)
async def test_clients_that_stop_reading_cost_little_and_hold_up_nobody(server: Server, token: str) -> None:
    before = megabytes_of(server)
    delays: list[float] = []

    async def listen(client: Socket) -> None:
        while True:
            said = await client.next(within=30)
            if said["text"]:
                delays.append(time.monotonic() - float(said["text"]))

    async def open_one(**options: Any) -> Socket:
        return await stack.enter_async_context(connect(server.address, "/ws/hall/", token, **options))

    async with AsyncExitStack() as stack:
        speaker = await open_one()
        listening = [asyncio.create_task(listen(client)) for client in [speaker, *[await open_one() for _ in range(2)]]]
        asleep = [await open_one(sock=small_socket(server), max_queue=1, close_timeout=0.1) for _ in range(50)]
        most = before
        began = time.monotonic()
        while any(is_connected(client) for client in asleep):
            await speaker.send({"type": "shout", "text": str(time.monotonic()), "size": 15_000, "times": 15})
            await asyncio.sleep(0.11)
            most = max(most, megabytes_of(server))
            assert time.monotonic() - began < in_time(30)
        for task in listening:
            task.cancel()

    assert most - before < 100
    assert sorted(delays)[int(len(delays) * 0.99)] < in_time(0.5)
    assert await is_well(server, token)
