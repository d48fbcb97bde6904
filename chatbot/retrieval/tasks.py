"""Tasks of the index. Each only hurries along what comparing would find."""

from celery import shared_task

from chatbot.retrieval import services

#: The sweep comes every minute, and leaves the worker to others between.
_MOST_SECONDS = 20


@shared_task(name="chatbot.index_course")
def index_course(course_id: int) -> None:
    services.index_course(course_id=course_id)


@shared_task(name="chatbot.sweep_index")
def sweep_index() -> int:
    """Index what is new or changed, forget what was taken back; returns how many courses that was. Vectors that are
    missing are made after it.
    """
    indexed = services.index_stale_courses(most_seconds=_MOST_SECONDS)
    services.embed_missing(most_seconds=_MOST_SECONDS)
    return indexed
