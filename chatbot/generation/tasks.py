"""Tasks of generation. Each only goes on with what rows already say."""

from celery import shared_task

from chatbot.generation import services
from e_learning.core.wake import wake_on_commit

#: Then the worker is left to others, and the job goes on behind them.
_MOST_SECONDS = 20


@shared_task(name="chatbot.run_job")
def run_job(job_id: int) -> None:
    if services.run_job(job_id=job_id, most_seconds=_MOST_SECONDS):
        wake_on_commit(run_job, job_id)


@shared_task(name="chatbot.sweep_jobs")
def sweep_jobs() -> int:
    """Go on with jobs that a crash left; returns how many were taken up."""
    return services.sweep_jobs(most_seconds=_MOST_SECONDS)
