"""Sessions as somebody sees them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import BigIntegerField, Prefetch, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from accounts.api import User
from attendance.models import AttendanceEvent, AttendanceRecord, Excuse, LiveSession
from attendance.models.sessions import LiveSessionRows
from courses.api import enrolled_now
from e_learning.core.api.errors import NotThere


def sessions_shown_to(user: User) -> LiveSessionRows:
    """Return the sessions that the user may see, each with its ``zone``, whether they are a learner of it
    (``is_learner``), and what the register and their excuse say of them (``mine``, ``my_excuses``): three statements.
    """
    zone = Coalesce(
        "series__timezone",
        NullIf("course__attendance_policy__timezone", Value("")),
        "course__instructor__timezone",
    )
    viewer = Value(user.pk, output_field=BigIntegerField())
    rows = LiveSession.objects.visible_to(user).select_related("course", "series").alias(viewer_id=viewer)
    return rows.annotate(zone=zone, is_learner=enrolled_now(user="viewer_id", course="course_id")).prefetch_related(
        Prefetch("records", AttendanceRecord.objects.filter(user=user), to_attr="mine"),
        Prefetch("excuses", Excuse.objects.filter(user=user), to_attr="my_excuses"),
    )


def sessions_listed_for(
    user: User,
    *,
    course: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    status: str | None = None,
    kind: str | None = None,
    upcoming: bool = False,
) -> LiveSessionRows:
    """Return those that begin from ``since`` on and before ``until``, latest first; ``upcoming`` are those that have
    not ended, soonest first.
    """
    wanted = {"course": course, "starts_at__gte": since, "starts_at__lt": until, "state": status, "kind": kind}
    rows = sessions_shown_to(user).filter(**{name: value for name, value in wanted.items() if value is not None})
    if upcoming:
        return rows.filter(ends_at__gt=timezone.now()).order_by("starts_at", "id")
    return rows.order_by("-starts_at", "-id")


def session_shown_to(user: User, session_id: int) -> LiveSession:
    """Return the session as the user sees it. Refuses: 404 to who may not."""
    found = sessions_shown_to(user).filter(pk=session_id).first()
    if found is None:
        raise NotThere
    return found


def attended_among(session_ids: Iterable[int]) -> set[int]:
    """Return those of the sessions at which somebody was seen, or marked.

    What can be said before a class does not count, because it holds whenever the class is: an excuse, also one that was
    set by hand, and that its content was completed.
    """
    said_before = Q(kind="excuse") | Q(status="excused") | Q(kind="auto", status="present")
    rows = AttendanceEvent.objects.filter(session__in=list(session_ids)).exclude(said_before)
    return set(rows.order_by().values_list("session_id", flat=True).distinct())
