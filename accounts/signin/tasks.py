"""Tasks of signing in."""

from celery import shared_task
from django.utils import timezone

from accounts.signin import services, tickets


@shared_task(name="accounts.forget_ended_sessions")
def forget_ended_sessions() -> int:
    return services.forget_ended_sessions(now=timezone.now())


@shared_task(name="accounts.forget_unused_tickets")
def forget_unused_tickets() -> int:
    return tickets.forget_unused_tickets(now=timezone.now())
