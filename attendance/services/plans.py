"""What a session may be, and sessions like another: common to planning and changing."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from attendance.events import ClassCancelled, ClassMoved
from attendance.models import LiveSession, SessionSeries
from attendance.timing import Times
from courses.api import is_content_of
from e_learning.core.api.errors import Conflict, InvalidInput
from e_learning.core.events import publish_on_commit

_COPIED = (
    "title",
    "kind",
    "mode",
    "meeting_url",
    "linked_content_id",
    "minimum_minutes",
    "minimum_percent",
)
_PLACE = ("latitude", "longitude", "radius_m")
#: Of these learners are told: when it is, and where.
_NEWS = {"starts_at", "ends_at", "mode", *_PLACE}
_is_web_address = URLValidator(schemes=["http", "https"])


class CourseArchived(Conflict):
    code = "course_archived"
    message = _("This course is archived: no sessions are planned in it.")


class ForeignContent(InvalidInput):
    code = "foreign_content"
    message = _("This is no content of the course.")


class BadMeetingAddress(InvalidInput):
    code = "bad_meeting_url"
    message = _("A meeting's address begins with http:// or https:// and holds no password.")


class AlreadyAttended(Conflict):
    code = "already_attended"
    message = _("Somebody has attended this session: its start stays.")


class AlreadyHeld(Conflict):
    code = "already_held"
    message = _("This session was held: it can't be cancelled any more.")


def columns_of(values: Mapping[str, Any], course_id: int) -> dict[str, Any]:
    """Return the columns that ``values`` name, times aside. Refuses: 400 for what can't be in them."""
    columns = {name: values[name] for name in _COPIED if name in values}
    if "location" in values:
        columns |= dict.fromkeys(_PLACE) | (values["location"] or {})
    if columns.get("meeting_url"):
        _refuse_address(columns["meeting_url"])
    content_id = columns.get("linked_content_id")
    if content_id is not None and not is_content_of(content_id, course_id):
        raise ForeignContent(attr="linked_content_id")
    return columns


def _refuse_address(address: str) -> None:
    try:
        _is_web_address(address)
        parts = urlsplit(address)
    except (ValidationError, ValueError) as error:
        raise BadMeetingAddress(attr="meeting_url") from error
    if parts.username is not None or parts.password is not None:
        raise BadMeetingAddress(attr="meeting_url")


def like(session: LiveSession, times: Times, starts_at: datetime, series: SessionSeries) -> LiveSession:
    """Return an unsaved session of ``series`` at ``starts_at``, in all else the same as ``session``."""
    copied = {name: getattr(session, name) for name in (*_COPIED, *_PLACE, "course_id", "created_by_id")}
    return LiveSession(series=series, recurs_at=starts_at, **copied, **times.at(starts_at))


def zone_in(values: Mapping[str, Any]) -> ZoneInfo | None:
    """Return the zone that ``values`` name, None where they name none."""
    return ZoneInfo(values["timezone"]) if values.get("timezone") else None


def told_apart(session: LiveSession, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of ``columns`` in which the session is another."""
    return {name: value for name, value in columns.items() if getattr(session, name) != value}


def is_news(changed: Iterable[str]) -> bool:
    """Say whether learners have to hear that these columns changed."""
    return not _NEWS.isdisjoint(changed)


def tell_moved(session: LiveSession, *, and_following: bool = False) -> None:
    event = ClassMoved(
        session_id=session.pk,
        course_id=session.course_id,
        title=session.title,
        starts_at=session.starts_at,
        sequence=session.sequence,
        and_following=and_following,
    )
    publish_on_commit(event)


def tell_cancelled(session: LiveSession, *, and_following: bool = False) -> None:
    event = ClassCancelled(
        session_id=session.pk,
        course_id=session.course_id,
        title=session.title,
        starts_at=session.starts_at,
        reason=session.cancel_reason,
        and_following=and_following,
    )
    publish_on_commit(event)
