"""Tasks of conversations. Each only finishes what rows already say."""

from celery import shared_task

from chatbot.conversations import services


@shared_task(name="chatbot.settle_pending")
def settle_pending() -> int:
    """Settle answers that a crash left pending."""
    return services.settle_pending()


@shared_task(name="chatbot.tell_of_unseen_flags")
def tell_of_unseen_flags() -> int:
    """Announce flags that nobody has seen, in case staff was not told of them."""
    return services.tell_of_unseen_flags()
