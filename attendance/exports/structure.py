"""What an export comes to."""

from dataclasses import dataclass
from datetime import datetime


class ExportRefused(ValueError):
    """The file as a whole can't be taken; the text says why, to people."""


@dataclass(frozen=True, slots=True)
class Participation:
    """One stay of somebody in a meeting, from one line of its export (two, where coming and going have their own).

    ``minutes`` is given where the export has totals only; there are no times then. ``left_at`` None beside a
    ``joined_at``: nobody saw them leave. ``is_host``: the meeting was theirs. ``has_waited``: a stay before the door,
    in the waiting room; its times are left out.
    """

    name: str
    email: str
    joined_at: datetime | None
    left_at: datetime | None
    line: int
    minutes: int | None = None
    is_host: bool = False
    has_waited: bool = False


@dataclass(frozen=True, slots=True)
class BadLine:
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Export:
    """Every line below the head of an export is in one of the two."""

    provider: str
    participations: tuple[Participation, ...]
    bad_lines: tuple[BadLine, ...]

    @property
    def has_totals_only(self) -> bool:
        return any(each.minutes is not None for each in self.participations)
