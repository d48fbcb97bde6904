"""The servers that are compared, each one process on the same core."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import ROOT, Server

_PEER = Path(__file__).with_name("socketio")
#: Where npm puts the peer's packages: outside version control, kept from run to run.
PACKAGES = ROOT / "var" / "chat_fanout"

PEER, UVICORN, DAPHNE, FLOOR = "socket.io", "uvicorn", "Daphne", "bare broadcast"


@dataclass(frozen=True, slots=True)
class Side:
    """``dialect`` is what it speaks (``dialects.DIALECTS``)."""

    name: str
    dialect: str
    command: list[str]
    environment: Mapping[str, str]
    port: int

    def start(self, environment: Mapping[str, str], *, core: int | None, folder: Path) -> Server:
        log = folder / f"{self.name.replace(' ', '-')}.log"
        return Server.start(
            self.name, self.command, port=self.port, environment={**environment, **self.environment}, core=core, log=log
        )


def sides() -> list[Side]:
    """Return all of them, whom the others are compared with first."""
    node, manage = shutil.which("node"), [sys.executable, "manage.py", "serve"]
    if node is None:
        raise SystemExit("There is no node here: the other side of this benchmark needs Node 20 or newer.")
    modules = {"NODE_PATH": str(PACKAGES / "node_modules")}
    return [
        Side(PEER, "socket.io", [node, str(_PEER / "server.js")], {**modules, "PORT": "8821"}, 8821),
        Side(UVICORN, "ours", [*manage, "--sockets", "--port", "8822"], {}, 8822),
        # Alone it works off its own tasks: the shape of `make run`, with PostgreSQL and Redis.
        Side(DAPHNE, "ours", [*manage, "--port", "8823"], {"CELERY_BROKER_URL": "memory://embedded"}, 8823),
        Side(FLOOR, "ours", [sys.executable, "-m", "benchmarks.chat_fanout.floor", "8824"], {}, 8824),
    ]


def install_peer() -> None:
    """Install what the lock says of socket.io and pg, unless it stands there already."""
    lock = (_PEER / "package-lock.json").read_bytes()
    installed = PACKAGES / "installed.json"
    if installed.is_file() and installed.read_bytes() == lock:
        return
    PACKAGES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_PEER / name, PACKAGES / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=PACKAGES, check=True, env=os.environ, stdout=subprocess.DEVNULL)
    installed.write_bytes(lock)
