"""The worker and beat inside the server process find the work that its rows say is there."""

import json
import subprocess
import sys
from pathlib import Path

from tests import fresh
from tests.core.processes import ROOT, environment

#: A process of its own: worker and beat are of one app, and its queue is the memory of its process.
PROGRAM = """
import json, logging, threading, time
import django
django.setup()
from django.core.management import call_command
from django.utils import timezone
from e_learning.celery import app
from e_learning.core.mail import Letter, queue_mail, writes_mail
from e_learning.core.models import OutgoingMail
from e_learning.embedded import EmbeddedTasks

call_command("migrate", verbosity=0)

@writes_mail("greeting")
def write(row):
    return Letter("Hello", "Hello")

def seconds_until_sent(row):
    started = time.monotonic()
    while OutgoingMail.objects.get(pk=row.pk).state != "sent":
        assert time.monotonic() - started < 20, "it was not sent"
        time.sleep(0.02)
    return time.monotonic() - started

app.conf.beat_schedule = {"sweep-mail": {**app.conf.beat_schedule["sweep-mail"], "schedule": 1.0}}
level = logging.getLogger().level
tasks = EmbeddedTasks()
tasks.start()
woken = seconds_until_sent(queue_mail(kind="greeting", recipient="bilal@demo.school"))
swept = seconds_until_sent(
    OutgoingMail.objects.create(kind="greeting", recipient="asha@demo.school", next_attempt_at=timezone.now())
)
started = time.monotonic()
tasks.stop()
time.sleep(0.2)
print(json.dumps({
    "woken": woken,
    "swept": swept,
    "stopped": time.monotonic() - started,
    "logs as before": logging.getLogger().level == level,
    "still alive": [thread.name for thread in threading.enumerate() if "celery" in thread.name.lower()],
}))
"""


def test_an_embedded_worker_sends_what_was_woken_and_what_was_lost_and_ends_when_told(tmp_path: Path) -> None:
    fresh.lay_database_into(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment(
            DATA_DIR=str(tmp_path), EMAIL_URL="memorymail://", DJANGO_SETTINGS_MODULE="e_learning.settings"
        ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout.splitlines()[-1])
    assert seen["woken"] < 5
    assert seen["swept"] < 10
    assert seen["stopped"] < 10
    assert seen["logs as before"]
    assert seen["still alive"] == []
    assert "Traceback" not in run.stderr
