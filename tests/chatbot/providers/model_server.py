"""A stand-in for a model behind OpenAI's protocol: real HTTP on loopback, faults on demand.

By hand: ``python -m tests.chatbot.providers.model_server --port 8098`` says what to set, and prints what it is asked.
``--fault busy`` and the like (``FAULTS``) make every answer fail so; ``--slow 0.2`` pauses between words.
"""

import argparse
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, ClassVar, Self

Asked = dict[str, Any]
_TOLD_TO_SAY = re.compile(r"(?:say|answer|write|reply|कहो)[^\"“\n]{0,40}[\"“]([^\"”\n]+)[\"”]", re.IGNORECASE)
_WORD = re.compile(r"\s*\S+\s*")


@dataclass(frozen=True, slots=True)
class Fault:
    """How one answer goes wrong. ``cut_at``: the connection ends after so many bytes of the body, ``cleanly`` as if
    that were all (a body without a length). ``silent_at``: nothing more after so many bytes, and the line stays open.
    ``dripping``: comments that keep the line open, and never an answer. ``body``: this instead of an answer.
    """

    status: int = 200
    body: bytes | None = None
    content_type: str = "text/event-stream"
    headers: tuple[tuple[str, str], ...] = ()
    cut_at: int | None = None
    cleanly: bool = False
    silent_at: int | None = None
    dripping: bool = False


def said(status: int, code: str, param: str = "") -> Fault:
    error = {"message": f"stand-in says {code}", "type": code, "code": code, "param": param or None}
    return Fault(status, json.dumps({"error": error}).encode(), "application/json")


BUSY = said(429, "rate_limit_exceeded")
BROKEN, AWAY = said(500, "server_error"), said(503, "unavailable")
NO_SCHEMAS = said(400, "invalid_request_error", "response_format")
NO_MAX_TOKENS = said(400, "unsupported_parameter", "max_tokens")
WRONG_KEY = said(401, "invalid_api_key")
SILENT, HALF_SILENT, DRIPPING = Fault(silent_at=0), Fault(silent_at=400), Fault(dripping=True)
MALFORMED_JSON = Fault(body=b'data: {"choices": [{"delta": {"content": "half\n\n')
MALFORMED_SSE = Fault(body=b"\xff\xfe\x00 not events at all\n\n")
WRONG_TYPE = Fault(body=b"<html>Sign in to the hotel's network</html>", content_type="text/html")
EMPTY = Fault(body=b"")
NO_WORDS = Fault(body=b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
FILTERED = Fault(body=b'data: {"choices": [{"delta": {}, "finish_reason": "content_filter"}]}\n\ndata: [DONE]\n\n')
ELSEWHERE = Fault(302, b"", headers=(("Location", "http://127.0.0.1:9/v1/chat/completions"),))
FAULTS = {
    "busy": BUSY, "broken": BROKEN, "away": AWAY, "no-schemas": NO_SCHEMAS, "no-max-tokens": NO_MAX_TOKENS,
    "wrong-key": WRONG_KEY, "silent": SILENT, "half-silent": HALF_SILENT, "dripping": DRIPPING,
    "malformed-json": MALFORMED_JSON, "malformed-sse": MALFORMED_SSE, "wrong-type": WRONG_TYPE, "empty": EMPTY,
    "no-words": NO_WORDS, "filtered": FILTERED, "elsewhere": ELSEWHERE, "cut": Fault(cut_at=700),
}  # fmt: skip


def obeys(asked: Asked) -> str:
    """Do everything that anybody in the context asks for: say what is to be said, and then give away the context.

    Whatever an injection wants, a model can give no more than it was told; this one gives all of that, every time.
    """
    context = "\n".join(str(message["content"]) for message in asked["messages"])
    return "\n".join([*_TOLD_TO_SAY.findall(context), context])


def answers(text: str) -> Callable[[Asked], str]:
    """Return a model that always says ``text``."""
    return lambda _asked: text


def means_its_letters(text: str) -> list[float]:
    """A vector for any text: how often it has each letter of the alphabet, and whether there is anything at all."""
    return [1.0, *(float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz")]


class ModelServer:
    """``asked`` holds every body that came, ``authorizations`` its key; ``faults`` come first, one a call (None: a good
    answer), then ``always`` where it is set, then answers by ``model``, and vectors by ``means``. ``left`` is set when
    a reader went away in mid-answer.
    """

    def __init__(
        self, model: Callable[[Asked], str] = obeys, *, port: int = 0, says_usage: bool = True, words_an_event: int = 1
    ) -> None:
        self.model, self.says_usage, self.words_an_event = model, says_usage, words_an_event
        self.means: Callable[[str], list[float]] = means_its_letters
        self.asked: list[Asked] = []
        self.authorizations: list[str] = []
        self.faults: deque[Fault | None] = deque()
        self.always: Fault | None = None
        self.pause = 0.0
        self.left, self.closing = Event(), Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"server_of": self}))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def context(self) -> str:
        """All that was said in the last call, to look for what should not be there."""
        return json.dumps(self.asked[-1], ensure_ascii=False)

    def events(self, asked: Asked) -> list[bytes]:
        """Return the events of an answer, ``words_an_event`` each, as they go over the wire."""
        words = _WORD.findall(self.model(asked)) or [""]
        many = self.words_an_event
        pieces = ["".join(words[at : at + many]) for at in range(0, len(words), many)]
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": asked["model"]}
        choices: list[list[Any]] = [
            [{"index": 0, "delta": {"content": each}, "finish_reason": None}] for each in pieces
        ]
        choices.append([{"index": 0, "delta": {}, "finish_reason": "stop"}])
        chunks: list[dict[str, Any]] = [{**head, "choices": choice} for choice in choices]
        if self.says_usage and (asked.get("stream_options") or {}).get("include_usage"):
            read = sum(len(str(message["content"]).split()) for message in asked["messages"])
            usage = {"prompt_tokens": read, "completion_tokens": len(words), "total_tokens": read + len(words)}
            chunks.append({**head, "choices": [], "usage": usage})
        written = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode() for chunk in chunks]
        return [*written, b"data: [DONE]\n\n"]

    def vectors(self, asked: Asked) -> list[bytes]:
        """Return the vectors of all texts that were sent, as one JSON object."""
        each = [{"index": place, "embedding": self.means(text)} for place, text in enumerate(asked["input"])]
        read = sum(len(text.split()) for text in asked["input"])
        answer: dict[str, Any] = {"object": "list", "model": asked["model"], "data": each}
        if self.says_usage:
            answer["usage"] = {"prompt_tokens": read, "total_tokens": read}
        return [json.dumps(answer).encode()]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: ClassVar[ModelServer]

    def do_POST(self) -> None:
        server = self.server_of
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        server.asked.append(asked)
        server.authorizations.append(self.headers.get("Authorization", ""))
        fault = server.faults.popleft() if server.faults else server.always
        try:
            if fault is not None:
                self._fail(fault, asked)
            else:
                kind = "application/json" if self._is_for_vectors else "text/event-stream"
                self._say(200, kind, self._answer(asked))
        except OSError:
            server.left.set()
            self.close_connection = True

    @property
    def _is_for_vectors(self) -> bool:
        return self.path.endswith("/embeddings")

    def _answer(self, asked: Asked) -> list[bytes]:
        return self.server_of.vectors(asked) if self._is_for_vectors else self.server_of.events(asked)

    def _fail(self, fault: Fault, asked: Asked) -> None:
        whole = [fault.body] if fault.body is not None else self._answer(asked)
        if fault.dripping:
            self._say(fault.status, fault.content_type, self._drips())
        elif fault.silent_at is not None:
            self._say(fault.status, fault.content_type, self._silence(b"".join(whole)[: fault.silent_at]))
        elif fault.cut_at is not None:
            self._cut(fault, b"".join(whole)[: fault.cut_at])
        else:
            self._say(fault.status, fault.content_type, whole, fault.headers)

    def _drips(self) -> Iterator[bytes]:
        while not self.server_of.closing.wait(0.02):
            yield b": still here\n\n"

    def _silence(self, first: bytes) -> Iterator[bytes]:
        if first:
            yield first
        self.server_of.closing.wait(30)

    def _cut(self, fault: Fault, part: bytes) -> None:
        """Send what there is and hang up: in the middle of a body whose end was promised, or of one that just ends."""
        self.close_connection = True
        length = [("Connection", "close")] if fault.cleanly else [("Content-Length", "10000000")]
        self._head(fault.status, fault.content_type, length)
        self.wfile.write(part)

    def _head(self, status: int, content_type: str, headers: Sequence[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in [("Content-Type", content_type), *headers]:
            self.send_header(name, value)
        self.end_headers()

    def _say(
        self,
        status: int,
        content_type: str,
        parts: Iterator[bytes] | list[bytes],
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Send an answer in chunks, each at once."""
        self._head(status, content_type, [("Transfer-Encoding", "chunked"), *headers])
        for part in parts:
            if part:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.server_of.closing.wait(self.server_of.pause)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: ``asked`` has them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fault", choices=sorted(FAULTS))
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--say", help="always this; without it the model obeys everybody")
    options = parser.parse_args()
    server = ModelServer(answers(options.say) if options.say else obeys, port=options.port)
    server.always, server.pause = FAULTS.get(options.fault or ""), options.slow
    with server:
        print(f"AI_MODELS=stand-in AI_BASE_URLS={server.url}", flush=True)  # noqa: T201
        shown = 0
        while not server.closing.wait(0.2):
            for asked in server.asked[shown:]:
                shown += 1
                print(json.dumps(asked, ensure_ascii=False), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
