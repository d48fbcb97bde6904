"""The two servers as processes: started, pinned to a core, asked for the CPU they have used, stopped."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


def pinned_to(core: int | None, command: list[str]) -> list[str]:
    """Return ``command`` so that it stays on ``core``, unchanged where cores can't be chosen."""
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(core), *command] if taskset and core is not None else command


@dataclass(slots=True)
class Server:
    name: str
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls, name: str, command: list[str], *, port: int, environment: Mapping[str, str], core: int | None, log: Path
    ) -> "Server":
        with log.open("wb") as output:
            process = subprocess.Popen(
                pinned_to(core, command),
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        server = cls(name, port, process)
        server._wait_until_ready(log)
        return server

    def _wait_until_ready(self, log: Path) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stop()
        raise SystemExit(f"{self.name} did not start:\n{log.read_text(errors='replace')[-4000:]}")

    def cpu_seconds(self) -> float | None:
        """CPU used so far by the process and those below it; None where the system doesn't say."""
        return cpu_seconds_of(_with_children(self.process.pid))

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def cpu_seconds_of(pids: Iterable[int]) -> float | None:
    """Sum of user and system time of ``pids``; processes that are gone count nothing."""
    if not _PROC.is_dir():
        return None
    return sum(_ticks(pid) for pid in pids) / _TICKS


def keep_on_core(pids: Iterable[int], core: int) -> bool:
    """Move ``pids`` to ``core``; False where this system or these processes don't allow it."""
    try:
        for pid in pids:
            os.sched_setaffinity(pid, {core})
    except (AttributeError, OSError):
        return False
    return True


def _fields(pid: int) -> list[str]:
    # The name of the program, in brackets, may hold spaces: count from behind it.
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _ticks(pid: int) -> int:
    fields = _fields(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _with_children(root: int) -> set[int]:
    if not _PROC.is_dir():
        return {root}
    parents = {int(entry.name): _fields(int(entry.name))[1:2] for entry in _PROC.iterdir() if entry.name.isdecimal()}
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent and int(parent[0]) in family} - family:
        family |= more
    return family
