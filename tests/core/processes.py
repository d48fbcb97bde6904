"""Real processes for tests: the platform as somebody starts it, with an environment of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.core.stand_ins import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
#: What of this machine's environment reaches a process; the rest would make its settings depend on who tests.
_KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "PGPASSWORD", "REDIS_PREFIX")


def environment(**variables: str) -> dict[str, str]:
    """Return an environment with these variables and none of this run's settings."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("COVERAGE_")}
    return {**kept, "ENV_FILE": os.devnull, **variables}


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` to its end."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return _run(command, **variables)


def _run(command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment(**variables), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def settings_with(**variables: str) -> dict[str, Any]:
    """Return the settings that an environment of these variables makes, those that JSON can say."""
    program = (
        "import json, e_learning.settings as s;"
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if n.isupper()}, default=lambda value: None))"
    )
    run = _run([sys.executable, "-c", program], **variables)
    assert run.returncode == 0, run.stderr
    values: dict[str, Any] = json.loads(run.stdout)
    return values


class Server:
    """A server in a process of its own. ``said`` is what it printed until now."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, log: Path) -> None:
        self.process, self.port, self._log = process, port, log
        self.address = f"127.0.0.1:{port}"

    @property
    def said(self) -> str:
        return self._log.read_text()

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return httpx.get(f"http://{self.address}{path}", timeout=10, **kwargs)

    def wait_until_ready(self, *, seconds: float = 100) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.fail(f"the server ended: {self.said}")
            try:
                self.get("/healthz")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        pytest.fail(f"the server does not answer: {self.said}")


def serving(log: Path, *arguments: str, **variables: str) -> AbstractContextManager[Server]:
    """Start ``manage.py serve`` on a free port of loopback, and end it as an operator would: by SIGTERM."""
    port = free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "serve", *arguments]
    return running(command, port, log, PORT=str(port), **variables)


@contextmanager
def running(command: list[str], port: int, log: Path, **variables: str) -> Iterator[Server]:
    """Start a server that will answer at ``port``; what it says goes to ``log``."""
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment(**variables), cwd=ROOT, stdout=out, stderr=out, text=True)
        server = Server(process, port, log)
        try:
            server.wait_until_ready()
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
