"""Checking in: a learner has the code of this moment, and is there.

What decides, in this order: may they be in the register; did they check in before (then the first answer, whatever is
sent now); the clock; the window; whether a place was sent; the code; the limit on wrong codes; where they are; the
device. The last is the database's: one check-in a learner and one learner a device, by two constraints. The session is
held for the writing alone, so whoever is refused keeps nobody waiting; whether it stands and is open is asked again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.access import NotALearner, SessionCancelled
from attendance.codes import matches
from attendance.models import AttendanceEvent, AttendanceRecord, LiveSession
from attendance.places import metres_between
from attendance.selectors.seats import Seat, learners_seat
from attendance.services.keeping import hold_records, hold_session, keep_events, keep_first, keep_held
from e_learning.core.api.errors import Conflict, InvalidInput
from e_learning.core.limits import Limit, refuse_used_up, take

Kind, Place = AttendanceEvent.Kind, AttendanceEvent.Place
#: So far a device's clock may be from ours: within it a check-in is of now, and the server's clock counts.
CLOCKS_DIFFER = timedelta(seconds=60)
#: Kept beside the check-in that counts: the same learner was there with another device.
SECOND_DEVICE = "second_device"


class CheckInNotOpen(Conflict):
    code = "check_in_not_open"
    message = _("Check-in has not opened yet.")


class CheckInClosed(Conflict):
    code = "check_in_closed"
    message = _("Check-in has closed. Ask your teacher.")


class WrongCode(Conflict):
    code = "wrong_code"
    message = _("This code is wrong or has changed. Take the one that is shown now.")


class WrongClock(Conflict):
    code = "wrong_clock"
    message = _("The clock of your device is ahead. Set it right and check in again.")


class SentTooLate(Conflict):
    code = "sent_too_late"
    message = _("This check-in reached us too long after it was made. Ask your teacher.")


class PlaceMissing(InvalidInput):
    code = "required"
    message = _("This class asks where you are.")


class TooFar(Conflict):
    code = "too_far"
    message = _("You are too far from where the class is. Ask your teacher.")


class DeviceInUse(Conflict):
    code = "device_in_use"
    message = _("Somebody else has checked in with this device. Ask your teacher.")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a device says as its owner checks in. Degrees; both or neither. Empty ``device_id``: it does not say."""

    code: str
    latitude: float | None = None
    longitude: float | None = None
    client_time: datetime | None = None
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """What the register says of the learner now, and when they checked in."""

    session_id: int
    status: str | None
    reason: str
    checked_in_at: datetime


def check_in(*, learner: User, session_id: int, claim: Claim, now: datetime | None = None) -> CheckedIn:
    """Note that ``learner`` is there; checked in before, return the first answer.

    One statement for a repeat; the first time also one to hold the session, and two for the record and the event. What
    a person should see is kept though it is refused: too far away, another's device, a second device.

    Refuses: 404; 403 ``not_a_learner``; 409 ``session_cancelled``, ``wrong_clock``, ``sent_too_late``,
    ``check_in_not_open``, ``check_in_closed``, ``wrong_code``, ``too_far``, ``device_in_use``; 400 without the place
    that the class asks for; 429 after too many wrong codes, for the right one too.
    """
    now = now or timezone.now()
    seat = learners_seat(learner, session_id, now)
    event = AttendanceEvent(
        session=seat.session, user=learner, kind=Kind.CHECK_IN, at=now, recorded_at=now, client_time=claim.client_time
    )
    event.device_hash = device_hash(session_id, claim.device_id)
    if seat.came_at is not None:
        if event.device_hash and seat.device_hash not in ("", event.device_hash) and SECOND_DEVICE not in seat.flags:
            keep_events(seat.session, [_refused(event, SECOND_DEVICE)])
        return CheckedIn(session_id, seat.status or None, seat.reason, seat.came_at)
    event.at = _counted_from(seat, claim.client_time, now)
    event.place = _place_of(seat.session, claim)
    _refuse_wrong_code(seat, claim.code, event.at)
    if event.place == Place.OUTSIDE and seat.session.mode == LiveSession.Mode.IN_PERSON:
        keep_events(seat.session, [_refused(event, TooFar.code)])
        raise TooFar
    return _keep(seat, event)


def device_hash(session_id: int, device_id: str) -> str:
    """Return by what a device is known within a session, and in no other; empty for one that does not say."""
    if not device_id:
        return ""
    return salted_hmac("attendance.devices", f"{session_id}:{device_id}", algorithm="sha256").hexdigest()


def _counted_from(seat: Seat, client_time: datetime | None, now: datetime) -> datetime:
    """Return when the check-in counts as made: now, or when a device without a connection says that it was.

    What a device says is a claim: it is taken for as long as the course's policy grants, needs the code of its moment,
    and shows in the register as made offline.
    """
    at = now
    if client_time is not None and client_time > now + CLOCKS_DIFFER:
        raise WrongClock
    if client_time is not None and client_time < now - CLOCKS_DIFFER:
        if now - client_time > timedelta(minutes=seat.offline_grace_minutes):
            raise SentTooLate
        at = client_time
    _refuse_outside_window(seat.session, at)
    if not seat.learns_at(at):
        raise NotALearner
    return at


def _refuse_outside_window(session: LiveSession, at: datetime) -> None:
    if not session.is_standing:
        raise SessionCancelled
    if at < session.check_in_opens:
        raise CheckInNotOpen
    if at > session.check_in_closes:
        raise CheckInClosed


def _place_of(session: LiveSession, claim: Claim) -> AttendanceEvent.Place:
    """Return where the learner says to be. The coordinates are kept nowhere: they are children's whereabouts."""
    latitude, longitude, radius_m = session.latitude, session.longitude, session.radius_m
    if session.mode == LiveSession.Mode.ONLINE or latitude is None or longitude is None or radius_m is None:
        return Place.NOT_ASKED
    if claim.latitude is None or claim.longitude is None:
        if session.mode == LiveSession.Mode.IN_PERSON:
            raise PlaceMissing(attr="latitude")
        return Place.NOT_ASKED
    metres = metres_between(latitude, longitude, claim.latitude, claim.longitude)
    return Place.INSIDE if metres <= radius_m else Place.OUTSIDE


def _refuse_wrong_code(seat: Seat, code: str, at: datetime) -> None:
    """Count a wrong code and refuse it; while too many were wrong refuse the right one too.

    Right ones are not counted, so a phone that sends one thirty times gets thirty answers. Nothing that only a right
    code leads to is answered before.
    """
    limit, key = Limit.of("check_in"), f"{seat.session.pk}:{seat.user.pk}"
    if not matches(seat.session.pk, code, at):
        take(limit, key)
        raise WrongCode
    refuse_used_up(limit, key)


def _keep(seat: Seat, event: AttendanceEvent) -> CheckedIn:
    """Keep the event. Nearly always it is a learner's first, and then event and record are just put in."""
    if not seat.has_record:
        try:
            return _keep_first(event)
        except IntegrityError:  # at the same moment the learner tapped twice, or somebody else had the device
            pass
    return _keep_beside(event)


def _keep_first(event: AttendanceEvent) -> CheckedIn:
    with transaction.atomic():
        hold_session(event.session)
        _refuse_outside_window(event.session, event.at)  # it may have been moved or cancelled since it was looked at
        record = keep_first(event)
    return _answer(record, event)


def _keep_beside(event: AttendanceEvent) -> CheckedIn:
    """Keep the event beside what is noted already; where a constraint refuses it, find out which."""
    session, user_id = event.session, event.user_id
    with transaction.atomic():
        held = hold_records(session, {user_id})
        _refuse_outside_window(session, event.at)
        keep_held(session, held, [event])
        first = _check_in_that_counts(event)
        if first is None:
            keep_held(session, held, [_refused(event, DeviceInUse.code)])
        elif event.device_hash and first.device_hash not in ("", event.device_hash):
            keep_held(session, held, [_refused(event, SECOND_DEVICE)])
    if first is None:
        raise DeviceInUse
    return _answer(held[user_id], first)


def _check_in_that_counts(event: AttendanceEvent) -> AttendanceEvent | None:
    mine = AttendanceEvent.objects.filter(session=event.session, user=event.user)
    return mine.filter(kind=Kind.CHECK_IN, refusal="").first()


def _refused(event: AttendanceEvent, code: str) -> AttendanceEvent:
    """Return ``event`` as one that counts for nothing. Only whose device it was is kept of a device: one row a learner
    and reason, however many devices somebody makes up.
    """
    return AttendanceEvent(
        session=event.session,
        user=event.user,
        kind=event.kind,
        at=event.recorded_at,
        recorded_at=event.recorded_at,
        client_time=event.client_time,
        place=event.place,
        device_hash=event.device_hash if code == DeviceInUse.code else "",
        refusal=code,
    )


def _answer(record: AttendanceRecord, first: AttendanceEvent) -> CheckedIn:
    return CheckedIn(first.session_id, record.status or None, record.reason, first.at)
