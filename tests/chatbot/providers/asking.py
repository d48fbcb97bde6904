"""Prompts for these tests, and answers taken apart."""

from collections.abc import Iterable
from typing import Any

from chatbot.providers.base import Passage, Piece, Prompt, Turn, Usage

PASSAGE = Passage(1, 1, 1, 1, "Water", "Water boils at a hundred degrees. It freezes at zero.")


def prompt(question: str = "When does water boil?", **more: Any) -> Prompt:
    turns = [Turn("system", f"Answer from this: {PASSAGE.text}"), Turn("user", question)]
    return Prompt(**{"turns": turns, "question": question, "passages": [PASSAGE], **more})


def text_of(parts: Iterable[Piece | Usage]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Piece))


def usage_of(parts: Iterable[Piece | Usage]) -> Usage:
    (usage,) = [part for part in parts if isinstance(part, Usage)]
    return usage
