"""An answer over the wire: whichever server it comes from, its words arrive as they are written."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from accounts.models import CustomUser
from tests.chatbot.conversations.conftest import QUESTION
from tests.chatbot.providers.model_server import ModelServer
from tests.core.processes import Server, running
from tests.core.realtime.conftest import socket_server
from tests.core.stand_ins import free_port
from tests.factories.people import token_for
from tests.payments.processes import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
SAID = "Water [1] boils at a hundred degrees, and it freezes at zero degrees [1]."
_PAUSE = 0.1


@pytest.fixture
def slow_model(model: Callable[..., ModelServer]) -> ModelServer:
    server = model(SAID)
    server.pause = _PAUSE
    return server


def granian(folder: Path, **given: str) -> AbstractContextManager[Server]:
    """Start the API alone, as ``manage.py serve --http`` does, which refuses SQLite."""
    port = free_port()
    where = ["--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "4"]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", *where, "e_learning.wsgi:application"]
    given |= {"DATABASE_URL": database_url(), "DATA_DIR": str(folder), "PROCESS_KIND": "embedded"}
    return running(command, port, folder / "log", **given)


@pytest.fixture(params=["daphne", "uvicorn", "granian"])
def server(request: pytest.FixtureRequest, tmp_path: Path, slow_model: ModelServer) -> Iterator[Server]:
    given = {
        "SECRET_KEY": str(settings.SECRET_KEY),
        "AI_MODELS": "stand-in",
        "AI_BASE_URLS": slow_model.url,
        "AI_API_KEYS": "sk-secret",
    }
    if request.param == "granian":
        begun = granian(tmp_path, **given)
    else:
        begun = socket_server(request.param, tmp_path / "log", **given)
    with begun as started:
        yield started


def test_words_arrive_one_by_one(server: Server, messages: str, bilal: CustomUser) -> None:
    headers = {"Authorization": f"Bearer {token_for(bilal)}", "Accept": "text/event-stream"}
    address = f"http://{server.address}{messages}"
    with httpx.stream("POST", address, json={"content": QUESTION}, headers=headers, timeout=60) as response:
        assert response.status_code == 200, response.read()
        timed = [(line, time.monotonic()) for line in response.iter_lines()]
    heard = [(line.removeprefix("event: "), at) for line, at in timed if line.startswith("event: ")]
    kinds = [kind for kind, _at in heard]
    assert kinds == ["delta"] * (len(kinds) - 2) + ["citation", "done"], server.said
    arrived = [at for kind, at in heard if kind == "delta"]
    assert len(arrived) > 5
    # Kept back until the end, all of them would come at once.
    assert arrived[-1] - arrived[0] > 5 * _PAUSE
