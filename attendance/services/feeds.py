"""The address of a person's calendar: made, and made anew."""

import secrets

from django.utils import timezone

from accounts.api import User
from attendance.models import CalendarFeed
from attendance.selectors.calendar import calendar_address


def open_calendar(*, user: User) -> str:
    """Return the address of the user's calendar, which the first asking makes; of two at once both get the same."""
    feed, _is_new = CalendarFeed.objects.get_or_create(user=user, defaults={"nonce": _nonce()})
    return calendar_address(feed)


def renew_calendar(*, user: User) -> str:
    """Give the user's calendar another address and return it; the one before opens nothing from now on."""
    values = {"nonce": _nonce(), "made_at": timezone.now()}
    feed, _is_new = CalendarFeed.objects.update_or_create(user=user, defaults=values)
    return calendar_address(feed)


def _nonce() -> str:
    return secrets.token_urlsafe(24)
