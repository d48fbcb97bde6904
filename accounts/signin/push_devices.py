"""Devices that Firebase reaches: registered by the app that is signed in, silent once it is signed out."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from accounts.signin.models import PushDevice, Session
from accounts.users.models import CustomUser
from e_learning.core.api.errors import NotThere

#: An app has one token, and another after it was installed anew. Past so many of one session the oldest go.
MOST_OF_A_SESSION = 5


@dataclass(frozen=True, slots=True)
class LivePushDevice:
    id: int
    user_id: int
    token: str


def register_push_device(*, session: Session, token: str, platform: str) -> PushDevice:
    """Return the device of ``token``, which is this session's from now on, whoever had it: the phone changed hands,
    or the app signed in anew.
    """
    with transaction.atomic():
        device, _is_new = PushDevice.objects.update_or_create(
            digest=hashlib.sha256(token.encode()).hexdigest(),
            defaults={"session": session, "token": token, "platform": platform},
        )
        others = PushDevice.objects.filter(session=session).exclude(pk=device.pk).order_by("-pk")
        kept = others.values_list("pk", flat=True)[: MOST_OF_A_SESSION - 1]
        others.exclude(pk__in=list(kept)).delete()
    return device


def remove_push_device(*, user: CustomUser, device_id: int) -> None:
    """Forget one of the user's own devices, of whichever of their sessions; anybody else's is not there (404)."""
    deleted, _by_model = PushDevice.objects.filter(pk=device_id, session__user=user).delete()
    if not deleted:
        raise NotThere


def push_devices_of(user_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the ids of the devices at which these people are signed in now, by person. One statement."""
    live = PushDevice.objects.filter(session__user__in=user_ids, session__in=Session.objects.live())
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, device_id in live.order_by("pk").values_list("session__user", "pk"):
        found[user_id].append(device_id)
    return found


def live_push_device(device_id: int) -> LivePushDevice | None:
    """Return the device, None once its session has ended in any way or it was forgotten."""
    live = PushDevice.objects.filter(pk=device_id, session__in=Session.objects.live())
    row = live.values_list("pk", "session__user", "token").first()
    return LivePushDevice(*row) if row else None


def forget_push_device(device_id: int, *, token: str) -> None:
    """Forget the device that Firebase knows nothing of any more. ``token`` is the one that was refused."""
    PushDevice.objects.filter(pk=device_id, token=token).delete()
