"""Tasks of the assessment room."""

from celery import shared_task

from courses.assessment.services import close_expired_attempts as close_all_expired


@shared_task(name="courses.close_expired_attempts")
def close_expired_attempts() -> int:
    """Close attempts whose learners never came back: the rows say which, so a lost run loses nothing."""
    return close_all_expired()
