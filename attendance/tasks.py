"""Tasks of attendance. What must not be lost is a row, and a sweep finds it."""

from celery import shared_task
from django.utils import timezone

from attendance.services import recurring
from attendance.services.closing import close_due_sessions
from attendance.services.linking import note_completions as note_all
from attendance.services.reminding import remind_of_sessions


@shared_task(name="attendance.close_sessions")
def close_sessions() -> int:
    """Close what is due: the rows say which, so a lost run loses nothing."""
    return close_due_sessions(at=timezone.now())


@shared_task(name="attendance.note_completions")
def note_completions(completed: list[tuple[int, int]]) -> None:
    note_all(completed=completed)


@shared_task(name="attendance.remind")
def remind() -> int:
    """Tell of the classes that begin soon: the rows say of which nobody was told."""
    return remind_of_sessions()


@shared_task(name="attendance.extend_series")
def extend_series() -> int:
    return recurring.extend_series()
