"""What is said inside the frames: the product's JSON and socket.io's, each read and written by a ``Dialect``."""

import json
from dataclasses import dataclass
from typing import Protocol

import msgspec


class WrongAnswer(Exception):
    """The server said what it must not: a run that saw this measures nothing."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One member at one socket of a room."""

    user_id: int
    room_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message of ``room_id`` as it was delivered, ``client_id`` being what its sender called it."""

    room_id: int
    client_id: str
    seq: int
    text: str


class _Ready:
    """The server has let the socket into its room."""


class _Noise:
    """Something true that is no message: who came, who types."""


READY, NOISE = _Ready(), _Noise()
Heard = Said | _Ready | _Noise | bytes


class Dialect(Protocol):
    """``heard`` says what a frame is: bytes are an answer that the server waits for."""

    def address(self, seat: Seat) -> tuple[str, dict[str, str]]: ...
    def greeting(self, seat: Seat) -> bytes | None: ...
    def message(self, seat: Seat, client_id: str, text: str) -> bytes: ...
    def heard(self, payload: bytes) -> Heard: ...


class _Frame(msgspec.Struct):
    type: str = ""
    community_id: int = 0
    client_id: str = ""
    seq: int = 0
    message: str = ""

    def said(self) -> Said:
        return Said(self.community_id, self.client_id, self.seq, self.message)


class Ours:
    """The product's frames, and those of the bare server that speaks like it."""

    _read = msgspec.json.Decoder(_Frame).decode
    _noise = frozenset({"user_joined", "user_left", "typing", "read_receipt", "pong"})

    def address(self, seat: Seat) -> tuple[str, dict[str, str]]:
        return f"/ws/community/chat/{seat.room_id}/", {"Authorization": f"Bearer {seat.token}"}

    def greeting(self, seat: Seat) -> None:
        return None

    def message(self, seat: Seat, client_id: str, text: str) -> bytes:
        return json.dumps({"type": "chat_message", "message": text, "client_id": client_id}).encode()

    def heard(self, payload: bytes) -> Heard:
        try:
            frame = self._read(payload)
        except msgspec.DecodeError as error:
            raise WrongAnswer(payload[:300]) from error
        if frame.type == "chat_message":
            return frame.said()
        if frame.type == "presence":
            return READY
        if frame.type in self._noise:
            return NOISE
        raise WrongAnswer(payload[:300])


class SocketIO:
    """socket.io 4 over engine.io 4: a digit for the packet (0 open, 2 ping, 4 message) and one for what it carries."""

    _read = msgspec.json.Decoder(tuple[str, _Frame]).decode

    def address(self, seat: Seat) -> tuple[str, dict[str, str]]:
        return "/socket.io/?EIO=4&transport=websocket", {}

    def greeting(self, seat: Seat) -> bytes:
        return b"40" + json.dumps({"user_id": seat.user_id, "room_id": seat.room_id}).encode()

    def message(self, seat: Seat, client_id: str, text: str) -> bytes:
        return b"42" + json.dumps(["chat_message", {"message": text, "client_id": client_id}]).encode()

    def heard(self, payload: bytes) -> Heard:
        if payload == b"2":
            return b"3"
        if payload.startswith(b"0{"):
            return NOISE
        if payload.startswith(b"40"):
            return READY
        try:
            event, frame = self._read(payload[2:]) if payload.startswith(b"42") else ("", _Frame())
        except msgspec.DecodeError as error:
            raise WrongAnswer(payload[:300]) from error
        if event != "chat_message":
            raise WrongAnswer(payload[:300])
        return frame.said()


DIALECTS: dict[str, Dialect] = {"ours": Ours(), "socket.io": SocketIO()}
