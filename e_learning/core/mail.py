"""Mail as rows: queued with what caused it, rendered and sent by a task, tried again with back-off.

Apps register how each kind is written (``writes_mail``); this module knows no app.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formatdate
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.utils import timezone, translation

from e_learning.core.back_off import pause_after
from e_learning.core.models import OutgoingMail

logger = logging.getLogger(__name__)
MOST_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=30)
#: No pause is longer, whatever becomes of ``MOST_ATTEMPTS``.
LONGEST_DELAY = timedelta(hours=2)
#: For so long a claimed mail is its sender's alone; a sender that died leaves it to the sweep.
CLAIM = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


Writer = Callable[[OutgoingMail], Letter | None]
_writers: dict[str, Writer] = {}


def writes_mail(kind: str) -> Callable[[Writer], Writer]:
    """Register the decorated function as the writer of ``kind``; it returns None where nobody should get it."""

    def register(writer: Writer) -> Writer:
        _writers[kind] = writer
        return writer

    return register


def queue_mail(*, kind: str, recipient: str, context: dict[str, object] | None = None) -> OutgoingMail:
    """Write the row, in the caller's transaction, and wake the sender after the commit."""
    from e_learning.core.tasks import deliver_mail
    from e_learning.core.wake import wake_on_commit

    mail = OutgoingMail.objects.create(
        kind=kind,
        recipient=recipient,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        context=context or {},
        next_attempt_at=timezone.now(),
    )
    wake_on_commit(deliver_mail, mail.pk)
    return mail


def send_queued_mail(mail_id: int) -> OutgoingMail.State | None:
    """Claim the mail, render it and hand it to the mail server; returns its state, None where another has it.

    The claim is one conditional update that moves ``next_attempt_at`` ahead, so two senders never
    hold the same mail, and one that was killed gives it up after ``CLAIM``.
    """
    now = timezone.now()
    due = OutgoingMail.objects.filter(pk=mail_id, state=OutgoingMail.State.QUEUED, next_attempt_at__lte=now)
    if not due.update(next_attempt_at=now + CLAIM, attempts=models.F("attempts") + 1):
        return None
    mail = OutgoingMail.objects.get(pk=mail_id)
    try:
        mail.state = _send(mail)
        mail.sent_at = timezone.now() if mail.state == OutgoingMail.State.SENT else None
    except Exception as error:  # a mail server fails in many ways; the row keeps the last one
        logger.warning("mail %s failed (attempt %s)", mail.pk, mail.attempts, exc_info=True)
        _put_off(mail, error)
    # Only while the claim is still ours: a sender that outlived it must not queue again what another has sent since.
    OutgoingMail.objects.filter(pk=mail.pk, state=OutgoingMail.State.QUEUED, attempts=mail.attempts).update(
        state=mail.state, sent_at=mail.sent_at, next_attempt_at=mail.next_attempt_at, last_error=mail.last_error
    )
    return OutgoingMail.State(mail.state)


def _send(mail: OutgoingMail) -> OutgoingMail.State:
    with translation.override(mail.language):
        letter = _writers[mail.kind](mail)
        if letter is None:
            return OutgoingMail.State.DROPPED
        domain = urlsplit(settings.PUBLIC_URL).hostname
        headers = {"Message-ID": f"<mail-{mail.pk}@{domain}>", "Date": formatdate(mail.created_at.timestamp())}
        EmailMessage(letter.subject, letter.body, to=[mail.recipient], headers=headers).send()
    return OutgoingMail.State.SENT


def _put_off(mail: OutgoingMail, error: Exception) -> None:
    mail.last_error = f"{type(error).__name__}: {error}"[:300]
    if mail.attempts >= MOST_ATTEMPTS:
        mail.state = OutgoingMail.State.FAILED
    pause = pause_after(mail.attempts, first=FIRST_DELAY, longest=LONGEST_DELAY)
    mail.next_attempt_at = timezone.now() + pause


def try_again(*, mail_ids: Iterable[int]) -> int:
    """Queue those of these mails that failed or wait out a back-off, for the sweep to send at once; returns how many.

    Sent and dropped ones stay: sending a mail twice is nobody's wish.
    """
    waiting = (OutgoingMail.State.FAILED, OutgoingMail.State.QUEUED)
    chosen = OutgoingMail.objects.filter(pk__in=mail_ids, state__in=waiting)
    return chosen.update(state=OutgoingMail.State.QUEUED, attempts=0, next_attempt_at=timezone.now())


def due_mail_ids(*, most: int = 200) -> list[int]:
    """Return ids of mail that should have been sent by now, oldest first."""
    due = OutgoingMail.objects.filter(state=OutgoingMail.State.QUEUED, next_attempt_at__lte=timezone.now())
    return list(due.order_by("next_attempt_at", "id").values_list("id", flat=True)[:most])
