"""The platform as somebody starts it: real processes on loopback, asked over the wire."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as django_settings
from django.db import connection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.core.processes import Server, manage, serving
from tests.core.stand_ins import free_port

JSON_POST = b"POST /api/accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


class Postbox:
    def __init__(self) -> None:
        self.recipients: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture(scope="module")
def postbox() -> Iterator[tuple[Postbox, int]]:
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, controller.port
    controller.stop()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory, postbox: tuple[Postbox, int]) -> Iterator[Server]:
    """One ``manage.py serve`` with nothing set but where its data and its mail go."""
    folder = tmp_path_factory.mktemp("embedded")
    variables = {"DATA_DIR": str(folder), "EMAIL_URL": f"smtp://127.0.0.1:{postbox[1]}"}
    with serving(folder / "log", **variables) as server:
        yield server
    assert server.process.returncode == 0, server.said
    assert "No hostname was supplied" not in server.said
    assert "[-] Not Found" not in server.said, "a line of a request without the request's id"
    assert "Traceback" not in server.said, server.said


def close_code(server: Server, path: str, **kwargs: Any) -> int | None:
    """Return the code that a socket is closed with after it was accepted."""
    with (
        connect(f"ws://{server.address}{path}", open_timeout=10, **kwargs) as ws,
        pytest.raises(ConnectionClosed) as end,
    ):
        ws.recv(timeout=10)
    return end.value.rcvd.code if end.value.rcvd else None


def raw_status(server: Server, request: bytes) -> int:
    """Send bytes as they are, without a client that would tidy them up, and return the status of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(request)
        return int(wire.makefile("rb").readline().split()[1])


# --- the embedded default -------------------------------------------------------------------------


def test_one_command_serves_and_says_where(embedded: Server) -> None:
    assert embedded.get("/healthz").json() == {"status": "ok"}
    assert embedded.get("/readyz").status_code == 200
    assert f"http://{embedded.address}/api/docs/" in embedded.said
    assert f"http://{embedded.address}/admin/" in embedded.said
    assert "Demo password: " in embedded.said


def test_the_demo_school_is_there(embedded: Server) -> None:
    courses = embedded.get("/api/courses/courses/").json()

    assert courses["count"] > 0
    assert embedded.get("/admin/login/").status_code == 200
    assert embedded.get("/static/admin/css/base.css").status_code == 200


def test_a_socket_without_a_token_is_accepted_and_then_told_so(embedded: Server) -> None:
    assert close_code(embedded, "/ws/no/such/room/") == 4401


@pytest.mark.parametrize("origin", ["http://{address}", None])
def test_pages_of_our_own_and_apps_may_open_sockets(embedded: Server, origin: str | None) -> None:
    sent = Origin(origin.format(address=embedded.address)) if origin else None

    assert close_code(embedded, "/ws/nothing/", origin=sent) == 4401


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_a_foreign_site_may_not(embedded: Server, origin: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refusal,
        connect(f"ws://{embedded.address}/ws/nothing/", origin=Origin(origin)),
    ):
        pass

    assert refusal.value.response.status_code == 403


def test_the_embedded_worker_sends_mail(embedded: Server, postbox: tuple[Postbox, int]) -> None:
    body = {"email": "dev@demo.school", "password": "a-long-enough-word"}
    answer = httpx.post(f"http://{embedded.address}/api/accounts/register/", json=body, timeout=20)
    assert answer.status_code == 201, answer.text

    deadline = time.monotonic() + 15
    while "dev@demo.school" not in postbox[0].recipients:
        assert time.monotonic() < deadline, embedded.said
        time.sleep(0.05)


def test_a_picture_of_the_demo_school_comes_in_ranges(embedded: Server) -> None:
    thumbnail = next(
        course["thumbnail"] for course in embedded.get("/api/courses/courses/").json()["results"] if course["thumbnail"]
    )
    whole = httpx.get(thumbnail, timeout=10)
    part = httpx.get(thumbnail, headers={"Range": "bytes=1-4"}, timeout=10)

    assert urlsplit(thumbnail).netloc == embedded.address
    assert (whole.status_code, part.status_code) == (200, 206)
    assert part.content == whole.content[1:5]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/courses/%ed%a0%80/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /media/public/../../secret_key HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /media/public/%2e%2e/%2e%2e/secret_key HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /media/public//etc/hostname HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/courses/courses/ HTTP/1.1\r\nHost: \xff\xff\r\n\r\n",
        b"GET /api/accounts/me/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: \xff\xfe\r\n\r\n",
        JSON_POST + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
        JSON_POST + b"Content-Length: 3000000\r\n\r\n" + b" " * 3_000_000,
        b"POST /api/accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: \xff\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=lambda request_: ascii(request_[:40]),
)
def test_odd_requests_over_the_wire_are_the_callers_fault(embedded: Server, request_: bytes) -> None:
    assert 400 <= raw_status(embedded, request_) < 500


def test_a_body_past_the_limit_is_413_over_the_wire(embedded: Server) -> None:
    answer = httpx.post(
        f"http://{embedded.address}/api/accounts/login/",
        content=b'{"email": "' + b"x" * 3_000_000 + b'"}',
        headers={"Content-Type": "application/json"},
        timeout=20,
    )

    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "too_large"


def test_containers_can_ask_whether_it_lives(embedded: Server, tmp_path: Path) -> None:
    lives = manage("healthcheck", PORT=str(embedded.port), DATA_DIR=str(tmp_path))
    nobody = manage("healthcheck", PORT=str(free_port()), DATA_DIR=str(tmp_path))

    assert lives.returncode == 0, lives.stderr
    assert nobody.returncode == 1
    assert "does not answer" in nobody.stderr


# --- parts of a larger whole ----------------------------------------------------------------------


@pytest.mark.parametrize("part", ["--http", "--sockets"])
def test_a_part_cannot_be_served_from_memory_and_a_file(part: str, tmp_path: Path) -> None:
    run = manage("serve", part, PORT=str(free_port()), DATA_DIR=str(tmp_path))

    assert run.returncode == 1
    assert "(core.E002)" in run.stderr
    assert "(core.E003)" in run.stderr
    assert "Traceback" not in run.stderr


def production(tmp_path: Path) -> dict[str, str]:
    """Return the variables of the shared services of this run, with the migrated test database."""
    if connection.vendor != "postgresql" or not django_settings.REDIS_URL:
        pytest.skip("DATABASE_URL and REDIS_URL are not set")
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return {
        "ENVIRONMENT": "production",
        "SECRET_KEY": "a-k3y-0f-many-d1fferent-letters-" * 3,
        "PUBLIC_URL": "https://school.example",
        "DATABASE_URL": address,
        "REDIS_URL": django_settings.REDIS_URL,
        "DATA_DIR": str(tmp_path),
    }


@pytest.mark.django_db
def test_granian_serves_the_api(tmp_path: Path) -> None:
    variables = production(tmp_path) | {"ALLOWED_HOSTS": "127.0.0.1,localhost", "SECURE_SSL_REDIRECT": "off"}
    with serving(tmp_path / "log", "--http", **variables) as server:
        assert server.get("/healthz").status_code == 200
        assert server.get("/readyz").status_code == 200
        assert server.get("/api/courses/courses/").json()["count"] == 0
        assert manage("healthcheck", PORT=str(server.port), **variables).returncode == 0
        assert server.get("/api/nothing/").json()["errors"][0]["code"] == "not_found"
        assert raw_status(server, b"GET /media/public/%2e%2e/secret_key HTTP/1.1\r\nHost: localhost\r\n\r\n") == 404
    assert "Traceback" not in server.said


@pytest.mark.django_db
def test_uvicorn_serves_the_sockets(tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--sockets", **production(tmp_path)) as server:
        assert server.get("/readyz").status_code == 200
        assert close_code(server, "/ws/no/such/room/") == 4401
        foreign = Origin("https://elsewhere.example")
        with pytest.raises(InvalidStatus), connect(f"ws://{server.address}/ws/x/", origin=foreign):
            pass
    assert "Traceback" not in server.said


@pytest.mark.django_db
def test_only_one_process_of_sockets_is_started_by_one_command(tmp_path: Path) -> None:
    run = manage("serve", "--sockets", WEB_CONCURRENCY="2", PORT=str(free_port()), **production(tmp_path))

    assert run.returncode == 1
    assert "behind the proxy" in run.stderr
