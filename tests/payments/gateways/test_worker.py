"""A worker as somebody starts it: with half a key it would put off every refund in silence."""

import os
import subprocess
import sys
from pathlib import Path


def test_worker_does_not_start_with_half_a_key(tmp_path: Path) -> None:
    broken = {"ENV_FILE": os.devnull, "DATA_DIR": str(tmp_path), "RAZORPAY_KEY_ID": "rzp_test_half"}
    started = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "e_learning", "worker", "--pool", "solo"],
        env={**os.environ, **broken, "CELERY_BROKER_URL": "memory://"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 1
    assert "payments.E001" in started.stderr
