"""Who asked to be excused."""

from django.db.models import QuerySet

from accounts.api import User
from attendance.models import Excuse, LiveSession


def excuses_seen_by(
    user: User, *, course: int | None = None, session: int | None = None, state: str | None = None
) -> QuerySet[Excuse]:
    """Return excuses with session, course and learner, latest first: one's own, and those of courses one keeps."""
    asked = {"session__course": course, "session": session, "state": state}
    rows = Excuse.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    if not user.is_admin:
        # As a union each half is found by its own index; as one condition with OR every excuse would be asked.
        own = Excuse.objects.filter(user=user).order_by().values("pk")
        kept = Excuse.objects.filter(session__in=LiveSession.objects.owned_by(user)).order_by().values("pk")
        rows = rows.filter(pk__in=own.union(kept))
    return rows.select_related("session__course", "user").order_by("-asked_at", "-id")
