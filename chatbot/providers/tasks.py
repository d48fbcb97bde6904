"""Tasks of the providers."""

from celery import shared_task
from django.utils import timezone

from chatbot.providers.services import forget_old_calls


@shared_task(name="chatbot.forget_provider_calls")
def forget_provider_calls() -> int:
    """Remove what was written down of calls that nobody compares with any more."""
    return forget_old_calls(at=timezone.now())
