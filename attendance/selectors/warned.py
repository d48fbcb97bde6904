"""Who was warned."""

from django.db.models import QuerySet

from accounts.api import User
from attendance.models import AttendanceWarning


def warnings_seen_by(user: User, *, course: int | None = None) -> QuerySet[AttendanceWarning]:
    """Return warnings with course and learner, latest first: one's own, and those of courses one teaches."""
    rows = AttendanceWarning.objects.filter(**({} if course is None else {"course": course}))
    if not user.is_admin:
        # As in ``excuses_seen_by``: each half by its own index.
        own = AttendanceWarning.objects.filter(user=user).order_by().values("pk")
        taught = AttendanceWarning.objects.filter(course__instructor=user).order_by().values("pk")
        rows = rows.filter(pk__in=own.union(taught))
    return rows.select_related("course", "user").order_by("-warned_at", "-id")
