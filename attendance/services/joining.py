"""The way into a meeting: an address for one person, good for minutes, that notes who came by it.

Nobody who learns is given the meeting's own address before they go there. The token is signed and stands nowhere; it
is in the query, because paths are logged and queries are not.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.access import NotALearner, SessionCancelled
from attendance.models import AttendanceEvent, LiveSession
from attendance.selectors.seats import Seat, seat_of
from attendance.services.keeping import hold_records, keep_held
from e_learning.core.api.errors import Conflict, NotThere

#: For how long an address is good.
GOOD_FOR = timedelta(minutes=5)
#: Opened again within it (a second tap, a page that reloads), it is the same coming.
SAME_COMING = timedelta(minutes=1)
PROVIDER = "link"
_SALT = "attendance.join"


class NoMeeting(Conflict):
    code = "no_meeting"
    message = _("This class has no meeting to join.")


class NotOpenYet(Conflict):
    code = "not_open_yet"
    message = _("The meeting has not opened yet.")


class AlreadyOver(Conflict):
    code = "already_over"
    message = _("This class is over.")


class JoinAddressEnded(NotThere):
    code = "join_address_ended"
    message = _("This address is not good any more. Open the class again.")


@dataclass(frozen=True, slots=True)
class JoinAddress:
    url: str
    expires_at: datetime


def join_address(*, user: User, session_id: int, now: datetime | None = None) -> JoinAddress:
    """Return an address by which ``user`` comes into the meeting; nothing is noted yet.

    Good for five minutes, and never past the session's end. Refuses: 404; 403 ``not_a_learner`` to whose enrolment
    begins later; 409 ``session_cancelled``, ``no_meeting``, ``not_open_yet``, ``already_over``.
    """
    now = now or timezone.now()
    seat = _open_seat(user, session_id, now)
    expires_at = datetime.fromtimestamp(int(min(now + GOOD_FOR, seat.session.ends_at).timestamp()), UTC)
    token = signing.dumps([session_id, user.pk, int(expires_at.timestamp())], salt=_SALT)
    query = urlencode({"token": token})
    return JoinAddress(f"{settings.PUBLIC_URL}{reverse('attendance-join')}?{query}", expires_at)


def join_meeting(*, token: str, now: datetime | None = None) -> str:
    """Note that whoever the token was given to comes, and return the meeting's own address.

    Everything is asked anew: the account lives, it is enrolled or teaches, the session stands and is open. Who teaches
    and does not learn is in no register. Refuses: 404 ``join_address_ended``, and as ``join_address``.
    """
    now = now or timezone.now()
    session_id, user_id = _read(token, now)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise JoinAddressEnded
    seat = _open_seat(user, session_id, now)
    if seat.learns_at(now):
        _note_coming(seat, now)
    return seat.session.meeting_url


def _open_seat(user: User, session_id: int, now: datetime) -> Seat:
    seat = seat_of(user, session_id)
    session = seat.session
    if not (seat.teaches or seat.learns_at(now)):
        raise NotALearner
    if not session.is_standing:
        raise SessionCancelled
    # A class in a room is attended there: an address that was left in it must not make anybody present from home.
    if not session.meeting_url or session.mode == LiveSession.Mode.IN_PERSON:
        raise NoMeeting
    if now < session.check_in_opens:
        raise NotOpenYet
    if now >= session.ends_at:
        raise AlreadyOver
    return seat


def _read(token: str, now: datetime) -> tuple[int, int]:
    try:
        session_id, user_id, expires = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise JoinAddressEnded from error
    if now.timestamp() >= expires:
        raise JoinAddressEnded
    return session_id, user_id


def _note_coming(seat: Seat, now: datetime) -> None:
    """Keep a coming, unless they came within the minute: the record is held from before that is looked at."""
    with transaction.atomic():
        held = hold_records(seat.session, {seat.user.pk})
        came = AttendanceEvent.objects.filter(session=seat.session, user=seat.user, kind=AttendanceEvent.Kind.JOIN)
        if not came.filter(at__gt=now - SAME_COMING).exists():
            event = AttendanceEvent(session=seat.session, user=seat.user, kind=AttendanceEvent.Kind.JOIN, at=now)
            event.recorded_at, event.provider = now, PROVIDER
            keep_held(seat.session, held, [event])
