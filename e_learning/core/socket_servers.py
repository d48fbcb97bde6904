"""What ``manage.py serve`` adds to the sockets of its two servers: limits, pings, and a short way for frames.

Everything that reaches into uvicorn or Daphne is here; ``tests/core/realtime/test_servers.py`` says what of them it
stands on, so that a new version is looked at before it is used. Under any other server sockets work by plain ASGI.
"""

import asyncio
import logging
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from daphne.server import Server as PlainDaphne
from daphne.ws_protocol import WebSocketProtocol as PlainDaphneSocket
from twisted.internet import reactor as _reactor
from twisted.internet.task import deferLater
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from e_learning.core.socket_outbox import GRACE_SECONDS
from e_learning.core.socket_wires import Frame, Wire
from e_learning.core.sockets import MOST_FRAME_BYTES

_clock: Any = _reactor  # a module to mypy
#: Together less than 30 seconds: by then a peer that is gone is known to be.
PING_SECONDS, PONG_SECONDS = 14, 10
_DROP_ALL = struct.pack("ii", 1, 0)
_RESTARTS = 1012
_QUIET_SECONDS = 0.2
_NOT_TEXT = 1007
_NORMAL = 1000
#: After this many frames that nobody has looked at yet, Daphne stops reading for a while.
_MOST_UNREAD = 32
_LOOK_AGAIN_SECONDS = 0.1

# uvicorn's own logger writes a line for each socket, with its whole address: a ticket is no text for a log.
_logger = logging.getLogger("e_learning.uvicorn_sockets")
_logger.setLevel(logging.WARNING)


# --- uvicorn ------------------------------------------------------------------------------------
class UvicornWire(Wire):
    """Writes a frame, framed once for all sockets, straight to the transport."""

    def __init__(self, protocol: "UvicornSocket") -> None:
        self._protocol = protocol

    def write(self, frame: Frame) -> bool:
        protocol = self._protocol
        if not protocol.writable.is_set():
            return False
        if not (protocol.close_sent or protocol.transport.is_closing()):
            protocol.transport.write(frame.framed)
        return True

    async def send(self, frame: Frame) -> None:
        await self._protocol.writable.wait()
        self.write(frame)

    def hang_up(self, code: int) -> bool:
        self._protocol.hang_up(code)
        return True

    def abort(self) -> None:
        transport = self._protocol.transport
        if not self._protocol.disconnected:
            # Without this the kernel would keep what the client does not take, and try for minutes to send it.
            transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _DROP_ALL)
            transport.abort()


class UvicornSocket(WebSocketsSansIOProtocol):
    """uvicorn's sockets with a wire, and a client that broke the protocol gets to know which part of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _logger
        self.quiet_timer: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        self.scope["wire"] = UvicornWire(self)  # type: ignore[typeddict-unknown-key]  # for RoomSocket
        await super().run_asgi()

    def data_received(self, data: bytes) -> None:
        if self.conn.parser_exc is None:
            super().data_received(data)
        else:
            # A connection closed with bytes unread is reset, and the client never reads why: read on until it is quiet.
            self._close_when_quiet()

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_text(self.frames):
            self.frames = []
            self.conn.fail(_NOT_TEXT)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        assert self.conn.close_sent is not None  # it was broken by the client, and failed
        self._end(self.conn.close_sent.code)
        self._close_when_quiet()

    def _close_when_quiet(self) -> None:
        if self.quiet_timer is not None:
            self.quiet_timer.cancel()
        self.quiet_timer = self.loop.call_later(_QUIET_SECONDS, self.transport.close)

    def hang_up(self, code: int) -> None:
        """Close now. ``send`` would wait until the client has read what came before."""
        if not (self.close_sent or self.transport.is_closing()):
            self.conn.send_close(code)
            self._end(code)

    def _end(self, code: int) -> None:
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(GRACE_SECONDS, UvicornWire(self).abort)


def _is_text(parts: list[bytes]) -> bool:
    try:
        b"".join(parts).decode()
    except UnicodeDecodeError:
        return False
    return True


def uvicorn_options() -> dict[str, Any]:
    """Return what ``uvicorn.run`` is to be told about sockets."""
    return {
        "ws": UvicornSocket,
        "ws_max_size": MOST_FRAME_BYTES,
        "ws_ping_interval": PING_SECONDS,
        "ws_ping_timeout": PONG_SECONDS,
        "ws_per_message_deflate": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }


# --- Daphne -------------------------------------------------------------------------------------
class DaphneWire(Wire):
    """Writes a frame, framed once for all sockets, to Twisted's transport, which says when its buffer is full.

    To the transport it is the producer: Daphne itself writes however much waits already.
    """

    def __init__(self, protocol: "DaphneSocket") -> None:
        self._protocol = protocol
        self._writable = asyncio.Event()
        self._writable.set()

    def write(self, frame: Frame) -> bool:
        if not self._writable.is_set():
            return False
        if self._protocol.state == self._protocol.STATE_OPEN:
            self._protocol.transport.write(frame.framed)
        return True

    async def send(self, frame: Frame) -> None:
        await self._writable.wait()
        self.write(frame)

    def hang_up(self, code: int) -> bool:
        self._protocol.serverClose(code)
        return True

    def abort(self) -> None:
        self._protocol.transport.abortConnection()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._writable.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._writable.set()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is gone: whoever waits may go on, and writes to nothing."""
        self._writable.set()


class DaphneSocket(PlainDaphneSocket):
    """Daphne's sockets with a wire, and no more frames in memory than a room has yet to look at."""

    wire: DaphneWire

    def onOpen(self) -> None:  # noqa: N802 - autobahn's name
        super().onOpen()
        self.transport.unregisterProducer()  # the HTTP channel that the socket began as
        self.transport.registerProducer(self.wire, True)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - autobahn's names
        super().onMessage(payload, isBinary)
        if self.application_queue.qsize() == _MOST_UNREAD:
            self.transport.pauseProducing()
            _clock.callLater(_LOOK_AGAIN_SECONDS, self._read_on)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - Daphne's name
        # Daphne's takes codes of applications only; 1009, 1011 and 1012 are ours to send too.
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=code or _NORMAL)

    def _read_on(self) -> None:
        if self.application_queue.qsize() < _MOST_UNREAD:
            self.transport.resumeProducing()
        else:
            _clock.callLater(_LOOK_AGAIN_SECONDS, self._read_on)


class Daphne(PlainDaphne):
    """Daphne with the platform's limits for sockets. SIGTERM closes them with 1012 before it ends what serves them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options,
            ping_interval=PING_SECONDS - 2,  # it looks every two seconds
            ping_timeout=PONG_SECONDS,
            websocket_max_message_size=MOST_FRAME_BYTES,
            websocket_max_frame_size=MOST_FRAME_BYTES,
            ready_callable=self._set_up_sockets,
        )

    def _set_up_sockets(self) -> None:
        self.ws_factory.protocol = DaphneSocket
        # Told why, not dropped; and given the time to read it.
        # The origin is judged by ``BrowserOrigins``; unsaid here it would fall back to autobahn's own no.
        self.ws_factory.setProtocolOptions(failByDrop=False, closeHandshakeTimeout=GRACE_SECONDS, allowNullOrigin=True)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if isinstance(protocol, DaphneSocket):
            protocol.wire = scope["wire"] = DaphneWire(protocol)
        return super().create_application(protocol, scope)

    def kill_all_applications(self) -> Any:
        # A connection whose application has ended by itself has none to end, which Daphne takes for an error.
        self.connections: dict[Any, Any] = {
            protocol: details for protocol, details in self.connections.items() if "application_instance" in details
        }
        for protocol in self.connections:
            if isinstance(protocol, DaphneSocket):
                protocol.serverClose(_RESTARTS)
        return deferLater(_clock, _LOOK_AGAIN_SECONDS, super().kill_all_applications)
