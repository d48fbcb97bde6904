"""What generation hears. A wake-up that is lost, the sweep makes good."""

from chatbot.events import DraftsWanted
from chatbot.generation.tasks import run_job
from e_learning.core.wake import wake_on_commit


def on_drafts_wanted(event: DraftsWanted) -> None:
    wake_on_commit(run_job, event.job_id)
