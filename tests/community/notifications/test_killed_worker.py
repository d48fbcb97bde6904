"""A worker that is killed again and again while it mails: every notification arrives, and what arrives twice is known
by its Message-ID.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from celery import Celery
from django.db import connection
from django.utils import timezone

from accounts.models import CustomUser, UserSettings
from community.models import Notification
from e_learning.core.models import OutgoingMail
from tests.core.stand_ins import free_port
from tests.flows.platform import ROOT
from tests.payments.processes import database_url
from tests.thorough import in_storms

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1500)]
KILLS = in_storms(50, few=3)
PEOPLE = in_storms(500, few=45)
#: Mails that one worker has in hand at the same moment.
THREADS = 4
AT_ONCE = PEOPLE // (KILLS + 1)


class Sink:
    """A mail server that accepts everything, a little later, and keeps who got which Message-ID."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        lines = envelope.content.decode(errors="replace").splitlines()
        message_id = next(line for line in lines if line.lower().startswith("message-id:"))
        self.got.append((envelope.rcpt_tos[0], message_id))
        return "250 accepted"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    kept, port = Sink(), free_port()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    yield kept, port
    server.stop()


@pytest.fixture
def broker() -> Iterator[str]:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server to run the queue")
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        yield f"redis://127.0.0.1:{port}/0"
        process.terminate()


@contextmanager
def worker(broker: str, smtp_port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A Celery worker on the test's database; killed with -9 at the end, if it lives."""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker,
        "CELERY_BROKER_URL": broker,
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
        "ENV_FILE": os.devnull,
        "PROCESS_KIND": "worker",
    }
    command = [sys.executable, "-m", "celery", "-A", "e_learning", "worker", "--pool", "threads"]
    options = ["--concurrency", str(THREADS), "--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    process = subprocess.Popen([*command, *options], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def everybody_waits_for_mail() -> list[int]:
    """Make so many people, each with one notification that wants to be mailed at once; returns their ids."""
    people = CustomUser.objects.bulk_create(
        [
            CustomUser(email=f"learner{number}@demo.school", username=f"learner{number}", password="!")
            for number in range(PEOPLE)
        ]
    )
    UserSettings.objects.bulk_create([UserSettings(user=one, email_digest="instant") for one in people])
    Notification.objects.bulk_create(
        [
            Notification(user=one, notification_type="system", title="News", key="news", waits_for_mail=True)
            for one in people
        ]
    )
    return [one.pk for one in people]


def wake(queue: Celery, people: list[int]) -> None:
    """Do what the sweeps do twice a minute; and let the claims of the killed run out, which takes two minutes."""
    OutgoingMail.objects.filter(state="queued").update(next_attempt_at=timezone.now())
    queue.send_task("community.mail_people", [people])
    queue.send_task("core.sweep_mail")


def wait_for(sink: Sink, number: int, *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while len({who for who, _message_id in sink.got}) < number and time.monotonic() < until:
        time.sleep(0.005)


def test_killed_again_and_again_it_loses_nothing(sink: tuple[Sink, int], broker: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("a worker of its own needs PostgreSQL beside it")
    kept, port = sink
    people, queue = everybody_waits_for_mail(), Celery(broker=broker, set_as_current=False)
    for number in range(1, KILLS + 1):
        with worker(broker, port):
            wake(queue, people)
            wait_for(kept, AT_ONCE * number, seconds=30)
    with worker(broker, port):
        until = time.monotonic() + 60
        while OutgoingMail.objects.filter(state="sent").count() < PEOPLE and time.monotonic() < until:
            wake(queue, people)
            time.sleep(1)

    times_sent = Counter(kept.got)
    twice = sum(times_sent.values()) - PEOPLE
    print(f"{KILLS} kills, {PEOPLE} notifications, {twice} mails sent twice")  # noqa: T201 - a figure that is reported
    assert len({who for who, _message_id in times_sent}) == PEOPLE  # nobody was forgotten
    assert len(times_sent) == PEOPLE  # and each has one Message-ID, however often it came
    assert twice <= KILLS * THREADS  # what a killed worker had in hand, accepted and not yet marked
    assert OutgoingMail.objects.count() == OutgoingMail.objects.filter(state="sent").count() == PEOPLE
    assert not Notification.objects.filter(waits_for_mail=True).exists()
