"""Tasks of signing in."""

from celery import shared_task
from django.utils import timezone

from accounts.signin import services


@shared_task(name="accounts.forget_ended_sessions")
def forget_ended_sessions() -> int:
    return services.forget_ended_sessions(now=timezone.now())
