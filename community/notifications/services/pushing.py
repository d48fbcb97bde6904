"""Bringing notifications to devices, by Firebase: a row for each device, claimed, sent, tried again."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.api import LivePushDevice, forget_push_device, live_push_device, push_devices_of, settings_of
from community.events import PushesQueued
from community.notifications import firebase
from community.notifications.firebase import FirebaseBusy, FirebaseRefused, TokenGone
from community.notifications.models import Notification, PushDelivery
from community.notifications.selectors import is_push_wanted
from e_learning.core.back_off import pause_after
from e_learning.core.events import publish_on_commit

logger = logging.getLogger(__name__)
State = PushDelivery.State
MOST_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=1)
#: For so long a claimed push is its sender's alone; a sender that died leaves it to the sweep.
CLAIM = timedelta(minutes=2)
#: Nobody wants to be rung up for what happened yesterday.
TOO_OLD = timedelta(hours=12)


def queue_pushes(told: Sequence[Notification]) -> None:
    """Write a row for each live device of these readers, where Firebase is set up at all."""
    if not told or not firebase.is_set_up():
        return
    devices = push_devices_of([row.user_id for row in told])
    now = timezone.now()
    rows = PushDelivery.objects.bulk_create(
        [
            PushDelivery(notification=row, device_id=device_id, next_attempt_at=now)
            for row in told
            for device_id in devices.get(row.user_id, ())
        ]
    )
    if rows:
        publish_on_commit(PushesQueued(tuple(row.pk for row in rows)))


def send_push(*, delivery_id: int) -> State | None:
    """Claim the push, ask again whether it is right, and bring it to Firebase; returns its state, None where another
    sender has it.

    At least once: a sender that dies between Firebase's acceptance and our mark leaves it to be sent again.
    """
    now = timezone.now()
    row = _claimed(delivery_id, now)
    if row is None:
        return None
    _attempt(row, now)
    # Only while the claim is still ours: a sender that outlived it must not queue again what another has sent since.
    ours = PushDelivery.objects.filter(pk=row.pk, state=State.QUEUED, attempts=row.attempts)
    ours.update(
        state=row.state, sent_at=row.sent_at, next_attempt_at=row.next_attempt_at, last_error=row.last_error[:300]
    )
    return State(row.state)


def _claimed(delivery_id: int, now: datetime) -> PushDelivery | None:
    due = PushDelivery.objects.filter(pk=delivery_id, state=State.QUEUED, next_attempt_at__lte=now)
    if not due.update(next_attempt_at=now + CLAIM, attempts=F("attempts") + 1):
        return None
    rows = PushDelivery.objects.select_related("notification__user__settings", "notification__community")
    return rows.get(pk=delivery_id)


def _attempt(row: PushDelivery, now: datetime) -> None:
    device = live_push_device(row.device_id) if row.device_id else None
    # A phone that changed hands is registered under the same token by somebody else: theirs is not to be told.
    if device is None or device.user_id != row.notification.user_id or not _is_right(row.notification, now):
        row.state = State.DROPPED
        return
    try:
        firebase.send(_message(row.notification, device))
    except TokenGone as gone:
        forget_push_device(device.id, token=device.token)
        row.state, row.last_error = State.DROPPED, str(gone)
    except FirebaseRefused as refusal:
        logger.warning("push %s was refused for good: %s", row.pk, refusal)
        row.state, row.last_error = State.FAILED, str(refusal)
    except FirebaseBusy as trouble:
        _put_off(row, trouble)
    else:
        row.state, row.sent_at = State.SENT, timezone.now()


def _is_right(notification: Notification, now: datetime) -> bool:
    return notification.created_at > now - TOO_OLD and is_push_wanted(notification)


def _put_off(row: PushDelivery, trouble: FirebaseBusy) -> None:
    row.last_error = str(trouble)
    if row.attempts >= MOST_ATTEMPTS:
        row.state = State.FAILED
    pause = pause_after(row.attempts, first=FIRST_DELAY, longest=LONGEST_DELAY)
    row.next_attempt_at = timezone.now() + max(pause, min(trouble.retry_after, LONGEST_DELAY))


def _message(notification: Notification, device: LivePushDevice) -> firebase.Message:
    """What Firebase, and whoever looks at a locked screen, gets to read: the kind of news and the community's title.

    No names and no words of people: most of them are children. The app asks us for the rest by the ids.
    """
    with translation.override(settings_of(notification.user).locale):
        kind = str(notification.get_notification_type_display())
        title = _("E-learning: %(what)s") % {"what": kind}
    ids = {"community_id": notification.community_id, "post_id": notification.post_id, "room_id": notification.room_id}
    return firebase.Message(
        token=device.token,
        title=title,
        body=notification.community.title if notification.community else "",
        data={
            "notification_id": str(notification.pk),
            "notification_type": notification.notification_type,
            **{name: str(value) for name, value in ids.items() if value is not None},
        },
        lives_for=TOO_OLD,
    )


def due_push_ids(*, most: int = 500) -> list[int]:
    """Return ids of pushes that should have been sent by now, oldest first."""
    due = PushDelivery.objects.filter(state=State.QUEUED, next_attempt_at__lte=timezone.now())
    return list(due.order_by("next_attempt_at", "id").values_list("id", flat=True)[:most])


def try_pushes_again(*, delivery_ids: Iterable[int]) -> int:
    """Queue those of these that failed or wait out a back-off, for the sweep to send at once; returns how many."""
    waiting = PushDelivery.objects.filter(pk__in=delivery_ids, state__in=(State.FAILED, State.QUEUED))
    return waiting.update(state=State.QUEUED, attempts=0, next_attempt_at=timezone.now())
