"""Tasks of the learning room."""

from celery import shared_task

from courses.learning.services import announce_expiries


@shared_task(name="courses.announce_expiries")
def announce_expired_enrollments() -> int:
    """Tell of enrolments that end soon or have ended: the rows say which, so a lost run loses nothing."""
    told = announce_expiries()
    return told.expiring + told.expired
