"""Both servers, each as a process of its own on the database of this run."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.core.processes import Server, running
from tests.core.stand_ins import free_port


def _database() -> str:
    """Return the address of the database that the tests of this process write to."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@contextmanager
def socket_server(kind: str, log: Path, **variables: str) -> Iterator[Server]:
    """Start ``program.py``, and end it as an operator would: by SIGTERM."""
    port = free_port()
    given = {"DATABASE_URL": _database(), "DATA_DIR": str(log.parent), "DATABASE_POOL_SIZE": "4", **variables}
    command = [sys.executable, "-m", "tests.core.realtime.program", kind, str(port)]
    with running(command, port, log, **given) as server:
        yield server
    assert "Traceback" not in server.said, server.said


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None
) -> Iterator[Server]:
    # The secret of this run, so that tokens made here are good there.
    folder = tmp_path_factory.mktemp(request.param)
    with socket_server(request.param, folder / "log", SECRET_KEY=_secret()) as started:
        yield started


def _secret() -> str:
    from django.conf import settings

    return str(settings.SECRET_KEY)
