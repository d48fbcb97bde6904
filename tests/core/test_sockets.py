"""What every socket has in common: who may open one, and how one that leads nowhere ends."""

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings

from e_learning.asgi import application
from tests.core.realtime.rooms import Patient


def socket_to(path: str, **headers: str) -> WebsocketCommunicator:
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Patient(application, path, headers=sent)


async def test_a_socket_without_a_token_is_accepted_and_then_closed_with_its_reason() -> None:
    socket = socket_to("/ws/no/such/room/")

    accepted, _subprotocol = await socket.connect()
    await socket.send_to(text_data="sent before the close arrived")

    assert accepted
    assert await socket.receive_output() == {"type": "websocket.close", "code": 4401}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": settings.PUBLIC_URL},
        {"origin": "http://192.168.1.5:8000", "host": "192.168.1.5:8000"},
        {"host": "elsewhere.example"},
        {},
    ],
)
async def test_our_pages_and_apps_that_send_no_origin_come_in(headers: dict[str, str]) -> None:
    accepted, _subprotocol = await socket_to("/ws/x/", **headers).connect()

    assert accepted


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "", "http://[", f"{settings.PUBLIC_URL}.example"]
)
async def test_pages_of_foreign_sites_do_not(origin: str) -> None:
    accepted, _code = await socket_to("/ws/x/", origin=origin, host="127.0.0.1:8000").connect()

    assert not accepted
