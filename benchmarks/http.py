"""Measure the hot paths of this product against a bare ASGI + asyncpg app, in one interleaved run.

    python benchmarks/http.py [--database postgres://user@host/name] [--redis redis://host/db]
                              [--rounds 5] [--seconds 3]

Both servers are one process on the first core; the load generator and PostgreSQL's backends are on
the second. Each round drives the floor, then the product. Only ratios within the run and CPU per
request mean anything, because the machine's other work comes and goes; where there is much of it,
only the latter does ("by CPU": what server and database together spend on a request, the floor's
over the product's). Before anything is measured, both sides must give the same JSON to the same
requests. Needs PostgreSQL, where a database of the run's own is made and dropped, and Redis.
"""

import sys
from pathlib import Path

# A program's own folder comes first on its path, and this one holds an `http.py` that would hide Python's.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import argparse
import json
import os
import random
import secrets
import signal
import statistics
import subprocess
import tempfile
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import django

from benchmarks.database import DEFAULT_NAME, Database
from benchmarks.load import CONNECTIONS, Load, drive, generator_name
from benchmarks.servers import ROOT, Server
from benchmarks.traffic import BUILT, KEPT, Asked, School, heartbeats, returns, visits, write_requests

REQUESTS, COMPARED, WARM_UP_SECONDS = 2000, 60, 1
FLOOR_PORT, PRODUCT_PORT = 8811, 8812
PROGRESS_TARGET, PAGE_TARGET = 0.45, 0.8


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request, the floor's way of answering it, and the ratio that the product has to reach of that."""

    name: str
    make: Callable[[School, int, random.Random], list[Asked]]
    floors: Sequence[tuple[str, str]]
    target: float


SCENARIOS = [
    Scenario("progress/update", heartbeats, [("the same statement", "")], PROGRESS_TARGET),
    Scenario(
        "course page, anonymous",
        visits,
        [("(a) same statement, body kept in memory", KEPT), ("(b) body built by one json_agg statement", BUILT)],
        PAGE_TARGET,
    ),
    Scenario(
        "course page, signed in",
        returns,
        [("(a) same statement, body kept in memory", KEPT), ("(b) body built by one json_agg statement", BUILT)],
        PAGE_TARGET,
    ),
]


@dataclass(slots=True)
class Measured:
    """All runs of one server under one scenario; CPU in microseconds a request."""

    loads: list[Load] = field(default_factory=list)
    server_cpu: list[float] = field(default_factory=list)
    database_cpu: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bench:
    database: Database
    floor: Server
    product: Server
    folder: Path
    seconds: float
    load_core: int | None

    def run(self, server: Server, requests: Path, into: Measured | None = None, seconds: float | None = None) -> None:
        """Drive ``server`` once; what was seen goes ``into`` the measurements, where it is not a warm-up."""
        if self.load_core is not None:
            self.database.keep_on_core(self.load_core)
        before = server.cpu_seconds(), self.database.cpu_seconds()
        load = drive(port=server.port, requests=requests, seconds=seconds or self.seconds, core=self.load_core)
        after = server.cpu_seconds(), self.database.cpu_seconds()
        if into is None:
            return
        into.loads.append(load)
        for kept, start, end in zip((into.server_cpu, into.database_cpu), before, after, strict=True):
            if start is not None and end is not None:
                kept.append((end - start) / load.answered * 1e6)


def main() -> None:
    asked = _arguments()
    database = Database(asked.database)
    floor_core, load_core = _cores()
    print(
        f"Load by {generator_name()}, {CONNECTIONS} connections; {asked.rounds} rounds of {asked.seconds} s a server."
    )
    if floor_core is None:
        print("Processes can't be put on cores of their own here: expect noise.")
    # A run that is stopped stops its servers and drops its database too.
    signal.signal(signal.SIGTERM, lambda *_received: sys.exit(143))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        stack.enter_context(database.made())
        environment = _environment(database, asked.redis, folder)
        os.environ.update(environment)
        school, plan = _prepared(database, folder)
        floor = _floor(environment | {"FLOOR_PLAN": str(plan)}, floor_core, folder)
        stack.callback(floor.stop)
        product = _product(environment, floor_core, folder)
        stack.callback(product.stop)
        bench = Bench(database, floor, product, folder, asked.seconds, load_core)
        for scenario in SCENARIOS:
            _measure(bench, scenario, school, asked.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the hot paths against a bare server.")
    parser.add_argument(
        "--database",
        default=f"postgres://postgres@127.0.0.1:5432/{DEFAULT_NAME}",
        help="a PostgreSQL server, and the name of a database to make there and drop (default: %(default)s)",
    )
    parser.add_argument(
        "--redis", default="redis://127.0.0.1:6379/15", help="where the product counts its limits (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    return parser.parse_args()


def _cores() -> tuple[int | None, int | None]:
    """Return the core of the servers and that of everything else, None where they can't be kept apart."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    cores = sorted(os.sched_getaffinity(0))
    return (cores[0], cores[1]) if len(cores) > 1 else (None, None)


def _environment(database: Database, redis: str, folder: Path) -> dict[str, str]:
    """Settings of the run: production's shape for one worker, and limits that a benchmark doesn't reach."""
    return {
        "DJANGO_SETTINGS_MODULE": "e_learning.settings",
        "ENV_FILE": os.devnull,
        "DATABASE_URL": database.address,
        "REDIS_URL": redis,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_hex(32),
        "ACCESS_TOKEN_SECONDS": "86400",
        "LIMIT_USER": "1000000000/3600",
        "LIMIT_ADDRESS": "1000000000/3600",
        "WEB_CONCURRENCY": "1",
    }


def _prepared(database: Database, folder: Path) -> tuple[School, Path]:
    """Migrate and fill the database; return what to ask for and where the floor's plan stands."""
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
    django.setup()
    from django.conf import settings
    from django.db import connection

    # Models can be imported only from here on.
    from benchmarks.school import write_school
    from benchmarks.statements import statements

    school = write_school()
    connection.close()
    plan = folder / "floor.json"
    key = settings.SIMPLE_JWT["SIGNING_KEY"]
    plan.write_text(json.dumps({"database": database.address, "signing_key": key, "statements": statements()}))
    return school, plan


def _floor(environment: dict[str, str], core: int | None, folder: Path) -> Server:
    command = [sys.executable, "-m", "uvicorn", "benchmarks.floor:app", "--port", str(FLOOR_PORT)]
    options = ["--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]
    log = folder / "floor.log"
    return Server.start("floor", command + options, port=FLOOR_PORT, environment=environment, core=core, log=log)


def _product(environment: dict[str, str], core: int | None, folder: Path) -> Server:
    command = [sys.executable, "manage.py", "serve", "--http", "--port", str(PRODUCT_PORT)]
    log = folder / "product.log"
    return Server.start("product", command, port=PRODUCT_PORT, environment=environment, core=core, log=log)


def _measure(bench: Bench, scenario: Scenario, school: School, rounds: int) -> None:
    asked = scenario.make(school, REQUESTS, random.Random(scenario.name))
    _insist_on_equal_answers(bench, scenario, asked)
    sides = [(bench.floor, name, prefix) for name, prefix in scenario.floors] + [(bench.product, "product", "")]
    files = [
        write_requests(bench.folder / f"{number}.requests", [one.encoded(prefix) for one in asked])
        for number, (_server, _name, prefix) in enumerate(sides)
    ]
    measured = [Measured() for _side in sides]
    for (server, _name, _prefix), file in zip(sides, files, strict=True):
        bench.run(server, file, seconds=WARM_UP_SECONDS)
    for _round in range(rounds):
        for (server, _name, _prefix), file, into in zip(sides, files, measured, strict=True):
            bench.run(server, file, into)
    _print(scenario, [name for _server, name, _prefix in sides], measured)


def _insist_on_equal_answers(bench: Bench, scenario: Scenario, asked: list[Asked]) -> None:
    for one in asked[:COMPARED]:
        ours = _answer(bench.product, one, "")
        for name, prefix in scenario.floors:
            theirs = _answer(bench.floor, one, prefix)
            if ours != theirs:
                raise SystemExit(f"{one.method} {one.path} differs.\nproduct: {ours}\nfloor {name}: {theirs}")


def _answer(server: Server, asked: Asked, prefix: str) -> object:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{prefix}{asked.path}", method=asked.method, data=asked.body or None
    )
    request.add_header("Content-Type", "application/json")
    if asked.token:
        request.add_header("Authorization", f"Bearer {asked.token}")
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def _print(scenario: Scenario, names: list[str], measured: list[Measured]) -> None:
    print(f"\n{scenario.name}")
    print(f"  {'':44}{'rps':>7}{'server us':>11}{'database us':>13}{'p50 ms':>8}{'p99 ms':>8}{'generator':>11}")
    for name, seen in zip(names, measured, strict=True):
        load = [
            f"{_median(run.rps for run in seen.loads):7.0f}",
            _figure(seen.server_cpu, 11),
            _figure(seen.database_cpu, 13),
            f"{_median(run.p50_ms for run in seen.loads):8.1f}",
            f"{_median(run.p99_ms for run in seen.loads):8.1f}",
            f"{_median(run.generator_share for run in seen.loads):11.0%}",
        ]
        print(f"  {name:44}{''.join(load)}")
    product = measured[-1]
    for name, floor in zip(names[:-1], measured[:-1], strict=True):
        ratios = [ours.rps / theirs.rps for ours, theirs in zip(product.loads, floor.loads, strict=True)]
        reached = "reached" if _median(ratios) >= scenario.target else "MISSED"
        print(
            f"  ratio to {name}: {_median(ratios):.2f} (rounds {min(ratios):.2f} to {max(ratios):.2f};"
            f" target {scenario.target}: {reached}); by CPU {_figure(_capacity(product, floor), 0, 2)}"
        )


def _capacity(product: Measured, floor: Measured) -> list[float]:
    """Return, round by round, the CPU that the floor and its database take for a request over what ours take."""
    ours = zip(product.server_cpu, product.database_cpu, strict=False)
    theirs = zip(floor.server_cpu, floor.database_cpu, strict=False)
    return [sum(base) / sum(one) for one, base in zip(ours, theirs, strict=False)]


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _figure(values: list[float], width: int, digits: int = 0) -> str:
    return f"{_median(values):{width}.{digits}f}" if values else f"{'-':>{width}}"


if __name__ == "__main__":
    main()
