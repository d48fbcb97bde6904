"""The Celery worker and beat as threads of the server process, for the embedded default.

The queue is this process's memory, so it is lost when the process ends. That is by design: every
job that matters is a row, and the sweeps in the beat schedule find it again.
"""

import logging
import threading
import warnings
from typing import Any

from celery.apps.worker import Worker
from celery.beat import EmbeddedService
from celery.exceptions import SecurityWarning

from e_learning.celery import app

logger = logging.getLogger(__name__)
_CONCURRENCY = 4


class EmbeddedTasks:
    """Worker and beat of one server process. ``start`` returns at once; ``stop`` waits until both have ended."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # Celery warns of a worker that runs as root; this one is the server process itself, whoever runs that.
            warnings.simplefilter("ignore", SecurityWarning)
            self._worker = Worker(
                app=app,
                pool="threads",
                concurrency=_CONCURRENCY,
                loglevel="WARNING",
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
                quiet=True,
            )
        self._worker_thread = threading.Thread(target=self._work, name="celery-worker", daemon=True)
        self._beat: Any = EmbeddedService(app, max_interval=1, thread=True, scheduler_cls="celery.beat:Scheduler")

    def start(self) -> None:
        self._worker_thread.start()
        self._beat.daemon = True
        self._beat.start()

    def stop(self) -> None:
        self._beat.stop()
        self._worker.stop()
        self._worker_thread.join(timeout=10)

    def _work(self) -> None:
        try:
            self._worker.start()
        except Exception:  # the server must go on; without the worker, work waits in its rows
            logger.exception("the embedded worker ended")
