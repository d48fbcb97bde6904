"""Tasks of the catalogue."""

from celery import shared_task
from django.utils import timezone

from courses.catalogue.search import forget_old_searches as forget


@shared_task(name="courses.forget_old_searches")
def forget_old_searches() -> int:
    """Remove remembered searches that nobody is shown any more."""
    return forget(at=timezone.now())
