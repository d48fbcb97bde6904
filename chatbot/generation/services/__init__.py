"""Every write of the room."""

from chatbot.generation.services.asking import (
    MOST_UNFINISHED,
    NothingToRead,
    TooManyJobs,
    ask_for_drafts,
    delete_job,
)
from chatbot.generation.services.deciding import (
    DraftDecided,
    accept_drafts,
    edit_draft,
    reject_drafts,
)
from chatbot.generation.services.running import run_job, sweep_jobs
from chatbot.generation.services.topics import jobs_of_topics

__all__ = [
    "MOST_UNFINISHED",
    "DraftDecided",
    "NothingToRead",
    "TooManyJobs",
    "accept_drafts",
    "ask_for_drafts",
    "delete_job",
    "edit_draft",
    "jobs_of_topics",
    "reject_drafts",
    "run_job",
    "sweep_jobs",
]
