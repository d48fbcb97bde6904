"""The embedded default's secret key is made once, whoever starts at the same time."""

import stat
import subprocess
import sys
from pathlib import Path

from e_learning.core.secret import kept_secret_key
from tests.core.processes import ROOT


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    first, second = kept_secret_key(path), kept_secret_key(path)

    assert first == second
    assert len(first) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    """All of them wait for one signal, so that they meet in the same moment."""
    go = tmp_path / "go"
    program = (
        "import sys, pathlib\n"
        "from e_learning.core.secret import kept_secret_key\n"
        f"while not pathlib.Path({str(go)!r}).exists(): pass\n"
        f"print(kept_secret_key(pathlib.Path({str(tmp_path / 'secret_key')!r})))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    go.touch()
    keys = {process.communicate(timeout=30)[0].strip() for process in started}

    assert len(keys) == 1
    assert keys == {(tmp_path / "secret_key").read_text()}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["go", "secret_key"]
