"""The reference client of the chat socket: ``manage.py chat``, tests and measurements speak through it.

``Held`` is what a client has to know to hold exactly what the database holds; ``ChatClient`` puts it on a wire that may
break at any time. A client in another language can be written from the two and docs/realtime.md.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

Frame = dict[str, Any]

#: After these there is nothing to come back to.
FINAL_CODES = {4403, 4404}
BAD_TOKEN = 4401
TOO_MANY = 4429
#: Seconds until the limit of messages has passed (30 in 10 s).
AFTER_TOO_MANY = 10.0
#: Seconds between attempts: doubled from the first to the last, each taken at random between nothing and itself.
FIRST_WAIT, LONGEST_WAIT = 0.5, 15.0
#: Seconds after which a message that the server could not store right now is sent again.
AFTER_UNAVAILABLE = 1.0
#: What is worth sending again as it is, under the same ``client_id``.
PASSING_ERRORS = {"unavailable", "throttled"}
NUMBERED = {"chat_message", "message_edited", "message_deleted"}


class Refused(Exception):
    """The server does not want this: a message (``code`` of its error frame) or the client (a close code as text)."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{code}: {detail}" if detail else code)


class Held:
    """The messages of one room as this client knows them, up to ``last_seq`` without a gap.

    ``messages`` by id, as ``sync`` gives them; deleted ones are stubs with ``is_deleted``. Frames go into ``take``,
    which answers whether the server has to be asked for what changed after ``last_seq``.
    """

    def __init__(self, *, after_seq: int = 0) -> None:
        self.last_seq = after_seq
        self.messages: dict[int, Frame] = {}
        self._ahead: dict[int, Frame] = {}

    def take(self, frame: Frame) -> bool:
        """Take in one frame of the server. True: something is missing before it, ask for it by ``sync``."""
        if frame["type"] == "sync":
            return self._take_page(frame)
        if frame["type"] in NUMBERED and frame["seq"] > self.last_seq:
            self._ahead[frame["seq"]] = frame
            return self._catch_up()
        return False

    def _take_page(self, page: Frame) -> bool:
        for message in page["messages"]:
            known = self.messages.get(message["message_id"])
            if known is None or known["seq"] < message["seq"]:
                self.messages[message["message_id"]] = message
            self.last_seq = max(self.last_seq, message["seq"])
        self._ahead = {seq: frame for seq, frame in self._ahead.items() if seq > self.last_seq}
        return bool(page["has_more"]) or self._catch_up()

    def _catch_up(self) -> bool:
        """Apply what follows without a gap; True where something is missing after it."""
        while (frame := self._ahead.get(self.last_seq + 1)) is not None:
            if frame["type"] == "message_edited" and frame["message_id"] not in self.messages:
                return True  # of a message older than all we hold: only the whole of it is of use
            self._apply(self._ahead.pop(frame["seq"]))
            self.last_seq = frame["seq"]
        return bool(self._ahead)

    def _apply(self, frame: Frame) -> None:
        number, seq = frame["message_id"], frame["seq"]
        if frame["type"] == "message_deleted":
            self.messages[number] = {"message_id": number, "seq": seq, "is_deleted": True}
        elif frame["type"] == "message_edited":
            changed = {"seq": seq, "message": frame["message"], "edited_at": frame["edited_at"]}
            self.messages[number] = {**self.messages[number], **changed}
        else:
            self.messages[number] = {name: value for name, value in frame.items() if name != "type"} | {
                "edited_at": None
            }


class ChatClient:
    """One person's connection to one room, which comes back by itself until ``close``.

    ``token`` is asked for an access token with every attempt. ``heard`` gets every frame, after it was taken in, and
    ``{"type": "connection", "is_open": …, "code": …}`` when the connection comes or is lost.
    """

    def __init__(
        self,
        address: str,
        token: Callable[[], Awaitable[str]],
        *,
        heard: Callable[[Frame], None] = lambda frame: None,
        after_seq: int = 0,
        patience: float = 1.0,
    ) -> None:
        self.held = Held(after_seq=after_seq)
        self.online: set[int] = set()
        self.is_synced = asyncio.Event()
        self._address, self._token, self._heard, self._patience = address, token, heard, patience
        self._connection: ClientConnection | None = None
        self._waiting: dict[str, tuple[Frame, asyncio.Future[Frame]]] = {}
        self._is_asking = False
        self._is_closed = False

    # --- what a person does -----------------------------------------------------------------------
    def send(self, message: str, *, reply_to_id: int | None = None) -> "asyncio.Future[Frame]":
        """Send ``message``, now or when the connection is back. The future has the acknowledgement, or ``Refused``."""
        client_id = str(uuid4())
        frame = {"type": "chat_message", "message": message, "client_id": client_id, "reply_to_id": reply_to_id}
        future: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[client_id] = (frame, future)
        if self.is_synced.is_set():
            self.tell(frame)
        return future

    def tell(self, frame: Frame) -> None:
        """Send a frame that is of use only now (typing, a receipt); without a connection it is dropped."""
        if self._connection is not None:
            self._outgoing.put_nowait(frame)

    def edit(self, message_id: int, message: str) -> None:
        self.tell({"type": "edit_message", "message_id": message_id, "message": message})

    def delete(self, message_id: int) -> None:
        self.tell({"type": "delete_message", "message_id": message_id})

    async def close(self) -> None:
        """Leave, after what was told is on its way; ``run`` returns."""
        self._is_closed = True
        if self._connection is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._outgoing.join(), timeout=2)
            await self._connection.close()

    async def drop(self) -> None:
        """Lose the connection as a phone in a tunnel does: nothing is said to the server."""
        if self._connection is not None:
            self._connection.transport.abort()

    # --- the wire ---------------------------------------------------------------------------------
    async def run(self) -> None:
        """Stay connected until ``close``; raises ``Refused`` where the server does not let this person in."""
        attempt, bad_tokens = 0, 0
        while True:
            code = await self._connected_once()
            if self._is_closed:
                return
            bad_tokens = bad_tokens + 1 if code == BAD_TOKEN else 0
            if code in FINAL_CODES or bad_tokens > 1:
                raise Refused(str(code))
            attempt = 1 if self.is_synced.is_set() else attempt + 1
            self.is_synced.clear()
            await asyncio.sleep(self._patience * self._wait(code, attempt))

    def _wait(self, code: int, attempt: int) -> float:
        if code == TOO_MANY:
            return AFTER_TOO_MANY
        # Or all who were cut off together would come back together.
        return random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))  # noqa: S311 - no secret

    async def _connected_once(self) -> int:
        """Connect, talk until the connection ends, and return the close code (1006 where there was none)."""
        headers = {"Authorization": f"Bearer {await self._token()}"}
        try:
            async with connect(
                self._address, additional_headers=headers, max_size=None, compression=None, ping_interval=10
            ) as connection:
                return await self._talk(connection)
        except (OSError, InvalidHandshake, ConnectionClosed):
            return 1006

    async def _talk(self, connection: ClientConnection) -> int:
        self._connection, self._is_asking = connection, False
        self._outgoing: asyncio.Queue[Frame] = asyncio.Queue()
        writing = asyncio.create_task(self._write(connection, self._outgoing))
        self._heard({"type": "connection", "is_open": True, "code": None})
        try:
            self._ask()
            async for text in connection:
                self._take(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self._connection = None
            self.online.clear()
            writing.cancel()
        code = connection.close_code or 1006
        if not self._is_closed:
            self._heard({"type": "connection", "is_open": False, "code": code})
        return code

    async def _write(self, connection: ClientConnection, outgoing: "asyncio.Queue[Frame]") -> None:
        try:
            while True:
                await connection.send(json.dumps(await outgoing.get(), ensure_ascii=False))
                outgoing.task_done()
        except ConnectionClosed:
            return  # the reader sees it too, and says why

    # --- what the server says ---------------------------------------------------------------------
    def _ask(self) -> None:
        self._is_asking = True
        self.tell({"type": "sync", "after_seq": self.held.last_seq})

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "sync":
            self._is_asking = False
        something_is_missing = self.held.take(frame)
        self._count_who_is_here(frame)
        self._settle(frame)
        if something_is_missing and not self._is_asking:
            self._ask()
        elif frame["type"] == "sync" and not something_is_missing and not self.is_synced.is_set():
            self.is_synced.set()
            for waiting, _ in self._waiting.values():
                self.tell(waiting)
        self._heard(frame)

    def _count_who_is_here(self, frame: Frame) -> None:
        if frame["type"] == "presence":
            self.online = set(frame["online"])
        elif frame["type"] == "user_joined":
            self.online.add(frame["user_id"])
        elif frame["type"] == "user_left":
            self.online.discard(frame["user_id"])

    def _settle(self, frame: Frame) -> None:
        """See what of ours was stored: by its own frame, by a page of ``sync``, or not, by an error frame."""
        if frame["type"] == "error":
            self._settle_error(frame)
        for message in frame["messages"] if frame["type"] == "sync" else [frame]:
            _, future = self._waiting.get(message.get("client_id") or "", (None, None))
            if future is not None and frame["type"] in {"chat_message", "sync"}:
                del self._waiting[message["client_id"]]
                if not future.done():
                    future.set_result(message)

    def _settle_error(self, frame: Frame) -> None:
        waiting, future = self._waiting.get(frame.get("client_id") or "", (None, None))
        if waiting is None or future is None or frame["code"] == "throttled":
            return  # throttled: the server closes, and what waits goes out again when the limit has passed
        if frame["code"] in PASSING_ERRORS:
            asyncio.get_running_loop().call_later(AFTER_UNAVAILABLE, self._send_again, frame["client_id"])
            return
        del self._waiting[frame["client_id"]]
        if not future.done():
            future.set_exception(Refused(frame["code"], frame["detail"]))

    def _send_again(self, client_id: str) -> None:
        if client_id in self._waiting and self.is_synced.is_set():
            self.tell(self._waiting[client_id][0])
