"""Waking a task after the commit, when the queue itself may be down."""

import logging
from typing import Any

from celery import Task
from django.db import transaction

logger = logging.getLogger(__name__)


def wake_on_commit(task: Task, *args: Any, countdown: float = 0) -> None:
    """Ask for ``task(*args)`` once the transaction has committed, ``countdown`` seconds later.

    The row that the task works on is the truth: where the broker does not answer, the wake-up is
    logged and dropped, and the task's sweep finds the row.
    """

    def send() -> None:
        try:
            task.apply_async(args, retry=False, countdown=countdown)
        except Exception:  # kombu raises whatever its transport raises
            logger.warning("could not queue %s; its sweep will find the work", task.name, exc_info=True)

    transaction.on_commit(send)
