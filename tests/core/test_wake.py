"""Waking a task never fails the work that is already committed."""

import time

import pytest
from celery import Celery, Task
from django.db import transaction

from e_learning.core.wake import wake_on_commit
from tests.core.processes import settings_with

ran: list[int] = []


def remember(number: int) -> None:
    ran.append(number)


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


def make_task(broker: str, *, at_once: bool) -> "Task[[int], None]":
    app = Celery("wake", broker=broker, set_as_current=False)
    app.conf.task_always_eager = at_once
    return app.task(name="wake.remember")(remember)


@pytest.fixture
def task() -> "Task[[int], None]":
    return make_task("memory://", at_once=True)


@pytest.mark.django_db(transaction=True)
def test_a_task_is_woken_after_the_commit(task: "Task[[int], None]") -> None:
    with transaction.atomic():
        wake_on_commit(task, 7)
        assert ran == []

    assert ran == [7]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_task_is_never_woken(task: "Task[[int], None]") -> None:
    with transaction.atomic():
        wake_on_commit(task, 7)
        transaction.set_rollback(True)

    assert ran == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_is_logged_and_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    task = make_task("redis://127.0.0.1:1/0", at_once=False)
    task.app.conf.broker_transport_options = settings_with(REDIS_URL="redis://127.0.0.1:1/0")[
        "CELERY_BROKER_TRANSPORT_OPTIONS"
    ]
    started = time.monotonic()

    with transaction.atomic():
        wake_on_commit(task, 7)

    assert "could not queue wake.remember" in caplog.text
    assert time.monotonic() - started < 2
