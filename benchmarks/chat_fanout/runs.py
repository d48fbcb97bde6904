"""One run of the load client against one server, and what several of them come to."""

import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from benchmarks.chat_fanout.client import Counted, Plan
from benchmarks.servers import ROOT, Server, pinned_to


@dataclass(frozen=True, slots=True)
class Run:
    """``server_us``: microseconds of the server's CPU for a delivery, None where the system doesn't say."""

    per_second: float
    client_share: float
    server_share: float | None
    server_us: float | None
    connect_seconds: float
    p50_ms: float | None
    p99_ms: float | None


@dataclass(slots=True)
class Runs:
    """All runs of one side under one mode, a round each."""

    rounds: list[Run] = field(default_factory=list)

    def median(self, figure: str) -> float | None:
        values = [getattr(run, figure) for run in self.rounds]
        return None if None in values or not values else statistics.median(values)

    def ratios(self, base: "Runs", figure: str) -> list[float]:
        """Return this side's figure over that of ``base``, round by round."""
        pairs = zip(self.rounds, base.rounds, strict=True)
        return [getattr(ours, figure) / getattr(theirs, figure) for ours, theirs in pairs]


def drive(plan: Plan, server: Server, *, core: int | None, settle: Callable[[], object]) -> Run:
    """Carry out ``plan`` against ``server`` from a process on ``core``; ``settle`` is called once all is under way."""
    client = subprocess.Popen(
        pinned_to(core, [sys.executable, "-m", "benchmarks.chat_fanout.client"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    with client:
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(msgspec.json.encode(plan))
        client.stdin.close()
        client.stdout.readline()
        settle()
        before = server.cpu_seconds()
        client.stdout.readline()
        after = server.cpu_seconds()
        last = client.stdout.read()
    if client.returncode or not last:
        raise SystemExit(f"{server.name}: the load client refused what it saw, so there is nothing to compare")
    return _run(msgspec.json.decode(last, type=Counted), None if before is None or after is None else after - before)


def _run(counted: Counted, server_cpu: float | None) -> Run:
    return Run(
        per_second=counted.deliveries / counted.seconds,
        client_share=counted.client_share,
        server_share=None if server_cpu is None else server_cpu / counted.seconds,
        server_us=None if server_cpu is None else server_cpu / counted.deliveries * 1e6,
        connect_seconds=counted.connect_seconds,
        p50_ms=counted.p50_ms,
        p99_ms=counted.p99_ms,
    )
