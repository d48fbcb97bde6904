"""Sockets for the tests below, without a server: an application that answers in this loop."""

# ruff: noqa: ASYNC109 - the names are those of Channels

from typing import Any

from channels.testing import WebsocketCommunicator

from e_learning.asgi import application

#: For what has to come. Others may keep this machine busy, and a test that is well does not wait for it.
PATIENCE_SECONDS = 20


class Patient(WebsocketCommunicator):
    """Waits longer than Channels' one second, unless it is told how long."""

    async def connect(self, timeout: float = PATIENCE_SECONDS) -> Any:
        return await super().connect(timeout)

    async def receive_output(self, timeout: float = PATIENCE_SECONDS) -> Any:
        return await super().receive_output(timeout)

    async def receive_from(self, timeout: float = PATIENCE_SECONDS) -> Any:
        return await super().receive_from(timeout)

    async def receive_json_from(self, timeout: float = PATIENCE_SECONDS) -> Any:
        return await super().receive_json_from(timeout)

    async def disconnect(self, code: int = 1000, timeout: float = PATIENCE_SECONDS) -> None:
        await super().disconnect(code, timeout)


def socket_to(path: str, token: str | None = None, **headers: str) -> WebsocketCommunicator:
    """Return a client of the whole application. ``headers`` are sent as they are, a token as Bearer."""
    sent = headers | ({"authorization": f"Bearer {token}"} if token else {})
    return Patient(application, path, headers=[(name.encode(), value.encode()) for name, value in sent.items()])
