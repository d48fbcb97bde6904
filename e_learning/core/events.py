"""Facts told upwards after the commit.

A lower app announces what happened, whoever is above listens; money and enrolment never travel
this way, because an event may be lost with the process that carried it.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction

logger = logging.getLogger(__name__)
Event = TypeVar("Event")
_listeners: dict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)


def listens_to(event_type: type[Event]) -> Callable[[Callable[[Event], None]], Callable[[Event], None]]:
    """Register the decorated function for ``event_type``. Used in an app's ``receivers.py``, once at start-up."""

    def register(listener: Callable[[Event], None]) -> Callable[[Event], None]:
        _listeners[event_type].append(listener)
        return listener

    return register


def publish_on_commit(event: object) -> None:
    """Tell every listener of the event's type once the transaction in hand has committed, or now if there is none.

    This is the only place that hands events to ``on_commit``. A listener that fails is logged and
    hurts neither the writer nor the other listeners.
    """
    transaction.on_commit(lambda: _tell(event))


def _tell(event: object) -> None:
    for listener in _listeners[type(event)]:
        try:
            listener(event)
        except Exception:  # a listener's fault must not reach the writer, whose work is committed
            logger.exception("listener %s failed on %s", listener.__qualname__, type(event).__name__)
