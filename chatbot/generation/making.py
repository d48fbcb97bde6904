"""What is handed to whoever writes drafts, and what comes back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """A content to write from. ``text`` is all that it says, a paragraph a line; ``language`` as of its course."""

    content_id: int
    title: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many drafts of which kind. Empty ``question_types``: any that can be graded without a person."""

    kind: str
    difficulty: str
    count: int
    question_types: Sequence[str] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A draft that no rule has seen yet. ``body`` as in ``Draft``; ``quote`` is what its writer says it is from."""

    body: dict[str, Any]
    quote: str

    @property
    def asked(self) -> str:
        """What a learner reads first: a question, the front of a card, a summary."""
        return str(self.body.get("question_text") or self.body.get("front") or self.body.get("text", ""))


@dataclass(frozen=True, slots=True)
class Made:
    """A draft that every rule lets through; ``body``, ``quote`` and ``is_by_rule`` as in ``Draft``."""

    body: dict[str, Any]
    quote: str
    is_by_rule: bool


@dataclass(slots=True)
class Making:
    """What was made of a source, at most as many as wanted, and why others were refused: the rule's name → how many."""

    made: list[Made] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
