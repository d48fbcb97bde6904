"""The nightly task: nothing is lost where it doesn't run, the rows are only of the day before."""

from celery import shared_task

from chatbot.recommendations import services


@shared_task(name="chatbot.learn_neighbours")
def learn_neighbours() -> int:
    """Learn anew which courses are taken together; returns how many pairs are kept."""
    return services.learn_neighbours().pairs
