"""One server process for ``test_at_once``: it answers rounds of requests, so many at a time, setting off together.

    python -m tests.payments.at_once <threads> [<guard to remove>]

A line of JSON in (requests: path, body, headers) gives a line out (statuses). Tasks run in place after
the commit, as a worker beside the server would, only sooner. The database and the gateway are given by the environment.
"""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from threading import Barrier
from typing import Any
from unittest.mock import patch

import django

Request = dict[str, Any]


def serve(threads: int) -> None:
    from django.test import Client

    from e_learning.celery import app

    app.conf.task_always_eager = True
    barrier = Barrier(threads)

    def answer(requests: list[Request]) -> list[int]:
        client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
        barrier.wait(timeout=60)
        return [
            client.post(one["path"], one["body"], content_type="application/json", headers=one["headers"]).status_code
            for one in requests
        ]

    # What else is printed, mails among it, must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(words: Any) -> None:
        answers.write(json.dumps(words) + "\n")
        answers.flush()

    with ThreadPoolExecutor(threads) as pool:
        say("ready")
        for line in sys.stdin:
            requests = json.loads(line)
            shares = [requests[thread::threads] for thread in range(threads)]
            say([status for answered in pool.map(answer, shares) for status in answered])


def attempts_are_not_recognised() -> ExitStack:
    """Every telling of a payment is taken for a new attempt at paying."""
    from payments.orders.services import settling

    numbers = count(os.getpid() * 1000)
    real = settling._Settling

    def anew(payment: Any, known: Any, told: Any, at: Any, signature: str) -> Any:
        return real(payment, None, replace(told, id=f"{told.id}-{next(numbers)}"), at, signature)

    guardless = ExitStack()
    guardless.enter_context(patch.object(settling, "_Settling", anew))
    return guardless


WITHOUT: dict[str, Callable[[], ExitStack]] = {"": ExitStack, "attempts": attempts_are_not_recognised}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")
    django.setup()
    with WITHOUT[(sys.argv[2:] or [""])[0]]():
        serve(int(sys.argv[1]))
