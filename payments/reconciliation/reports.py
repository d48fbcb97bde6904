"""What a pass of reconciling asked, mended and found."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from payments.reconciliation.audit import Contradiction


@dataclass(frozen=True, slots=True)
class Mended:
    """``what`` names the row ("payment:17"), ``detail`` says what became of it."""

    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that could not be asked about or brought forward; the next pass tries it again."""

    what: str
    error: str


@dataclass(slots=True)
class Report:
    """One pass from ``started_at`` on. ``gateway_error`` is empty where the gateway answered throughout."""

    started_at: datetime
    asked: Counter[str] = field(default_factory=Counter)
    mended: list[Mended] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    gateway_error: str = ""

    @property
    def is_clean(self) -> bool:
        """Say whether everything could be asked, and nothing disagrees now."""
        return not (self.gateway_error or self.failures or self.contradictions)

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "started_at": self.started_at.isoformat(),
            "is_clean": self.is_clean,
            "gateway_error": self.gateway_error,
            "asked": dict(self.asked),
            "mended": [asdict(one) for one in self.mended],
            "failures": [asdict(one) for one in self.failures],
            "contradictions": [asdict(one) for one in self.contradictions],
        }
