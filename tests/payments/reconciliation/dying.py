"""A process that works on the tests' database and dies in the middle, by SIGKILL, as by a power cut.

    python -m tests.payments.reconciliation.dying <point> <what it takes, as JSON>

Where it dies is planted here, by putting the end in the place of a function; the code knows nothing of it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn
from unittest.mock import patch

import django


def die(*_args: Any, **_kwargs: Any) -> NoReturn:
    """End this process without a goodbye: nothing is rolled back, closed or told."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def order_made(*, user: int, course: int) -> None:
    """The gateway has made the order; its id is not written yet."""
    from accounts.models import CustomUser
    from payments.orders.services import create_order

    with patch("payments.orders.services.calling._keep", die):
        create_order(user=CustomUser.objects.get(pk=user), course_id=course)


def captured(*, user: int, checkout: dict[str, str]) -> None:
    """Everything that a capture brings is written, and not committed."""
    with patch("payments.orders.services.capturing.publish_on_commit", die):
        _verify(user, checkout)


def committed(*, user: int, checkout: dict[str, str]) -> None:
    """The capture is committed; nobody was woken or told."""
    with patch("celery.app.task.Task.apply_async", die), patch("e_learning.core.events._tell", die):
        _verify(user, checkout)


def _verify(user: int, checkout: dict[str, str]) -> None:
    from accounts.models import CustomUser
    from payments.orders.services import verify_payment

    verify_payment(user=CustomUser.objects.get(pk=user), **checkout)


def refund_posted(*, refund: int) -> None:
    """The gateway has taken the refund; its answer is not written yet."""
    from payments.refunds.services import send_refund

    with patch("payments.refunds.services.sending.settle_refund", die):
        send_refund(refund_id=refund)


def webhook_answered(*, body: str, signature: str, event: str) -> None:
    """The event was answered with 200 and is kept; whoever claimed it dies over it."""
    from django.test import Client

    from payments.webhooks.services import process_event

    headers = {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": event}
    answer = Client(SERVER_NAME="127.0.0.1").post(
        "/api/payments/webhooks/razorpay/", body, content_type="application/json", headers=headers
    )
    assert answer.status_code == 200, answer.content
    with patch("payments.webhooks.services.processing.handle", die):
        process_event(event_id=event)


def reconciling() -> None:
    """The pass has mended the first payment, and is about to commit the second."""
    from django.utils import timezone

    from e_learning.core.events import publish_on_commit
    from payments.reconciliation.services import reconcile

    told: list[object] = []

    def tell_the_first(event: object) -> None:
        if told:
            die()
        told.append(event)
        publish_on_commit(event)

    with patch("payments.orders.services.capturing.publish_on_commit", tell_the_first):
        reconcile(now=timezone.now())


POINTS: dict[str, Callable[..., None]] = {
    point.__name__: point for point in (order_made, captured, committed, refund_posted, webhook_answered, reconciling)
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "e_learning.settings")
    django.setup()
    POINTS[sys.argv[1]](**json.loads(sys.argv[2]))
