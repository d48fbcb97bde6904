"""What a person's calendar holds, and whose an address is."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.api import User
from attendance.calendars import calendar_file
from attendance.models import CalendarFeed, LiveSession
from courses.api import ids_of_courses_taken_or_taught
from e_learning.core.api.errors import NotThere

#: A calendar goes back for so long.
LOOKS_BACK = timedelta(days=90)
_signer = Signer(salt="attendance.calendar", sep=".")
_SHOWN = ("title", "starts_at", "ends_at", "state", "recurs_at", "latitude", "longitude", "sequence", "updated_at")
_SERIES = ("rrule", "timezone", "starts_at", "exceptions", "expanded_until")


def calendar_address(feed: CalendarFeed) -> str:
    """Return the address under which the feed is to be had without a sign-in."""
    return f"{settings.PUBLIC_URL}/api/attendance/calendar.ics?token={_signer.sign(f'{feed.user_id}.{feed.nonce}')}"


def calendar_of(token: str, *, now: datetime | None = None) -> bytes:
    """Return the calendar file that ``token`` opens, in two statements.

    Refuses: 404 for what is no token, for one that was replaced, and for that of a closed account.
    """
    user, language = _owner_of(token)
    with translation.override(language or settings.LANGUAGE_CODE):
        name = _("My classes")
    sessions = calendar_sessions(user, since=(now or timezone.now()) - LOOKS_BACK)
    return calendar_file(sessions, name=name, host=urlsplit(settings.PUBLIC_URL).hostname or "localhost")


def _owner_of(token: str) -> tuple[User, str | None]:
    """Return whose calendar it is, and their language where they chose one."""
    try:
        user_id, _dot, nonce = _signer.unsign(token).partition(".")
    except BadSignature:
        raise NotThere from None
    feeds = CalendarFeed.objects.filter(user=int(user_id), nonce=nonce, user__is_active=True)
    feed = feeds.select_related("user").annotate(language=F("user__settings__locale")).first()
    if feed is None:
        raise NotThere
    return feed.user, feed.language


def calendar_sessions(user: User, *, since: datetime) -> list[LiveSession]:
    """Return the sessions of the courses that ``user`` takes or teaches, from ``since`` on, by their start.

    A series of which one session is among them comes whole: its rule says nothing of the days that were cancelled.
    """
    theirs = LiveSession.objects.filter(course__in=ids_of_courses_taken_or_taught(user))
    recent = theirs.filter(starts_at__gte=since)
    rows = theirs.filter(Q(starts_at__gte=since) | Q(series__in=recent.order_by().values("series")))
    fields = (*_SHOWN, "course__title", *[f"series__{name}" for name in _SERIES])
    return list(rows.select_related("course", "series").only(*fields).order_by("starts_at", "id"))
