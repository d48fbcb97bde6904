"""Every frame of a course's progress socket (API §5)."""

from datetime import datetime
from typing import Annotated

import msgspec

from courses.learning.folding import ProgressUpdate
from e_learning.core.sockets import Id

#: Three years of seconds: more than any content lasts, and well within a column.
MOST_SECONDS = 100_000_000
MOST_INTERVALS = 1000
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=MOST_SECONDS)]
_Moment = Annotated[float, msgspec.Meta(ge=0, le=MOST_SECONDS)]


class UpdateProgress(msgspec.Struct, frozen=True, tag_field="type", tag="progress_update"):
    """From the client, with the fields and the meaning of ``POST progress/update/``."""

    content_id: Id
    last_position: _Seconds
    time_spent: _Seconds
    watched: Annotated[list[tuple[_Moment, _Moment]], msgspec.Meta(max_length=MOST_INTERVALS)] | None = None
    is_completed: bool = False
    client_time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def as_update(self, now: datetime) -> ProgressUpdate:
        """Return what it says; a clock that runs ahead counts as ``now``."""
        watched = None if self.watched is None else [(round(start), round(end)) for start, end in self.watched]
        at = min(self.client_time or now, now)
        return ProgressUpdate(self.content_id, self.last_position, self.time_spent, at, watched, self.is_completed)


class UserProgress(msgspec.Struct, frozen=True, tag_field="type", tag="user_progress"):
    """``user_id`` completed ``content_id`` and has come so far with the course."""

    user_id: int
    content_id: int
    progress_percent: float
