"""Sessions planned, changed and cancelled, one or with all that recur after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.access import SessionCancelled, course_owned_by, session_owned_by
from attendance.models import AttendanceEvent, LiveSession
from attendance.recurrence import BadRecurrence, recurrence_of
from attendance.selectors.policies import policy_of, zone_of
from attendance.selectors.sessions import attended_among
from attendance.services.following import cancel_following, change_following
from attendance.services.keeping import refold_session
from attendance.services.plans import (
    AlreadyAttended,
    AlreadyHeld,
    CourseArchived,
    columns_of,
    is_news,
    tell_cancelled,
    tell_moved,
    told_apart,
    zone_in,
)
from attendance.services.recurring import start_series
from attendance.timing import Times, distances, refuse_far
from e_learning.core.api.errors import NotThere


class Scope(models.TextChoices):
    """Which sessions of a series are meant."""

    THIS = "this", _("this one")
    FOLLOWING = "following", _("this one and all that follow")


@transaction.atomic
def plan_session(*, owner: User, course_id: int, values: Mapping[str, Any]) -> LiveSession:
    """Plan a session, or with a ``recurrence`` all of a series, and return the first.

    ``values`` as in the API: ``title``, ``mode``, ``starts_at``, ``ends_at``, and what else is given. Times that are
    not given come from the course's policy, and so do the minimums; check-in never closes before coming counts as late.
    Refuses: 404 and 403 ``owners_only`` as ``course_owned_by``, 409 ``course_archived``, and 400: ``bad_times``,
    ``bad_recurrence``, ``bad_meeting_url``, ``foreign_content``, each under the name of its field.
    """
    course = course_owned_by(owner, course_id)
    if course.archived_at is not None:
        raise CourseArchived
    policy, start = policy_of(course_id), values["starts_at"]
    refuse_far(start, timezone.now())
    times = Times.planned(values, policy)
    times.refuse_disorder()
    minimums = {"minimum_minutes": policy.minimum_minutes, "minimum_percent": policy.minimum_percent}
    columns = minimums | columns_of(values, course_id)
    first = LiveSession(course_id=course_id, created_by=owner, **columns, **times.at(start))
    if values.get("recurrence"):
        zone = zone_in(values) or zone_of(policy, course)
        recurrence = recurrence_of(values["recurrence"], start, zone)
        return start_series(first, recurrence, left_out=values.get("exceptions"))
    if values.get("exceptions"):
        raise BadRecurrence(_("What doesn't recur has no exceptions."), attr="exceptions")
    first.save()
    return first


@transaction.atomic
def change_session(*, owner: User, session_id: int, values: Mapping[str, Any], scope: str = Scope.THIS) -> LiveSession:
    """Change what ``values`` name and return the session; with ``Scope.FOLLOWING`` all that follow in its series too.

    A session that gets another start takes its other times along, unless they are given. A ``recurrence`` is taken
    with ``FOLLOWING``, or for a session that has no series. Refuses: 404, 403 ``owners_only``; 409
    ``session_cancelled``, and ``already_attended`` for another start of a session that somebody has attended; 400 as
    ``plan_session``. What is the same already changes nothing and tells nobody.
    """
    session, values = session_owned_by(owner, session_id), dict(values)
    rule = values.pop("recurrence", None)
    if session.series_id is not None and rule and scope != Scope.FOLLOWING:
        raise BadRecurrence(_("Another rule is for this session and all that follow."))
    if rule and session.course.archived_at is not None:
        raise CourseArchived
    if values.get("exceptions") and not rule:
        raise BadRecurrence(_("Exceptions come with a rule."), attr="exceptions")
    if rule or (session.series_id is not None and scope == Scope.FOLLOWING):
        return change_following(session, values, rule=rule, now=timezone.now())
    return _change_one(session, values, timezone.now())


@transaction.atomic
def cancel_session(*, owner: User, session_id: int, scope: str = Scope.THIS, reason: str = "") -> None:
    """Cancel the session; with ``Scope.FOLLOWING`` its series ends before it. It stays to be seen, with ``reason``.

    Cancelled again it stays as it is. Refuses: 404, 403 ``owners_only``, and 409 ``already_held`` for one that somebody
    attended and that has ended.
    """
    session, now = session_owned_by(owner, session_id), timezone.now()
    if session.series_id is not None and scope == Scope.FOLLOWING:
        cancel_following(session, reason=reason, now=now)
        return
    session = held(session_id)
    if session.is_standing:
        _cancel_one(session, reason, now)


def held(session_id: int) -> LiveSession:
    """Return the session, held until the commit: who changes it after us sees what we did."""
    found = LiveSession.objects.select_for_update(no_key=True).filter(pk=session_id).first()
    if found is None:
        raise NotThere
    return found


def _change_one(session: LiveSession, values: Mapping[str, Any], now: datetime) -> LiveSession:
    session = held(session.pk)
    if not session.is_standing:
        raise SessionCancelled
    start = values.get("starts_at", session.starts_at)
    times = Times.of(session).changed(distances(values, start))
    changed = told_apart(session, columns_of(values, session.course_id))
    if start != session.starts_at or times != Times.of(session):
        changed |= told_apart(session, _checked(session, times, start, now))
    if not changed:
        return session
    if "ends_at" in changed:
        changed["closed_at"] = None
    return _keep(session, changed, now)


def _checked(session: LiveSession, times: Times, start: datetime, now: datetime) -> dict[str, Any]:
    times.refuse_disorder()
    if start != session.starts_at:
        refuse_far(start, now)
        if attended_among([session.pk]):
            raise AlreadyAttended(attr="starts_at")
    return times.at(start)


def _keep(session: LiveSession, changed: Mapping[str, Any], now: datetime) -> LiveSession:
    for name, value in changed.items():
        setattr(session, name, value)
    session.sequence += 1
    session.is_changed = session.series_id is not None
    session.save(update_fields=[*changed, "sequence", "is_changed", "updated_at"])
    if AttendanceEvent.objects.filter(session=session).exists():
        refold_session(session)
    if session.starts_at > now and is_news(changed):
        tell_moved(session)
    return session


def _cancel_one(session: LiveSession, reason: str, now: datetime) -> None:
    if session.ends_at <= now and attended_among([session.pk]):
        raise AlreadyHeld
    session.state, session.cancel_reason = LiveSession.State.CANCELLED, reason
    session.sequence += 1
    session.save(update_fields=["state", "cancel_reason", "sequence", "updated_at"])
    if session.starts_at > now:
        tell_cancelled(session)
