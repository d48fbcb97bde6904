"""Measure chat fan-out against a socket.io server, in one interleaved run.

    python -m benchmarks.chat_fanout [--quick] [--clients 500] [--rounds 3] [--seconds 3]
                                     [--database postgres://user@host/name]

Sides: a socket.io server (Node) that stores each message in PostgreSQL before it sends it, the product's sockets under
uvicorn, the product alone under Daphne, and a bare server that stores nothing, which shows what the load client can
take. Each is one process on the first core; the client, PostgreSQL's backends and Redis are on the second. Every round
drives all sides in turn, and a ratio is a side's figure over socket.io's of the same round; the median is printed.
Needs Node 20 with npm, PostgreSQL (a database of the run's own is made there and dropped) and ``redis-server``: each
side gets one of its own.
"""

import argparse
import os
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import django

from benchmarks.chat_fanout.client import Plan
from benchmarks.chat_fanout.dialects import Seat
from benchmarks.chat_fanout.runs import Runs, drive
from benchmarks.chat_fanout.sides import DAPHNE, FLOOR, PEER, UVICORN, Side, install_peer, sides
from benchmarks.database import Database
from benchmarks.servers import ROOT, Server, keep_on_core

MESSAGES_A_SECOND = 4
#: Past the ports of the sides themselves.
FIRST_REDIS_PORT = 8831


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of talking. ``targets``: by side, what its ratio has to be: ``figure`` of it at least, or p99 at most."""

    name: str
    seats: list[Seat]
    targets: dict[str, float]
    window: int = 0
    rate: float = 0

    @property
    def figure(self) -> str:
        return "p99_ms" if self.rate else "per_second"

    def is_reached(self, side: str, ratio: float) -> bool:
        return ratio <= self.targets[side] if self.rate else ratio >= self.targets[side]


@dataclass(frozen=True, slots=True)
class Bench:
    database: Database
    servers: list[tuple[Side, Server]]
    seconds: float
    load_core: int | None

    def measure(self, mode: Mode, rounds: int) -> dict[str, Runs]:
        measured = {side.name: Runs() for side, _server in self.servers}
        for _round in range(rounds):
            for side, server in self.servers:
                plan = Plan(
                    dialect=side.dialect,
                    port=side.port,
                    seats=mode.seats,
                    seconds=self.seconds,
                    warm_up_seconds=min(1, self.seconds),
                    window=mode.window,
                    rate=mode.rate,
                )
                measured[side.name].rounds.append(drive(plan, server, core=self.load_core, settle=self._settle))
        return measured

    def _settle(self) -> None:
        if self.load_core is not None:
            self.database.keep_on_core(self.load_core)


def main() -> None:
    asked = _arguments()
    database = Database(asked.database)
    server_core, load_core = _cores()
    load = os.getloadavg()[0]
    print(f"{asked.clients} clients, {asked.rounds} rounds of {asked.seconds} s; load average {load:.1f}.")
    if server_core is None:
        print("Processes can't be put on cores of their own here: expect noise.")
    install_peer()
    # A run that is stopped stops its servers and drops its database too.
    signal.signal(signal.SIGTERM, lambda *_received: sys.exit(143))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        stack.enter_context(database.made())
        environment = _environment(database, folder)
        os.environ.update(environment)
        modes = _prepared_modes(asked.clients)
        servers = []
        for number, side in enumerate(sides()):
            redis = stack.enter_context(_own_redis(folder, load_core, port=FIRST_REDIS_PORT + number))
            server = side.start(environment | {"REDIS_URL": redis}, core=server_core, folder=folder)
            stack.callback(server.stop)
            servers.append((side, server))
        bench = Bench(database, servers, asked.seconds, load_core)
        for mode in modes:
            _print(mode, bench.measure(mode, asked.rounds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chat_fanout", description="Measure chat fan-out.")
    parser.add_argument(
        "--database",
        default="postgres://postgres@127.0.0.1:5432/el_bench_chat",
        help="a PostgreSQL server, and the name of a database to make there and drop (default: %(default)s)",
    )
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--quick", action="store_true", help="a few clients, once: does everything still work?")
    asked = parser.parse_args()
    if asked.quick:
        asked.clients, asked.rounds, asked.seconds = 40, 1, 0.5
    return asked


def _cores() -> tuple[int | None, int | None]:
    """Return the core of the servers and that of everything else, None where they can't be kept apart."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else (None, None)


@contextmanager
def _own_redis(folder: Path, core: int | None, *, port: int) -> Iterator[str]:
    """One for each side: publishing knows no database numbers, and what one side still publishes when its round is over
    would come to the clients of the next.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("There is no redis-server here.")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    if core is not None:
        keep_on_core([server.pid], core)
    try:
        _wait_until_it_answers(server, port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int) -> None:
    """Make sure that what answers there is Redis, and ours: a side goes on without it, and measures something else."""
    for _time in range(100):
        if server.poll() is not None:
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
            wire.sendall(b"PING\r\n")
            if wire.recv(7) == b"+PONG\r\n":
                return
        time.sleep(0.1)
    raise SystemExit(f"redis-server did not start on port {port}.")


def _environment(database: Database, folder: Path) -> dict[str, str]:
    """Settings of the run: production's shape for one worker, and limits that a benchmark doesn't reach."""
    return {
        "DJANGO_SETTINGS_MODULE": "e_learning.settings",
        "ENV_FILE": os.devnull,
        "DATABASE_URL": database.address,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_hex(32),
        "ACCESS_TOKEN_SECONDS": "86400",
        "LIMIT_CHAT": "1000000000/10",
        "LIMIT_FRAMES": "1000000/10",
        "WEB_CONCURRENCY": "1",
    }


def _prepared_modes(clients: int) -> list[Mode]:
    """Migrate and fill the database; return how to talk in it."""
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
    django.setup()
    from django.db import connection

    # Models can be imported only from here on.
    from benchmarks.chat_fanout.school import write_communities

    seats = write_communities(clients)
    connection.close()
    small = {UVICORN: 0.3, DAPHNE: 0.3}
    return [
        Mode("one room, as fast as it goes", seats.crowd, {UVICORN: 0.75, DAPHNE: 0.25}, window=16),
        Mode("one room, one message at a time", seats.crowd, {}, window=1),
        Mode(f"one room, {MESSAGES_A_SECOND} messages a second", seats.crowd, {UVICORN: 1.5}, rate=MESSAGES_A_SECOND),
        Mode("rooms of two, all at once", seats.pairs, small, window=1),
        Mode("one room of two, as fast as it goes", seats.pairs[:2], small, window=16),
        Mode("one room of two, one message at a time", seats.pairs[:2], small, window=1),
    ]


def _print(mode: Mode, measured: dict[str, Runs]) -> None:
    print(f"\n{mode.name} ({len(mode.seats)} sockets)")
    print(f"  {'':16}{'deliveries/s':>13}{'server us':>11}", end="")
    print(f"{'server':>8}{'client':>8}{'p50 ms':>8}{'p99 ms':>8}{'connect s':>11}")
    for name, runs in measured.items():
        print(
            f"  {name:16}{_figure(runs, 'per_second', 13)}{_figure(runs, 'server_us', 11, 1)}"
            f"{_share(runs, 'server_share')}{_share(runs, 'client_share')}{_figure(runs, 'p50_ms', 8, 1)}"
            f"{_figure(runs, 'p99_ms', 8, 1)}{_figure(runs, 'connect_seconds', 11, 1)}"
        )
    base = measured[PEER]
    for side in (UVICORN, DAPHNE):
        ratios = measured[side].ratios(base, mode.figure)
        ratio = statistics.median(ratios)
        print(
            f"  {side}: {ratio:.2f} of socket.io's {'p99' if mode.rate else 'deliveries'}"
            f" (rounds {min(ratios):.2f} to {max(ratios):.2f})"
            f"{_verdict(mode, side, ratio)}{_by_cpu(measured[side], base)}"
        )
    if mode.window:
        _print_headroom(measured)


def _verdict(mode: Mode, side: str, ratio: float) -> str:
    if side not in mode.targets:
        return ""
    wanted = f"{'at most' if mode.rate else 'at least'} {mode.targets[side]}"
    return f"; {wanted}: {'reached' if mode.is_reached(side, ratio) else 'MISSED'}"


def _by_cpu(runs: Runs, base: Runs) -> str:
    ours, theirs = runs.median("server_us"), base.median("server_us")
    return "" if not ours or not theirs else f"; by CPU {theirs / ours:.2f}"


def _print_headroom(measured: dict[str, Runs]) -> None:
    """Say what the client could have taken: its part of its core, and what it took from a server that only sends."""
    busiest = max(run.client_share for name, runs in measured.items() if name != FLOOR for run in runs.rounds)
    taken = measured[FLOOR].median("per_second") or 0
    most = max(measured[name].median("per_second") or 0 for name in measured if name != FLOOR)
    print(f"  the client took {busiest:.0%} of its core at most, and {taken / most:.1f} times as much from {FLOOR}")


def _figure(runs: Runs, figure: str, width: int, digits: int = 0) -> str:
    value = runs.median(figure)
    return f"{'-':>{width}}" if value is None else f"{value:{width}.{digits}f}"


def _share(runs: Runs, figure: str) -> str:
    value = runs.median(figure)
    return f"{'-':>8}" if value is None else f"{value:8.0%}"


if __name__ == "__main__":
    main()
