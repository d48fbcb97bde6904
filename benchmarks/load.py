"""Run a load generator against one server and read what it counted."""

import json
import os
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import pinned_to

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("replay.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of the generator saw. ``generator_share`` is the part of one core it took itself."""

    answered: int
    seconds: float
    failed: int
    p50_ms: float
    p99_ms: float
    generator_share: float

    @property
    def rps(self) -> float:
        return self.answered / self.seconds


def generator_name() -> str:
    return "wrk" if shutil.which("wrk") else "benchmarks/client.py"


def drive(*, port: int, requests: Path, seconds: float, core: int | None) -> Load:
    """Replay ``requests`` against ``port`` for ``seconds`` over kept connections; refuses failed answers."""
    before = _own_cpu()
    ran = subprocess.run(
        pinned_to(core, _command(port, requests, seconds)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=seconds + 60,
        cwd=Path(__file__).parent.parent,
        env=os.environ,
    )
    counted = json.loads(ran.stdout.strip().splitlines()[-1])
    load = Load(**counted, generator_share=(_own_cpu() - before) / counted["seconds"])
    if load.failed or not load.answered:
        raise SystemExit(f"{load.failed} of {load.answered} requests of {requests.name} failed: nothing to compare")
    return load


def _command(port: int, requests: Path, seconds: float) -> list[str]:
    if wrk := shutil.which("wrk"):
        address = f"http://127.0.0.1:{port}"
        whole = f"{max(1, round(seconds))}s"
        return [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{whole}", "-s", str(_SCRIPT), address, "--", str(requests)]
    return [sys.executable, "-m", "benchmarks.client", str(port), str(requests), str(seconds), str(CONNECTIONS)]


def _own_cpu() -> float:
    # Of children that have been waited for: the generators. The servers run on and don't count here.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
