"""Working off the inbox: claim, read, hand on, write down what became of it.

What an event changes and what is written of it are one transaction: an event has acted exactly when its row
says so. An event that can't be worked off is never lost, only put off.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from e_learning.core.back_off import pause_after
from payments.webhooks.models import WebhookEvent
from payments.webhooks.services.handlers import Outcome, handle

logger = logging.getLogger(__name__)
_State = WebhookEvent.State
WAITING = (_State.RECEIVED, _State.PARKED)
#: For so long a claimed event is its worker's alone; a worker that died leaves it to the sweep.
CLAIM = timedelta(minutes=2)
_pause_after = partial(pause_after, first=timedelta(seconds=30), longest=timedelta(hours=1))
#: Razorpay itself follows a payment for so long; the reconciler asks about what is missing then.
PARKED_FOR = timedelta(days=3)


def process_event(*, event_id: str, now: datetime | None = None) -> WebhookEvent.State | None:
    """Claim the event and work it off; returns its state, None where another has it, or it is not due or done.

    The claim is one conditional update that moves ``next_attempt_at`` ahead and counts the try.
    """
    now = now or timezone.now()
    claimed = WebhookEvent.objects.filter(due(now), event_id=event_id)
    if not claimed.update(next_attempt_at=now + CLAIM, attempts=F("attempts") + 1):
        return None
    event = WebhookEvent.objects.get(event_id=event_id)
    try:
        return _work_off(event, now)
    except Exception:  # whatever it is, the event waits for its next try and the others for nothing
        logger.exception("webhook event %s (%s) failed, try %s", event.event_id, event.event, event.attempts)
        _put_off(event, now)
        return _State(event.state)


@transaction.atomic
def _work_off(event: WebhookEvent, now: datetime) -> WebhookEvent.State | None:
    outcome = handle(event, now)
    if outcome.state == _State.PARKED and now >= event.received_at + PARKED_FOR:
        outcome = Outcome(_State.IGNORED, f"given up: {outcome.note}")
    is_parked = outcome.state == _State.PARKED
    # A worker that outlived its claim takes back what it did: another one has done it, or does.
    if not WebhookEvent.objects.filter(held(event)).update(
        state=outcome.state,
        note=outcome.note[:200],
        processed_at=None if is_parked else now,
        next_attempt_at=now + _pause_after(event.attempts),
    ):
        transaction.set_rollback(True)
        return None
    if outcome.state == _State.REFUSED:
        logger.warning("webhook event %s (%s) refused: %s", event.event_id, event.event, outcome.note)
    return outcome.state


def _put_off(event: WebhookEvent, now: datetime) -> None:
    waits = {"note": "failed; the log says why", "next_attempt_at": now + _pause_after(event.attempts)}
    WebhookEvent.objects.filter(held(event)).update(**waits)


def due(now: datetime) -> Q:
    return Q(state__in=WAITING, next_attempt_at__lte=now)


def held(event: WebhookEvent) -> Q:
    """Its claim is still the one under which it was read: each claim counts a try."""
    return Q(pk=event.pk, state__in=WAITING, attempts=event.attempts)


def due_event_ids(*, now: datetime | None = None, most: int = 200) -> list[str]:
    """Return ids of events that should have been worked off by now, the longest due first."""
    waiting = WebhookEvent.objects.filter(due(now or timezone.now()))
    return list(waiting.order_by("next_attempt_at", "id").values_list("event_id", flat=True)[:most])


def try_events_again(*, event_pks: Iterable[int], now: datetime | None = None) -> int:
    """Let the sweep work off those of these events that changed nothing so far; returns how many.

    Also refused, ignored and parked ones: what they told of may be known by now. One that came more than three
    days ago gets this one try. Processed ones stay.
    """
    now = now or timezone.now()
    chosen = WebhookEvent.objects.filter(pk__in=event_pks).exclude(state=_State.PROCESSED)
    return chosen.update(state=_State.RECEIVED, processed_at=None, next_attempt_at=now)
