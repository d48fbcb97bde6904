"""Sockets: what every room of them shares."""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Annotated, Any, ClassVar, ParamSpec, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
from channels.consumer import AsyncConsumer
from channels.db import DatabaseSyncToAsync
from channels.security.websocket import WebsocketDenier
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from e_learning.core.api.errors import ApiError, InvalidInput, render_error
from e_learning.core.api.parsers import holds_nul
from e_learning.core.api.paths import MOST_ID
from e_learning.core.api.tokens import AccessClaims
from e_learning.core.context import RequestContext, request_context
from e_learning.core.limits import Limit
from e_learning.core.middleware import language_of
from e_learning.core.realtime import Hub, encoded, hub
from e_learning.core.socket_outbox import Outbox
from e_learning.core.socket_wires import Frame, Wire

logger = logging.getLogger(__name__)

SIGNED_OUT, NOT_A_MEMBER, NO_SUCH_ROOM, TOO_SLOW, TOO_MANY, TOO_LARGE, FAILED = 4401, 4403, 4404, 4408, 4429, 1009, 1011
#: The longest frame that is read, in bytes. The servers know it too (core/socket_servers.py).
MOST_FRAME_BYTES = 16 * 1024
_LONGEST_CLIENT_ID = 64

#: An id inside a frame: one that a database can look for.
Id = Annotated[int, msgspec.Meta(ge=1, le=MOST_ID)]

P = ParamSpec("P")
R = TypeVar("R")
_threads = ThreadPoolExecutor(8, thread_name_prefix="sockets")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``function``, which may use the database, in one of a few threads; coroutines never touch the database."""
    result: R = await DatabaseSyncToAsync(function, thread_sensitive=False, executor=_threads)(*args, **kwargs)
    return result


class BadFrame(InvalidInput):
    code = "invalid_frame"
    message = _("This frame can't be read.")


class ErrorFrame(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """A frame was refused, and the connection lives. ``client_id`` is the refused frame's, where it had one."""

    code: str
    detail: str
    client_id: str | None


class Refused(Exception):
    """Raised by ``enter``: the socket is closed with this code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


class RoomSocket(AsyncConsumer):
    """One socket of a signed-in person in one room. Base of every kind of socket.

    A kind says what it takes (``frames``, a union of tagged msgspec structs) and does (``enter``, ``entered``,
    ``on_frame``, ``left``, ``still_allowed``). What is pushed to its group comes through the hub; answers to this
    client alone go by ``push``, in order with the rest. A refusal in ``on_frame`` (an ApiError) becomes an error frame,
    and the socket lives on. No channel layer of its own, and no hop to a thread for each event as in Channels'
    dispatch: measured in docs/decisions.
    """

    #: What may come in, as msgspec reads it. Ids in it are to be bounded: ``core.sockets.Id``.
    frames: ClassVar[Any]
    #: Pushes for one user only are heard by everybody whose socket says so (an instructor's).
    hears_everybody = False

    claims: AccessClaims

    # --- what a kind does -----------------------------------------------------------------------
    async def enter(self) -> str:
        """Return the group to hear. Raises ``Refused``, or an ApiError: 401, 403 and 404 have their close codes."""
        raise NotImplementedError

    async def entered(self) -> None:
        """Called once the socket hears its group; what is pushed here goes first. Fails as ``enter`` does."""

    async def on_frame(self, frame: Any) -> None:
        """Do what a frame asks for, one at a time for each socket. ApiErrors become error frames."""

    async def left(self) -> None:
        """Called once after ``enter`` has let it in, however the connection ended, also where ``entered`` failed."""

    @classmethod
    def still_allowed(cls, sockets: Sequence[Self]) -> Mapping[Self, int]:
        """Return those of ``sockets`` that have to leave, with their close codes. In a thread, each second."""
        return {}

    # --- what a kind may use --------------------------------------------------------------------
    @property
    def user_id(self) -> int:
        return self.claims.user_id

    @property
    def session_id(self) -> int:
        return self.claims.session_id

    def push(self, frame: Frame | str) -> None:
        """Send to this client, in order with all else: now if it reads, else when it does."""
        self._outbox.put(Frame(frame) if isinstance(frame, str) else frame)

    def answer(self, frame: Any) -> None:
        """Send one frame (a struct) to this client alone."""
        self.push(encoded(frame))

    def refuse(self, error: Exception, client_id: str | UUID | None = None) -> None:
        """Tell the client what was wrong with its frame, in its language."""
        with translation.override(self.language):
            rendered = render_error(error)
            if rendered is None:
                logger.error("a frame failed in %s", type(self).__name__, exc_info=error)
                entry = {"code": "error", "detail": str(_("Something went wrong on our side."))}
            else:
                entry = rendered.body["errors"][0]
        self.answer(ErrorFrame(entry["code"], entry["detail"], None if client_id is None else str(client_id)))

    def close(self, code: int, *, drop: bool = False) -> None:
        """Close with ``code``. It hears nothing more, from now on."""
        self._leave()
        self._outbox.close(code, drop=drop)

    # --- the connection -------------------------------------------------------------------------
    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope, self.claims = scope, scope["claims"]
        self.language = language_of(dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1"))
        self.hidden_authors: set[int] = set()
        # For all that this task does: set for each frame it took a fifth of the time that small rooms cost.
        translation.activate(self.language)
        # For the log, and for addresses of media, which are made for the session that asks.
        request_context.set(RequestContext(uuid4().hex, self.claims.user_id, self.claims.session_id))
        self._outbox = Outbox(scope.get("wire") or Wire(send), lambda: self.close(TOO_SLOW, drop=True))
        self._hub: Hub | None = None
        self._group = ""
        self._is_closing = False
        self._limit = Limit.of("frames")
        self._came_at: deque[float] = deque(maxlen=self._limit.count)
        self._was_let_in = False
        await receive()  # websocket.connect
        try:
            await self._come_in(send)
            while (event := await receive())["type"] != "websocket.disconnect":
                if not self._is_closing:
                    await self._take(event)
        finally:
            self._leave()
            self._outbox.forget()
            if self._was_let_in:
                await self.left()

    async def _come_in(self, send: Any) -> None:
        """Let the client in, or tell it why not. It hears its group from the moment its connection is open."""
        code = 0
        try:
            self._group = await self.enter()
            self._was_let_in = True
            self._hub = hub()
            await self._hub.join(self._group, self)
            await self.entered()
        except Refused as refused:
            code = refused.code
        except ApiError as error:
            code = {401: SIGNED_OUT, 403: NOT_A_MEMBER, 404: NO_SUCH_ROOM, 429: TOO_MANY}.get(error.status, FAILED)
        except Exception:  # whatever it is, the client has to hear a close code
            logger.exception("nobody can enter %s", type(self).__name__)
            code = FAILED
        await send({"type": "websocket.accept", "subprotocol": self.scope.get("subprotocol")})
        self._outbox.open()
        if code:
            self.close(code)

    def _leave(self) -> None:
        self._is_closing = True
        if self._hub is not None:
            self._hub.leave(self._group, self)
            self._hub = None

    async def _take(self, event: dict[str, Any]) -> None:
        """Read one frame and have it done, or close for what no client of ours does."""
        now = time.monotonic()
        if len(self._came_at) == self._limit.count and now - self._came_at[0] < self._limit.seconds:
            return self.close(TOO_MANY)
        self._came_at.append(now)
        text = event.get("text")
        if len(event.get("bytes") or (text or "").encode()) > MOST_FRAME_BYTES:
            return self.close(TOO_LARGE)
        if self.claims.expires_at <= time.time():
            return self.close(SIGNED_OUT)
        if self._hub is not None:
            await self._hub.watch.fresh()
        if not self._is_closing:
            await self._do(text)
        return None

    async def _do(self, text: str | None) -> None:
        try:
            frame = _read(self.frames, text or "")
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return self.refuse(BadFrame(), _client_id_in(text or ""))
        try:
            await self.on_frame(frame)
        except Exception as error:  # noqa: BLE001 - ``refuse`` logs what it does not know
            self.refuse(error, getattr(frame, "client_id", None))
        return None


class _NoFrame(msgspec.Struct, tag_field="type", tag="none"):
    """Stands beside the frames of a kind, so that they are a union: a lone struct may come without its ``type``."""

    def __post_init__(self) -> None:
        raise ValueError("no client sends this")


@cache
def _decoder_of(frames: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(frames | _NoFrame)


def _read(frames: Any, text: str) -> Any:
    """Return the frame in ``text``; raises what msgspec raises, and ValueError for text that no database takes."""
    frame = _decoder_of(frames).decode(text)
    if "\\u0000" in text and holds_nul(msgspec.to_builtins(frame)):
        raise ValueError("NUL in a text")
    return frame


def _client_id_in(text: str) -> str | None:
    """Return what a frame that can't be read calls itself, so that its sender knows which one it was."""
    try:
        frame = json.loads(text)  # takes what msgspec does not: half of a surrogate pair beside the name
    except (RecursionError, ValueError):
        return None
    name = frame.get("client_id") if isinstance(frame, dict) else None
    is_a_name = isinstance(name, str) and 0 < len(name) <= _LONGEST_CLIENT_ID and name.isprintable()
    return name if is_a_name else None


# --- before a room is reached -------------------------------------------------------------------
async def turn_away(code: int, scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept a socket and close it with its reason: of a handshake that is refused a client learns nothing (API §5)."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept", "subprotocol": scope.get("subprotocol")})
    await send({"type": "websocket.close", "code": code})
    while (await receive())["type"] != "websocket.disconnect":
        pass  # frames sent before the close arrived are dropped


class NoSuchRoom(AsyncConsumer):
    """Any address that is no room."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await turn_away(NO_SUCH_ROOM, scope, receive, send)


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
