"""Tickets: what a page signs a socket in with, where it can send no header."""

import hashlib
import secrets
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.signin.models import Session, SocketTicket
from e_learning.core.api.tokens import AccessClaims

TICKET_SECONDS = 30
_LONGEST_TICKET = 64


def issue_ticket(*, session: Session) -> str:
    """Return a ticket that opens one socket for ``session`` within ``TICKET_SECONDS``. Only its digest is kept."""
    ticket = secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(seconds=TICKET_SECONDS)
    SocketTicket.objects.create(digest=_digest(ticket), session=session, expires_at=expires_at)
    return ticket


def redeem_ticket(ticket: str) -> AccessClaims | None:
    """Use a ticket up and return what it stands for; None for one unknown, used, too old, or of an ended session.

    Deleting the row is the use: of two at once one finds it there. The socket may stay as long as one
    that came with an access token issued now.
    """
    if len(ticket) > _LONGEST_TICKET:
        return None
    with transaction.atomic():
        good = SocketTicket.objects.filter(digest=_digest(ticket), expires_at__gt=timezone.now())
        found = good.values_list("pk", "session_id", "session__user_id").first()
        if found is None or not _use_up(found[0]):
            return None
        if not Session.objects.live().filter(pk=found[1]).exists():
            return None
    return AccessClaims(found[2], found[1], int(time.time()) + settings.ACCESS_TOKEN_SECONDS)


def _use_up(ticket_id: int) -> bool:
    """Delete the row; False where somebody else just did."""
    return SocketTicket.objects.filter(pk=ticket_id).delete()[0] == 1


def forget_unused_tickets(*, now: datetime) -> int:
    """Delete tickets that nobody came with in time; returns how many."""
    return SocketTicket.objects.filter(expires_at__lte=now).delete()[0]


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
