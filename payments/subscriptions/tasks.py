"""Tasks of the subscriptions room."""

from celery import shared_task

from payments.subscriptions import services


@shared_task(name="payments.settle_ended_subscriptions")
def settle_ended_subscriptions() -> int:
    """Tidy up after entitlements that have run out: the rows say which, so a lost run loses nothing."""
    return services.settle_ended_subscriptions()
