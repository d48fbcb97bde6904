"""Facts that the tutor announces after the commit."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SevereContentSaid:
    """A flag stands for staff to see. Told again by the sweep while nobody has seen it; what was said is not in it."""

    flag_id: int
    user_id: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftsWanted:
    """A job of drafts was queued."""

    job_id: int
