"""A whole platform for end-to-end tests: ``manage.py serve`` as its own process, with its own data."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import psycopg
from django.conf import settings

from tests import fresh
from tests.core.stand_ins import free_port

ROOT = Path(settings.BASE_DIR)


@dataclass(frozen=True)
class Platform:
    """A running platform: where it answers, and the environment its commands take."""

    address: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run ``manage.py`` beside the server, on the same data; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@contextmanager
def running_platform(**settings: str) -> Iterator[Platform]:
    """Start the platform on a free port and an empty database, seeded as ``make run`` seeds it; stop it at the end.

    ``settings`` go into its environment. ``PORT`` may be among them, where somebody has to know it beforehand.
    """
    with tempfile.TemporaryDirectory() as folder, own_database() as database_url:
        fresh.lay_database_into(Path(folder))
        port = settings.get("PORT") or str(free_port())
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "PORT": port,
            "PROCESS_KIND": "command",
            "DATABASE_POOL_SIZE": "6",  # a server has 100 places, for all that runs beside this
            # The server works off its own tasks, also where caches and sockets have a Redis.
            "CELERY_BROKER_URL": "memory://embedded",
            "REDIS_PREFIX": f"test-{uuid4().hex}",  # else it hears the rooms of the next one
            "ENV_FILE": f"{folder}/none",
            **({"DATABASE_URL": database_url} if database_url else {}),
            **settings,
        }
        with (Path(folder) / "server.log").open("w+") as log:
            server = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env={**environment, "PROCESS_KIND": "embedded"},  # else it would load everything twice to become it
                stdout=log,
                stderr=log,
            )
            try:
                _wait_until_ready(f"http://127.0.0.1:{port}/healthz", server, log.name)
                yield Platform(f"http://127.0.0.1:{port}", environment)
            finally:
                server.terminate()
                server.wait(timeout=20)


def _wait_until_ready(address: str, server: "subprocess.Popen[bytes]", log: str) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert server.poll() is None, Path(log).read_text()[-3000:]
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"not ready in time: {Path(log).read_text()[-3000:]}")


@contextmanager
def own_database() -> Iterator[str | None]:
    """On PostgreSQL a database of this run alone, dropped at the end; on SQLite the file in DATA_DIR is enough."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield None
        return
    name = f"flow_{os.getpid()}_{time.monotonic_ns()}"
    parts = urlsplit(url)
    server = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{fresh.template()}"')
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')  # tests/conftest.py says why
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
