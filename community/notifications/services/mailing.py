"""One mail for everything that gathered: at once or once a day, as its reader chose."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef
from django.utils import translation

from community.events import MailAwaited
from community.notifications.models import MailTurn, Notification
from e_learning.core.events import publish_on_commit
from e_learning.core.mail import queue_mail
from e_learning.core.models import OutgoingMail

#: The kind of ``OutgoingMail``.
NEWS = "notifications"


class Waiting(NamedTuple):
    """Somebody with notifications that no mail has carried yet."""

    user_id: int
    oldest_at: datetime
    timezone: str
    digest: str | None
    last_mail_at: datetime | None
    address: str
    language: str | None


def mail_soon(user_ids: Sequence[int]) -> None:
    if user_ids:
        publish_on_commit(MailAwaited(tuple(user_ids)))


def mail_people(*, at: datetime, user_ids: Collection[int] | None = None) -> int:
    """Queue for each of these (None: for everybody) the one mail that is due to them, if it is; returns how many.

    Whether it is due follows from the settings as they are now, so the sweep looks at all who wait; they are few beside
    all people, and their index holds nobody else.
    """
    return sum(_mail(one, at) for one in _waiting(user_ids) if _is_due(one, at))


def _waiting(user_ids: Collection[int] | None = None) -> list[Waiting]:
    """Whose mail is still on its way is left out: what comes meanwhile goes into the next."""
    rows = Notification.objects.filter(waits_for_mail=True)
    if user_ids is not None:
        rows = rows.filter(user__in=user_ids)
    on_its_way = Notification.objects.filter(user=OuterRef("user"), mail__state=OutgoingMail.State.QUEUED)
    found = rows.filter(~Exists(on_its_way)).order_by("user").values_list("user").annotate(Min("created_at"))
    person = ("timezone", "settings__email_digest", "mail_turn__taken_at", "email", "settings__locale")
    return [Waiting._make(row) for row in found.values_list("user", "created_at__min", *[f"user__{a}" for a in person])]


def _is_due(one: Waiting, at: datetime) -> bool:
    """A digest is due from ``DIGEST_HOUR`` on for what came before, once a day; a mail at once after the last's pause.

    Whoever switched the digest off is due too: what waits for it is let go.
    """
    if one.digest != "daily" and one.digest is not None:
        pause = timedelta(minutes=settings.INSTANT_MAIL_MINUTES)
        return one.last_mail_at is None or one.last_mail_at <= at - pause
    hour = _last_digest_hour(one.timezone, at)
    return one.oldest_at <= hour and (one.last_mail_at is None or one.last_mail_at < hour)


def _last_digest_hour(zone: str, at: datetime) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    hour = local.replace(hour=settings.DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return hour if hour <= local else hour - timedelta(days=1)


def _mail(one: Waiting, at: datetime) -> bool:
    """Take the person's turn and give the mail all that waits, in one transaction; False where there was no turn or
    nothing to carry. The mail's content is settled here: however often it is tried, it carries the same rows.
    """
    with transaction.atomic():
        waiting = Notification.objects.filter(user=one.user_id, waits_for_mail=True)
        if not _take_turn(one, at):
            return False
        with translation.override(one.language or settings.LANGUAGE_CODE):
            mail = queue_mail(kind=NEWS, recipient=one.address, context={"user_id": one.user_id})
        if not waiting.update(waits_for_mail=False, mail=mail):
            transaction.set_rollback(True)
            return False
    return True


def _take_turn(one: Waiting, at: datetime) -> bool:
    """Move the turn on from where it was when this mail was found due: of several at once one succeeds."""
    turn, is_new = MailTurn.objects.get_or_create(user_id=one.user_id, defaults={"taken_at": at})
    if is_new:
        return True
    if one.last_mail_at is None:
        return False
    return bool(MailTurn.objects.filter(pk=turn.pk, taken_at=one.last_mail_at).update(taken_at=at))
