"""Sockets: what every room of them shares."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import WebsocketDenier

NO_SUCH_ROOM = 4404


class BrowserOrigins:
    """Refuses sockets that a page of a foreign site opens.

    Apps send no ``Origin`` and come in. Pages come in from the address that the socket itself is
    at, and from ``allowed`` ones. Channels' own class refuses the first and breaks on addresses
    that can't be parsed, so origins are compared as the texts that browsers send.
    """

    def __init__(self, application: Any, allowed: Iterable[str]) -> None:
        self.application = application
        self.allowed = {"{0.scheme}://{0.netloc}".format(urlsplit(address)) for address in allowed}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin")
        if origin is None or origin in self.allowed or origin.partition("://")[2] == headers.get(b"host"):
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


class NoSuchRoom(AsyncWebsocketConsumer):
    """Any address that is no room: accepted first and then closed, so that the client sees why (API §5)."""

    async def connect(self) -> None:
        await self.accept()
        await self.close(code=NO_SUCH_ROOM)

    async def receive(self, *args: Any, **kwargs: Any) -> None:
        """Frames sent before the close arrived are dropped."""
