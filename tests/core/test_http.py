"""The one door out: it waits so long, takes so much, and follows nothing."""

import socketserver
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from e_learning.core.api.errors import render_error
from e_learning.core.http import UnreachableService, call
from tests.core.stand_ins import free_port

#: Set when the neighbour goes: answers that never end do then.
closing = threading.Event()


class Neighbour(BaseHTTPRequestHandler):
    """A server next door with its own ways of answering, by path."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answers = {
            "/fine": self.fine,
            "/elsewhere": self.elsewhere,
            "/slow": lambda: closing.wait(60),
            "/drip": self.drip,
            "/large": lambda: self.send(b"x" * 2000),
            "/broken": lambda: self.wfile.write(b"nonsense\r\n\r\n"),
        }
        answers[self.path]()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send(body + self.headers.get("X-Key", "").encode(), status=418)

    def fine(self) -> None:
        self.send(b'{"fine": true}')

    def elsewhere(self) -> None:
        self.send(b"", status=302, headers={"Location": "/fine"})

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        while not closing.wait(0.05):
            self.wfile.write(b"x")

    def send(self, body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:  # callers of these tests hang up
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def neighbour() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Neighbour)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    closing.set()
    server.shutdown()
    server.server_close()
    thread.join()
    assert isinstance(server, socketserver.ThreadingMixIn)


def test_an_answer_comes_whole(neighbour: str) -> None:
    answer = call("GET", f"{neighbour}/fine")

    assert (answer.status, answer.body) == (200, b'{"fine": true}')


def test_any_status_is_an_answer_and_bodies_and_headers_go_along(neighbour: str) -> None:
    answer = call("POST", f"{neighbour}/teapot", json={"a": 1}, headers={"X-Key": "k"})

    assert (answer.status, answer.body) == (418, b'{"a":1}k')


def test_a_redirect_is_not_followed(neighbour: str) -> None:
    answer = call("GET", f"{neighbour}/elsewhere")

    assert answer.status == 302
    assert answer.headers["location"] == "/fine"


def test_a_server_that_says_nothing_is_given_up(neighbour: str) -> None:
    started = time.monotonic()
    with pytest.raises(UnreachableService):
        call("GET", f"{neighbour}/slow", timeout=httpx.Timeout(0.2))

    assert time.monotonic() - started < 20


def test_a_server_that_goes_on_for_ever_is_given_up(neighbour: str) -> None:
    """Each read is in time, the whole is not."""
    started = time.monotonic()
    with pytest.raises(UnreachableService):
        call("GET", f"{neighbour}/drip", most_seconds=0.3)

    assert time.monotonic() - started < 20


def test_an_answer_past_the_size_is_given_up(neighbour: str) -> None:
    assert len(call("GET", f"{neighbour}/large", most_bytes=2000).body) == 2000
    with pytest.raises(UnreachableService):
        call("GET", f"{neighbour}/large", most_bytes=1999)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/",
        "http://[::1/",
        "ftp://127.0.0.1/",
        "no address",
        "http://school.invalid/",
        "http://\0/",
    ],
)
def test_what_cannot_be_reached_is_one_error(address: str) -> None:
    with pytest.raises(UnreachableService) as refusal:
        call("GET", address.format(port=free_port()))

    rendered = render_error(refusal.value)
    assert rendered is not None
    assert rendered.status == 503
    assert rendered.body["errors"][0]["code"] == "service_unreachable"


def test_an_answer_that_is_no_http_is_one_error(neighbour: str) -> None:
    with pytest.raises(UnreachableService):
        call("GET", f"{neighbour}/broken")
