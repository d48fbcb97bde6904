"""What ``manage.py chat`` shows and takes: frames as lines, lines as frames."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from threading import Thread
from typing import TextIO

from community.chat.client import ChatClient, Frame, Refused

HELP = "/edit ID TEXT   /delete ID   /reply ID TEXT   /who   /quit"
#: Whoever goes on typing says so again before the server takes it back (3 s).
TYPING_EVERY = 2.0


class Terminal:
    """One person's screen. ``names`` by user id, and learnt from messages; ``say`` prints a line."""

    def __init__(self, me: int, names: dict[int, str], history: int, say: Callable[[str], None]) -> None:
        self._me, self._names, self._history, self._say = me, names, history, say
        self._shown_to = 0
        self._seq_shown = 0
        self._typed_at = 0.0
        self._client: ChatClient

    def sit_at(self, client: ChatClient) -> None:
        """Belong to the client whose frames ``show`` is given."""
        self._client = client

    # --- what comes in ----------------------------------------------------------------------------
    def show(self, frame: Frame) -> None:
        shown = getattr(self, f"_show_{frame['type']}", None)
        if shown is not None:
            shown(frame)
        if self._client.is_synced.is_set():
            self._seq_shown = self._client.held.last_seq

    def _show_connection(self, frame: Frame) -> None:
        self._say("-- connected" if frame["is_open"] else f"-- cut off ({frame['code']}), coming back")

    def _show_sync(self, frame: Frame) -> None:
        if not self._client.is_synced.is_set():
            return
        first_time, shown = not self._shown_to, self._show_unseen()
        for changed in [] if first_time else frame["messages"]:
            if changed["seq"] > self._seq_shown and changed["message_id"] not in shown:
                self._print(changed, "   now: ")

    def _show_chat_message(self, frame: Frame) -> None:
        if self._client.is_synced.is_set():
            self._show_unseen()

    def _show_unseen(self) -> list[int]:
        """Show what the client holds and was not shown, and return its ids; the first time no more than ``history``.

        A message that came before one it follows is not held yet: it is shown when what is missing is there.
        """
        messages, first_time = self._client.held.messages, not self._shown_to
        unseen = sorted(number for number in messages if number > self._shown_to)
        for number in unseen[-self._history :] if first_time else unseen:
            self._print(messages[number])
        if unseen:
            self._read_to(unseen[-1])
        return unseen

    def _show_message_edited(self, frame: Frame) -> None:
        if self._is_ahead(frame):
            return
        self._say(f"   [{frame['message_id']}] now: {frame['message']}")

    def _show_message_deleted(self, frame: Frame) -> None:
        if self._is_ahead(frame):
            return
        self._say(f"   [{frame['message_id']}] deleted")

    def _show_typing(self, frame: Frame) -> None:
        if frame["user_id"] != self._me and frame["is_typing"]:
            self._say(f"-- {self._name(frame['user_id'])} is typing")

    def _show_read_receipt(self, frame: Frame) -> None:
        if frame["user_id"] != self._me:
            self._say(f"-- {self._name(frame['user_id'])} has read to [{frame['message_id']}]")

    def _show_presence(self, frame: Frame) -> None:
        self._say("-- here: " + ", ".join(self._name(user_id) for user_id in frame["online"]))

    def _show_user_joined(self, frame: Frame) -> None:
        if frame["user_id"] != self._me:
            self._say(f"-- {self._name(frame['user_id'])} is here")

    def _show_user_left(self, frame: Frame) -> None:
        self._say(f"-- {self._name(frame['user_id'])} has left")

    def _show_error(self, frame: Frame) -> None:
        self._say(f"!! {frame['detail']} ({frame['code']})")

    def _print(self, message: Frame, before: str = "") -> None:
        if message.get("is_deleted"):
            self._say(f"{before}[{message['message_id']}] (deleted)")
            return
        if message["sender_id"]:
            self._names[message["sender_id"]] = message["sender_name"]
        reply = f" (to {message['reply_to_id']})" if message["reply_to_id"] else ""
        file = f" <{message['attachment']['name']}>" if message["attachment"] else ""
        self._say(f"{before}[{message['message_id']}] {message['sender_name']}{reply}: {message['message']}{file}")

    def _is_ahead(self, frame: Frame) -> bool:
        """Whether something before this change is missing: the page that brings that shows the change too."""
        return bool(frame["seq"] > self._client.held.last_seq)

    def _read_to(self, message_id: int) -> None:
        """Tell the room that this person has read to here, where somebody else wrote it."""
        self._shown_to = message_id
        if self._client.held.messages[message_id].get("sender_id") != self._me:
            self._client.tell({"type": "read_receipt", "message_id": message_id})

    def _name(self, user_id: int) -> str:
        return "you" if user_id == self._me else self._names.get(user_id, f"user {user_id}")

    # --- what goes out ----------------------------------------------------------------------------
    async def take_lines(self, source: TextIO, title: str) -> None:
        """Take lines until ``/quit`` or their end, then wait until what was sent is stored."""
        self._say(f"-- {title}. {HELP}")
        await self._client.is_synced.wait()
        sent: list[asyncio.Future[Frame]] = []
        async for line in self._typed_lines() if source.isatty() else _lines_of(source):
            if line.strip() == "/quit":
                break
            if line.strip() and (message := self._do(self._client, line.strip())) is not None:
                message.add_done_callback(self._tell_refusal)
                sent.append(message)
        await asyncio.gather(*sent, return_exceptions=True)

    def _do(self, client: ChatClient, line: str) -> "asyncio.Future[Frame] | None":
        """Carry out one line; returns the future of a message that was sent."""
        command, _, rest = line.partition(" ")
        number, _, text = rest.partition(" ")
        self._typed_at = 0.0
        if not command.startswith("/"):
            return client.send(line)
        if command == "/who":
            self._say("-- here: " + ", ".join(self._name(user_id) for user_id in sorted(client.online)))
        elif command in {"/edit", "/delete"} and not client.is_synced.is_set():
            self._say("!! not done: cut off. Try again when connected")
        elif command == "/edit" and number.isdecimal() and text:
            client.edit(int(number), text)
        elif command == "/delete" and number.isdecimal():
            client.delete(int(number))
        elif command == "/reply" and number.isdecimal() and text:
            return client.send(text, reply_to_id=int(number))
        else:
            self._say(f"-- {HELP}")
        return None

    def _tell_refusal(self, message: "asyncio.Future[Frame]") -> None:
        if not message.cancelled() and isinstance(message.exception(), Refused):
            self._say(f"!! not sent: {message.exception()}")

    async def _typed_lines(self) -> AsyncIterator[str]:
        """Lines of a keyboard, with what others do printed above the line in hand."""
        from prompt_toolkit import PromptSession
        from prompt_toolkit.patch_stdout import patch_stdout

        session: PromptSession[str] = PromptSession("> ")
        session.default_buffer.on_text_changed += lambda buffer: self._type(bool(buffer.text))
        with patch_stdout():
            while True:
                try:
                    yield await session.prompt_async()
                except EOFError:
                    return

    def _type(self, is_typing: bool) -> None:
        if is_typing and time.monotonic() - self._typed_at > TYPING_EVERY:
            self._typed_at = time.monotonic()
            self._client.tell({"type": "typing", "is_typing": True})


async def _lines_of(source: TextIO) -> AsyncIterator[str]:
    """Yield the lines of a file or pipe. Whoever stops listening need not wait for the next one."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        # A file object of its own: Python can't end while a thread that is still reading holds sys.stdin's lock.
        own = open(source.fileno(), encoding=source.encoding, closefd=False)  # noqa: SIM115
        with suppress(RuntimeError):  # the loop has ended: nobody listens
            for line in own:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, "")

    Thread(target=read, daemon=True).start()
    while line := await lines.get():
        yield line
