"""A platform of several socket processes, each of which can be killed and comes back; and what stands before them.

On PostgreSQL two ``manage.py serve --sockets`` and a Redis of their own; on SQLite the one process that serves alone.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import fresh
from tests.core.processes import ROOT, environment
from tests.core.stand_ins import free_port
from tests.flows.platform import own_database

#: More than any storm sends: what is looked at is loss, not limits.
NO_LIMIT = "1000000/10"


class Process:
    """One program on a port of its own. ``kill`` is ``kill -9``; ``start`` again takes the same port."""

    def __init__(self, command: list[str], port: int, variables: dict[str, str], log: Path) -> None:
        self.command, self.port, self.log = command, port, log
        self._environment = variables
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                self.command, cwd=ROOT, env=self._environment, stdout=out, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        self.end(signal.SIGKILL)
        self.wait_for_the_end()

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)

    def wait_for_the_end(self) -> None:
        if self._process is not None:
            self._process.wait(timeout=20)
            self._process = None

    async def wait_until_ready(self, path: str = "/healthz", *, seconds: float = 60) -> None:
        async with httpx.AsyncClient() as client, asyncio.timeout(seconds):
            while True:
                assert self._process is not None
                assert self._process.poll() is None, self.log.read_text()[-3000:]
                with suppress(httpx.TransportError):
                    await client.get(f"http://127.0.0.1:{self.port}{path}")
                    return
                await asyncio.sleep(0.1)


@dataclass(slots=True)
class Cluster:
    """``redis`` is None where there is one process and nothing between processes."""

    processes: list[Process]
    redis: Process | None
    variables: dict[str, str]

    def run(self, *arguments: object) -> Any:
        """Run ``tests.flows.talkers`` on this platform's data and return what it says."""
        command = [sys.executable, "-m", "tests.flows.talkers", *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env=self.variables, capture_output=True, text=True, timeout=110, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    @asynccontextmanager
    async def door(self) -> AsyncIterator[int]:
        """A port that leads to any process that lives, as a proxy would have it."""
        server = await asyncio.start_server(self._let_in, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for process in random.sample(self.processes, len(self.processes)):
            with suppress(OSError):
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", process.port)
                await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
                return
        writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as made, own_database() as database_url:
        folder = Path(made)
        fresh.lay_database_into(folder)
        variables = environment(
            DATA_DIR=made, LIMIT_CHAT=NO_LIMIT, CELERY_BROKER_URL="memory://embedded", DATABASE_POOL_SIZE="8"
        )
        redis = None
        if database_url:
            redis = _redis(folder)
            variables |= {"DATABASE_URL": database_url, "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
        cluster = Cluster(_processes(2 if redis else 1, folder, variables), redis, variables)
        if redis:  # alone, the server migrates by itself
            _manage("migrate", "--verbosity", "0", variables=variables)
        everything = [*([redis] if redis else []), *cluster.processes]
        for process in everything:
            process.start()
        try:
            for process in cluster.processes:
                asyncio.run(process.wait_until_ready())
            yield cluster
        finally:
            for process in cluster.processes:
                process.end()
            for process in reversed(everything):
                process.end()
                process.wait_for_the_end()


def _processes(count: int, folder: Path, variables: dict[str, str]) -> list[Process]:
    kind = ["--sockets"] if count > 1 else []
    ports = [free_port() for _process in range(count)]
    return [
        Process(
            [sys.executable, "manage.py", "serve", *kind, "--port", str(port)],
            port,
            variables,
            folder / f"{number}.log",
        )
        for number, port in enumerate(ports)
    ]


def _redis(folder: Path) -> Process:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server here to start and to kill")
    port = free_port()
    # It keeps nothing: started again it is empty, as after a flush.
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    return Process([program, *options], port, dict(os.environ), folder / "redis.log")


def _manage(*arguments: str, variables: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
