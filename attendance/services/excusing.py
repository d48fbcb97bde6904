"""Excuses: a learner asks once, and whoever keeps the register decides once."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.api import User
from attendance.access import NotALearner, SessionCancelled, session_owned_by, session_seen_by
from attendance.events import ExcuseAsked, ExcuseDecided
from attendance.models import AttendanceEvent, AttendanceRecord, Excuse, LiveSession, Status
from attendance.selectors.classes import is_in_class
from attendance.services.keeping import keep_events
from e_learning.core.api.errors import Conflict, NotThere
from e_learning.core.events import publish_on_commit


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = _("This excuse was decided already.")


class WasThere(Conflict):
    code = "was_there"
    message = _("The register has you as present: there is nothing to excuse.")


@transaction.atomic
def ask_excuse(*, learner: User, session_id: int, reason: str) -> tuple[Excuse, bool]:
    """Ask to be excused from a session, before or after it; returns the excuse, and whether this call asked it.

    Asked again it is the one that waits, with its first reason. Refuses, in this order: 404, 403 ``not_a_learner``,
    409 ``session_cancelled``, 409 ``already_decided``, 409 ``was_there``.
    """
    session = session_seen_by(learner, session_id)
    if not is_in_class(session, learner.pk):
        raise NotALearner
    if not session.is_standing:
        raise SessionCancelled
    asked = Excuse.objects.filter(session=session, user=learner).first()
    if asked is None:
        if _was_there(session, learner):
            raise WasThere
        asked, is_new = Excuse.objects.get_or_create(session=session, user=learner, defaults={"reason": reason})
        if is_new:
            publish_on_commit(ExcuseAsked(session.pk, session.course_id, session.title, learner.pk))
            return asked, True
    if asked.state != Excuse.State.REQUESTED:
        raise AlreadyDecided
    return asked, False


def _was_there(session: LiveSession, learner: User) -> bool:
    there = [Status.PRESENT, Status.LATE]
    return AttendanceRecord.objects.filter(session=session, user=learner, status__in=there).exists()


@transaction.atomic
def decide_excuse(
    *, owner: User, session_id: int, user_id: int, decision: str, note: str = "", at: datetime | None = None
) -> Excuse:
    """Approve or reject an excuse that waits, and return it; what is approved goes into the register.

    The same decision again changes nothing, not the note either. Refuses: 404 (also where nobody asked), 403
    ``owners_only``, 409 ``already_decided`` the other way. Of two at once the first decides.
    """
    session = session_owned_by(owner, session_id)
    at = at or timezone.now()
    asked = Excuse.objects.filter(session=session, user=user_id)
    waiting = asked.filter(state=Excuse.State.REQUESTED)
    is_ours = waiting.update(state=decision, decided_at=at, decided_by=owner, note=note)
    excuse = asked.select_related("user").first()
    if excuse is None:
        raise NotThere
    if not is_ours and excuse.state != decision:
        raise AlreadyDecided
    if is_ours:
        _carry_out(excuse, session, at)
    return excuse


def _carry_out(excuse: Excuse, session: LiveSession, at: datetime) -> None:
    is_approved = excuse.state == Excuse.State.APPROVED
    if is_approved:
        keep_events(session, [_excused(excuse, at)])
    publish_on_commit(ExcuseDecided(session.pk, session.course_id, session.title, excuse.user_id, is_approved))


def _excused(excuse: Excuse, at: datetime) -> AttendanceEvent:
    return AttendanceEvent(
        session_id=excuse.session_id,
        user_id=excuse.user_id,
        kind=AttendanceEvent.Kind.EXCUSE,
        at=at,
        note=excuse.note,
        actor_id=excuse.decided_by_id,
    )
